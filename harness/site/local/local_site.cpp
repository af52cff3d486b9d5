#include "harness/site/local/local_site.hpp"

#include <array>
#include <csignal>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/programs.hpp"
#include "harness/site/mpi_launch.hpp"
#include "harness/site/nodes/network.hpp"
#include "harness/site/nodes/place_table.hpp"
#include "harness/site/spawn.hpp"

namespace migbench {
namespace {

constexpr int kFirstFreeHost = 101, kLastFreeHost = 250;
constexpr Nanoseconds kBringUpDeadline = std::chrono::seconds(30);
constexpr Nanoseconds kTakeDownDeadline = std::chrono::seconds(20);

/// "10.77.0." of "10.77.0.1".
std::string network_of(const std::string& address) {
  return address.substr(0, address.rfind('.') + 1);
}

/// Waits for a child's end; false where it did not come.
bool wait_for_exit(pid_t pid, Nanoseconds deadline) {
  const std::int64_t until = deadline_now_ns() + deadline.count();
  while (::waitpid(pid, nullptr, WNOHANG) == 0) {
    if (deadline_now_ns() >= until) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

}  // namespace

LocalSite::LocalSite(SiteMade made, UniqueFd control)
    : made_(std::move(made)),
      control_(std::move(control)),
      scratch_(made_.directory / "scratch"),
      exec_(find_program("migbench-exec")),
      agent_(find_program("migbench-rsh-agent")),
      head_(std::make_unique<LocalNode>(*this, made_.head)) {
  for (const NodeMade& node : made_.nodes)
    nodes_.push_back(std::make_unique<LocalNode>(*this, node));
}

LocalSite::~LocalSite() {
  if (!control_) return;
  control_.reset();  // the order to take it down
  if (!wait_for_exit(made_.supervisor, kTakeDownDeadline))
    fmt::print(stderr, "migbench: the site {} was not taken down within {}\n",
               made_.directory.string(), format_duration(kTakeDownDeadline));
}

Command LocalSite::enter(const std::string& place, const Command& command,
                         const std::filesystem::path& cgroup) const {
  Command entering;
  entering.argv = {exec_.string(), "--site", made_.directory.string(), "--at", place};
  if (!command.directory.empty())
    entering.argv.insert(entering.argv.end(), {"--directory", command.directory.string()});
  if (!cgroup.empty()) entering.argv.insert(entering.argv.end(), {"--cgroup", cgroup.string()});
  entering.argv.emplace_back("--");
  entering.argv.insert(entering.argv.end(), command.argv.begin(), command.argv.end());
  entering.env = command.env;
  return entering;
}

Command LocalSite::mpi_command(const MpiJob& job) const {
  const MpiLaunch launch{.agent = agent_.string() + " " + made_.directory.string(),
                         .network = network_of(head_->address()) + "0/24",
                         .cores = static_cast<int>(std::thread::hardware_concurrency()),
                         .shared_machine = true};
  return mpi_command_line(job, launch, mpi_version());
}

nlohmann::json LocalSite::facts() const {
  return {
      {"kind", kind()},
      {"nodes", nodes_.size()},
      {"network", network_of(head_->address()) + "0/24"},
      {"link", "veth pairs to a bridge on the head"},
      {"neighbour_retry_ms", 10},
      {"tcp_retransmission", "linear for thin streams, at most 1 s apart"},
      {"cgroup", made_.cgroup.empty() ? nlohmann::json() : nlohmann::json(made_.cgroup.string())},
      {"labels", labels()}};
}

std::string LocalSite::take_address(const std::string& name, const std::string& wanted) {
  check_host_name(name);
  if (read_place(made_.directory, name))
    throw InputError(fmt::format("the site has a place '{}' already", name));
  const std::string network = network_of(head_->address());
  if (!wanted.empty()) {
    if (network_of(wanted) != network)
      throw InputError(fmt::format("{} is not in the site's network {}0/24", wanted, network));
    if (!add_host(made_.directory, name, wanted))
      throw InputError(fmt::format("the site has the address {} already", wanted));
    return wanted;
  }
  for (int host = kFirstFreeHost; host <= kLastFreeHost; ++host) {
    std::string address = network + std::to_string(host);
    if (!add_host(made_.directory, name, address)) continue;
    return address;
  }
  throw Error(fmt::format("the site's network {}0/24 has no free address left", network));
}

void LocalSite::give_back_address(const std::string& name, const std::string& address) {
  remove_host(made_.directory, name, address);
}

std::unique_ptr<LocalSite> make_local_site(const SitePlan& plan) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw system_error("socketpair");
  UniqueFd control(ends[0]);
  UniqueFd theirs(ends[1]);
  const Command command{
      .argv = {find_program("migbench-supervisor").string()}, .env = {}, .directory = "/"};
  SpawnRequest request{.command = command};
  request.new_session = true;        // a terminal's Ctrl-C is not for it
  request.dies_with_parent = false;  // its work begins when the parent dies
  request.keep = theirs.get();
  const pid_t supervisor = spawn(request);
  theirs.reset();

  const auto give_up = [&](const std::string& why) {
    control.reset();
    if (!wait_for_exit(supervisor, kTakeDownDeadline)) ::kill(supervisor, SIGKILL);
    return Error("bring up a local site: " + why);
  };
  nlohmann::json answer;
  send_message(control.get(), to_json(plan));
  pollfd ready{control.get(), POLLIN, 0};
  const std::int64_t until = deadline_now_ns() + kBringUpDeadline.count();
  while (::poll(&ready, 1, 100) <= 0 && deadline_now_ns() < until) {
  }
  if (ready.revents == 0)
    throw give_up(fmt::format("it does not stand after {}", format_duration(kBringUpDeadline)));
  if (!receive_message(control.get(), answer)) throw give_up("its supervisor ended without a word");
  if (answer.contains("error")) throw give_up(answer["error"].get<std::string>());
  // A site with a name is nobody's: it stays when the object goes.
  return std::make_unique<LocalSite>(site_made(answer),
                                     plan.name.empty() ? std::move(control) : UniqueFd{});
}

}  // namespace migbench
