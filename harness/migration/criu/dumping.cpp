#include "harness/migration/criu/dumping.hpp"

#include <cerrno>
#include <vector>

#include <poll.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"

namespace migbench::criu {
namespace {

/// Why the destination has spoken where it should not have.
std::string peer_reason(Channel& channel) {
  std::string body;
  try {
    const auto head = channel.receive(body, deadline_now_ns() + 100'000'000, -1);
    if (head && head->word == Word::abort) return body;
  } catch (const Error& error) {
    return error.what();
  }
  return "its agent closed the connection";
}

}  // namespace

Options dump_options(const AgentSettings& settings, const Workspace& workspace, int images,
                     const std::string& log) {
  Options options;
  options.images_dir = images;
  options.work_dir = workspace.logs_descriptor();
  options.log_file = log;
  options.log_level = settings.log_level;
  options.pid = settings.pid;
  options.external = settings.external;
  options.network_lock = settings.network_lock;
  return options;
}

std::uint64_t wait_for_service(const Service& service, PagePipes* pages, Channel& channel,
                               std::int64_t deadline_ns, int cancel) {
  std::uint64_t bytes = 0;
  for (;;) {
    std::vector<pollfd> watched{
        {service.descriptor(), POLLIN, 0}, {channel.descriptor(), POLLIN, 0}, {cancel, POLLIN, 0}};
    if (pages != nullptr) pages->watch(watched);
    const std::int64_t left = (deadline_ns - deadline_now_ns()) / 1'000'000;
    if (left <= 0) throw Error("the deadline passed while criu dumped");
    if (::poll(watched.data(), watched.size(), static_cast<int>(left) + 1) < 0) {
      if (errno != EINTR) throw system_error("poll");
      continue;
    }
    if (pages != nullptr) bytes += pages->forward(channel, watched, deadline_ns, cancel);
    if (watched[1].revents != 0) throw Error("the destination gave up: " + peer_reason(channel));
    if (watched[2].revents != 0) throw Error("the harness asked to stop, or has ended");
    if (watched[0].revents != 0) return bytes;
  }
}

}  // namespace migbench::criu
