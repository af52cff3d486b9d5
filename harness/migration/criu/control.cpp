#include "harness/migration/criu/control.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"

namespace migbench::criu {

void Control::read_some() {
  std::array<char, 4096> buffer;
  const ssize_t got = ::read(in_, buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    gone_ = true;
    return;
  }
  text_.append(buffer.data(), static_cast<std::size_t>(got));
}

std::optional<nlohmann::json> Control::next() {
  const auto end = text_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  const std::string line = text_.substr(0, end);
  text_.erase(0, end + 1);
  auto object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) throw Error("a control line that is no JSON object: " + line);
  return object;
}

std::optional<nlohmann::json> Control::wait(std::int64_t deadline_ns) {
  for (;;) {
    if (auto line = next()) return line;
    const std::int64_t left = (deadline_ns - deadline_now_ns()) / 1'000'000;
    if (gone_ || left <= 0) return std::nullopt;
    pollfd watched{in_, POLLIN, 0};
    if (::poll(&watched, 1, static_cast<int>(std::min<std::int64_t>(left + 1, 1'000'000))) > 0)
      read_some();
  }
}

void Control::say(nlohmann::json event) {
  if (!event.contains("at")) event["at"] = deadline_now_ns();
  const std::string line =
      event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t wrote = ::write(out_, line.data() + done, line.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return;
    done += static_cast<std::size_t>(wrote);
  }
}

}  // namespace migbench::criu
