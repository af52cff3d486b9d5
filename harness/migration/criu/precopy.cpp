#include "harness/migration/criu/precopy.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/migration/criu/dumping.hpp"
#include "harness/migration/criu/report.hpp"

namespace migbench::criu {
namespace {

constexpr std::string_view kPrefix = "round-";
constexpr const char* kPreDumpLog = "pre-dump.log";

}  // namespace

std::string round_directory(int round) {
  return fmt::format("{}{}", kPrefix, round);
}

int round_of(const std::string& image) {
  const auto slash = image.find('/');
  const std::string name = slash == std::string::npos ? image : image.substr(slash + 1);
  int round = 0;
  bool good = !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
  if (good && slash != std::string::npos) {
    const std::string_view directory = std::string_view(image).substr(0, slash);
    const auto digits = directory.substr(std::min(directory.size(), kPrefix.size()));
    std::from_chars(digits.data(), digits.data() + digits.size(), round);
    good = round > 0 && directory == round_directory(round);
  }
  if (!good) throw Error("an image with the name '" + image + "'");
  return round;
}

bool PreCopy::enough() const noexcept {
  return round_ >= settings_.rounds || (round_ > 0 && last_written_ <= settings_.threshold);
}

std::string PreCopy::parent() const {
  return round_ == 0 ? "" : round_directory(round_);
}

nlohmann::json PreCopy::make(Channel& channel, std::int64_t deadline_ns, int cancel) {
  const std::int64_t start = deadline_now_ns();
  ++round_;
  const auto directory = workspace_.images() / round_directory(round_);
  std::filesystem::create_directory(directory);
  std::uint64_t bytes = pre_dump(directory, channel, deadline_ns, cancel);
  if (settings_.shared_images.empty())
    bytes += send_images(directory, round_directory(round_) + "/", channel, deadline_ns, cancel);
  const auto statistics = read_statistics(workspace_.logs() / "stats-dump");
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  last_written_ = page * (statistics.is_object() ? statistics.value("pages_written", 0UL) : 0);
  return {{"event", "round"},
          {"round", round_},
          {"start", start},
          {"bytes", bytes},
          {"statistics", statistics}};
}

std::string PreCopy::request(int images) const {
  Options options = dump_options(settings_, workspace_, images, kPreDumpLog);
  options.track_memory = true;
  if (round_ > 1) options.parent_images = "../" + round_directory(round_ - 1);
  return make_request(Request::pre_dump, options);
}

std::uint64_t PreCopy::pre_dump(const std::filesystem::path& directory, Channel& channel,
                                std::int64_t deadline_ns, int cancel) {
  // In this order: where something fails, closed pipes make CRIU end before it is waited for.
  Service service(settings_.criu, namespaces_);
  std::optional<PagePipes> pages;
  if (settings_.shared_images.empty()) pages.emplace(directory, round_directory(round_) + "/");
  const UniqueFd images = open_or_throw(directory.string(), O_RDONLY | O_DIRECTORY);
  service.send(request(images.get()));
  std::uint64_t bytes = 0;
  for (bool done = false; !done;) {
    bytes += wait_for_service(service, pages ? &*pages : nullptr, channel, deadline_ns, cancel);
    const auto message = service.receive();
    if (!message || (message->last && !message->success))
      throw Error(fmt::format("criu pre-dump: {}", log_errors(workspace_.logs() / kPreDumpLog)));
    done = message->last;
    if (!done) service.answer(true);
  }
  if (!pages) return bytes;
  bytes += pages->finish(channel, deadline_ns, cancel);
  // The next pre-dump looks into this one's page maps and opens the pages beside them, which would
  // wait at a pipe for ever; where there is no file it takes it for an empty one.
  pages->remove();
  return bytes;
}

}  // namespace migbench::criu
