#include "harness/migration/criu/images.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/migration/criu/precopy.hpp"

namespace migbench::criu {
namespace {

/// CRIU numbers the pages images of a dump from 1, one for each process and shared memory segment.
/// What is beyond these is an ordinary file and sent when the dump is complete.
constexpr unsigned kPipes = 64;
/// The most that an unprivileged pipe may hold (pipe-max-size's default).
constexpr int kPipeBytes = 1 << 20;
/// Numbers of ordinary files begin here.
constexpr std::uint32_t kFirstFile = 1000;
/// By this link CRIU finds the images that a dump builds upon (CR_PARENT_LINK).
constexpr const char* kParent = "parent";

void link_to_parent(const std::filesystem::path& directory, const std::string& parent) {
  std::filesystem::create_directory_symlink(parent, directory / kParent);
}

}  // namespace

PagePipes::PagePipes(const std::filesystem::path& directory, const std::string& prefix)
    : directory_(directory), buffer_(kPipeBytes, '\0') {
  for (unsigned number = 1; number <= kPipes; ++number) {
    const std::string image = fmt::format("pages-{}.img", number);
    make_fifo(directory / image);
    Pipe pipe;
    pipe.name = prefix + image;
    pipe.number = number;
    pipe.reader = open_or_throw((directory / image).string(), O_RDONLY | O_NONBLOCK);
    pipes_.push_back(std::move(pipe));
  }
  // Only the first is worth it: most moved trees have one big process, and a user's pipes together
  // may not hold much.
  ::fcntl(pipes_.front().reader.get(), F_SETPIPE_SZ, kPipeBytes);
}

void PagePipes::watch(std::vector<pollfd>& watched) {
  first_watched_ = watched.size();
  for (const Pipe& pipe : pipes_)
    watched.push_back({pipe.reader.get(), POLLIN, 0});
}

std::uint64_t PagePipes::drain(Pipe& pipe, Channel& channel, std::int64_t deadline_ns, int cancel,
                               bool to_the_end) {
  std::uint64_t bytes = 0;
  do {
    const ssize_t got = ::read(pipe.reader.get(), buffer_.data(), buffer_.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) pipe.reader.reset();  // CRIU has closed it; polled on, it would be ready for ever
    if (got <= 0) return bytes;
    if (!pipe.announced)
      channel.send({.word = Word::file, .file = pipe.number}, pipe.name, deadline_ns, cancel);
    pipe.announced = true;
    const auto size = static_cast<std::size_t>(got);
    channel.send({.word = Word::data, .file = pipe.number},
                 std::string_view(buffer_).substr(0, size), deadline_ns, cancel);
    bytes += size;
  } while (to_the_end);
  return bytes;
}

std::uint64_t PagePipes::forward(Channel& channel, const std::vector<pollfd>& watched,
                                 std::int64_t deadline_ns, int cancel) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < pipes_.size(); ++i) {
    if (pipes_[i].reader && watched[first_watched_ + i].revents != 0)
      bytes += drain(pipes_[i], channel, deadline_ns, cancel, false);
  }
  return bytes;
}

std::uint64_t PagePipes::finish(Channel& channel, std::int64_t deadline_ns, int cancel) {
  std::uint64_t bytes = 0;
  for (Pipe& pipe : pipes_) {
    if (pipe.reader) bytes += drain(pipe, channel, deadline_ns, cancel, true);
  }
  return bytes;
}

void PagePipes::remove() const {
  for (const Pipe& pipe : pipes_)
    std::filesystem::remove(directory_ / std::filesystem::path(pipe.name).filename());
}

std::uint64_t send_images(const std::filesystem::path& directory, const std::string& prefix,
                          Channel& channel, std::int64_t deadline_ns, int cancel) {
  std::uint64_t bytes = 0;
  std::uint32_t number = kFirstFile;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    channel.send({.word = Word::file, .file = ++number}, prefix + entry.path().filename().string(),
                 deadline_ns, cancel);
    std::ifstream file(entry.path(), std::ios::binary);
    std::string buffer(1UL << 20U, '\0');
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
           file.gcount() > 0) {
      const auto size = static_cast<std::size_t>(file.gcount());
      channel.send({.word = Word::data, .file = number}, std::string_view(buffer).substr(0, size),
                   deadline_ns, cancel);
      bytes += size;
    }
    if (file.bad()) throw Error(entry.path().string() + ": cannot be read to its end");
  }
  return bytes;
}

void ImageWriter::make_round(int round) {
  const auto directory = workspace_.images() / round_directory(round);
  std::filesystem::create_directory(directory);
  if (rounds_ > 0) link_to_parent(directory, "../" + round_directory(rounds_));
  rounds_ = round;
}

void ImageWriter::link_rounds() const {
  if (rounds_ > 0) link_to_parent(workspace_.images(), round_directory(rounds_));
}

void ImageWriter::take(const Head& head, const std::string& body) {
  if (head.word == Word::file) {
    if (const int round = round_of(body); round > rounds_) make_round(round);
    if (body == kInventory) {
      inventory_number_ = head.file;
      return;
    }
    files_[head.file] =
        open_or_throw((workspace_.images() / body).string(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    return;
  }
  bytes_ += body.size();
  if (inventory_number_ != 0 && head.file == inventory_number_) {
    inventory_ += body;
    return;
  }
  const auto file = files_.find(head.file);
  if (file == files_.end()) throw Error("data of an image that was not announced");
  for (std::size_t done = 0; done < body.size();) {
    const ssize_t wrote = ::write(file->second.get(), body.data() + done, body.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0)
      throw system_error("write images to " + workspace_.images().string(),
                         "it needs as much space as the workload has memory");
    done += static_cast<std::size_t>(wrote);
  }
}

}  // namespace migbench::criu
