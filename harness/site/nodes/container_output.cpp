#include "harness/site/nodes/container_output.hpp"

#include <array>
#include <cerrno>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/site/nodes/place_table.hpp"

namespace migbench {
namespace {

UniqueFd make_file(const std::filesystem::path& path) {
  return open_or_throw(path.string(), O_RDWR | O_CREAT | O_TRUNC, 0644);
}

/// Whether standard input has something to give: a file or a pipe, not a terminal or /dev/null.
bool has_input() {
  struct stat facts {};
  return ::fstat(0, &facts) == 0 && (S_ISREG(facts.st_mode) || S_ISFIFO(facts.st_mode));
}

void spool_input(const UniqueFd& file) {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = ::read(0, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    if (!write_all(file.get(), buffer.data(), static_cast<std::size_t>(got)))
      throw system_error("write the standard input to a file");
  }
}

}  // namespace

ContainerOutput::ContainerOutput(std::filesystem::path site, std::string place)
    : site_(std::move(site)), place_(std::move(place)) {
  std::string pattern = (site_ / "streams" / "XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw system_error("mkdtemp " + pattern);
  directory_ = pattern;
  out_ = {make_file(directory_ / "out"), 1};
  err_ = {make_file(directory_ / "err"), 2};
}

ContainerOutput::~ContainerOutput() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void ContainerOutput::wrap(ExecRequest& request) {
  request.out = (directory_ / "out").string();
  request.err = (directory_ / "err").string();
  if (has_input()) {
    const auto path = directory_ / "in";
    spool_input(make_file(path));
    request.in = path.string();
  }
  std::vector<std::string> argv{(site_ / "container-init").string(), "--run",
                                (directory_ / "status").string(), "--"};
  argv.insert(argv.end(), request.argv.begin(), request.argv.end());
  request.argv = std::move(argv);
}

void ContainerOutput::copy(const Stream& stream) {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = ::read(stream.file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    // Where nobody reads the output any more the command goes on, as it would with a file.
    (void)write_all(stream.to, buffer.data(), static_cast<std::size_t>(got));
  }
}

bool ContainerOutput::ended() {
  std::ifstream file(directory_ / "status");
  std::string line;
  // The newline is written last: a line that is not whole yet is none.
  if (!std::getline(file, line) || file.eof()) return false;
  status_ = std::stoi(line);
  return true;
}

bool ContainerOutput::pump() {
  const bool over = ended();  // looked at first: what was printed before the end is then all there
  copy(out_);
  copy(err_);
  if (!over && !read_place(site_, place_))
    throw Error(fmt::format("{}: the container went away while the command ran", place_));
  return over;
}

}  // namespace migbench
