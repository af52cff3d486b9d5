#include "harness/site/ssh/ssh_site.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/programs.hpp"
#include "harness/site/mpi_launch.hpp"
#include "harness/workload/driver_output.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

constexpr Nanoseconds kSshDeadline = std::chrono::seconds(60);
/// Any driver's document tells of its host; this one is done at once.
constexpr std::string_view kTeller = "migbench-memory-writer";

/// The harness's machine.
class Here final : public Place {
 public:
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& address() const override { return address_; }
  [[nodiscard]] Command enter(const Command& command) const override { return command; }
  void copy_to(const fs::path& here, const fs::path& there) const override { copy(here, there); }
  void copy_from(const fs::path& there, const fs::path& here) const override { copy(there, here); }
  [[nodiscard]] bool shares_clock() const override { return true; }

 private:
  static void copy(const fs::path& from, const fs::path& to) {
    if (from == to) return;
    fs::create_directories(to.parent_path());
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  std::string name_ = "head";
  std::string address_ = "127.0.0.1";
};

fs::path make_scratch() {
  std::string path = (fs::temp_directory_path() / "migbench-ssh-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw system_error("make " + path);
  return path;
}

nlohmann::json ask(const SshHost& host) {
  const auto program = look_for_program(kTeller);
  const Command command{{program.empty() ? std::string(kTeller) : program.string(), "--memory",
                         "4KiB", "--duration", "1ms", "--json", "-"},
                        {},
                        {}};
  const Finished finished = run(ssh_command(host.target, command), kSshDeadline);
  if (!finished.ok())
    throw Error(fmt::format(
        "{} cannot be used: {}; it needs a login without a password (ssh-copy-id), migbench at the "
        "same path as here or in the PATH of ssh's commands, and setpriv (util-linux)",
        host.name, describe(finished)));
  return read_document(finished, kTeller, [](const auto& document) { return document.at("host"); });
}

/// mpirun's remote shell, AGENT NAME COMMAND...: mpirun knows hosts by their names in the plan. Any
/// other name is of a guest, which has a script of its own in `guests`.
std::string agent_script(const std::vector<std::unique_ptr<Node>>& nodes, const fs::path& guests) {
  std::string script = "#!/bin/sh\nhost=$1\nshift\ncase \"$host\" in\n";
  for (const auto& node : nodes) {
    const SshTarget& target = dynamic_cast<const SshNode&>(*node).target();
    script +=
        fmt::format("  {}) exec {} {} \"$*\" ;;\n", node->name(),
                    shell_quote({ssh_words(target), {}, {}}), shell_quote({{target.host}, {}, {}}));
  }
  return script +
         fmt::format("esac\nexec {}/\"$host\" \"$*\"\n", shell_quote({{guests.string()}, {}, {}}));
}

}  // namespace

std::string guest_host_name(std::string address) {
  std::replace(address.begin(), address.end(), '.', '-');
  return "guest-" + address;
}

SshNode::SshNode(SshHost host) : host_(std::move(host)), machine_(ask(host_)) {}

Command SshNode::enter(const Command& command) const {
  return ssh_command(host_.target, command);
}

void SshNode::copy_to(const fs::path& here, const fs::path& there) const {
  ssh_put(host_.target, here, there);
}

void SshNode::copy_from(const fs::path& there, const fs::path& here) const {
  ssh_get(host_.target, there, here);
}

nlohmann::json SshNode::facts() const {
  return {{"name", name()},
          {"address", address()},
          {"ssh", shell_quote({{host_.target.host}, {}, {}})},
          {"host", machine_}};
}

int SshNode::cores() const {
  const auto cpu = machine_.value("cpu", nlohmann::json::object());
  const auto logical = cpu.value("logical", nlohmann::json());
  return logical.is_number_integer() ? logical.get<int>() : 0;
}

SshSite::SshSite(const SshSettings& settings)
    : network_(settings.network), head_(std::make_unique<Here>()) {
  for (const SshHost& host : settings.hosts) {
    auto node = std::make_unique<SshNode>(host);
    cores_ = nodes_.empty() ? node->cores() : std::min(cores_, node->cores());
    nodes_.push_back(std::move(node));
  }
  scratch_ = make_scratch();
  fs::create_directories(scratch_ / "guests");
  write_text(scratch_ / "agent", agent_script(nodes_, scratch_ / "guests"));
}

SshSite::~SshSite() {
  std::error_code gone;
  fs::remove_all(scratch_, gone);
}

void SshSite::know_guest(const std::string& name, const std::vector<std::string>& before) const {
  const fs::path script = scratch_ / "guests" / name;
  write_text(script,
             fmt::format("#!/bin/sh\nexec {} sh -c \"$1\"\n", shell_quote({before, {}, {}})));
  fs::permissions(script, fs::perms::owner_all);
}

void SshSite::forget_guest(const std::string& name) const {
  std::error_code gone;
  fs::remove(scratch_ / "guests" / name, gone);
}

Command SshSite::mpi_command(const MpiJob& job) const {
  return mpi_command_line(
      job,
      // MPI's daemons end where the agent's first word is no program on their host.
      {.agent = "/bin/sh " + (scratch_ / "agent").string(),
       .network = network_,
       .cores = cores_,
       .shared_machine = false},
      mpi_version());
}

nlohmann::json SshSite::facts() const {
  nlohmann::json machines = nlohmann::json::array();
  for (const auto& node : nodes_)
    machines.push_back(node->facts());
  return {{"kind", kind()},
          {"nodes", nodes_.size()},
          {"network", network_.empty() ? nlohmann::json() : nlohmann::json(network_)},
          {"machines", machines},
          {"labels", labels()}};
}

}  // namespace migbench
