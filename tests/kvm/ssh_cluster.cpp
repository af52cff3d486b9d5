#include <migbench_have.hpp>

#if MIGBENCH_HAVE_LIBVIRT

#include <thread>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "harness/programs.hpp"
#include "tests/kvm/ssh_cluster.hpp"

namespace migbench {

namespace fs = std::filesystem;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

void make_key(const fs::path& file) {
  const Finished made =
      run({{"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.string()}}, 10s);
  INFO(describe(made));
  REQUIRE(made.ok());
}

Process start_sshd(const Node& node, const SshKey& key) {
  const fs::path file = key.directory() / (node.name() + ".sshd");
  write_text(file,
             fmt::format("ListenAddress {}\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\n"
                         "UsePAM no\nUseDNS no\nPidFile none\nPermitRootLogin yes\n",
                         node.address(), key.host_key().string(), key.authorized().string()));
  (void)said(node, {"mkdir", "-p", "/run/sshd"});
  return node.start({{find_program("sshd").string(), "-D", "-e", "-f", file.string()}});
}

void wait_for_sshd(const Site& site, const Node& node) {
  Finished asked;
  for (int i = 0; i < 100; ++i) {
    asked = site.head().run({{"ssh", "root@" + node.address(), "true"}}, 10s);
    if (asked.ok()) return;
    std::this_thread::sleep_for(50ms);
  }
  FAIL(describe(asked));
}

}  // namespace

void need_ssh() {
  need_programs({"ssh", "ssh-keygen", "sshd"});
}

SshKey::SshKey(Site& site) : directory_(site.scratch() / "ssh") {
  fs::create_directories(directory_);
  make_key(directory_ / "id");
  make_key(host_key());
  const fs::path configuration = directory_ / "config";
  write_text(configuration, fmt::format("IdentityFile {}\nUserKnownHostsFile /dev/null\n"
                                        "StrictHostKeyChecking no\nLogLevel ERROR\n",
                                        (directory_ / "id").string()));
  // Over the machine's own, seen by the site's places only.
  const std::vector<std::string> bind{"mount", "--bind", configuration.string(),
                                      "/etc/ssh/ssh_config"};
  (void)said(site.head(), bind);
  for (const auto& node : site.nodes())
    (void)said(*node, bind);
}

SshCluster::SshCluster(int nodes) : site_(kvm_site(nodes)), key_(std::make_unique<SshKey>(*site_)) {
  for (const auto& node : site_->nodes()) {
    sshds_.push_back(start_sshd(*node, *key_));
    daemons_.push_back(
        std::make_unique<libvirt::Daemon>(*node, site_->scratch() / "libvirt" / node->name()));
    const fs::path socket = daemons_.back()->directory() / "run/libvirt-sock";
    (void)said(*node, {"mkdir", "-p", "/run/libvirt"});
    (void)said(*node, {"ln", "-s", socket.string(), "/run/libvirt/libvirt-sock"});
  }
  for (const auto& node : site_->nodes())
    wait_for_sshd(*site_, *node);
}

std::vector<json> SshCluster::run(const json& experiments) const {
  json hosts = json::array();
  for (const auto& node : site_->nodes())
    hosts.push_back({{"host", "root@" + node->address()}, {"name", node->name()}});
  const fs::path plan = site_->scratch() / "plan.json", runs = site_->scratch() / "runs";
  // An emulated guest that has to answer 2000 packets a second does nothing else.
  json slower = experiments;
  for (json& experiment : slower)
    experiment["probe"] = {{"interval", "5ms"}};
  write_json(plan, {{"schema", "migbench-plan/1"},
                    {"name", "cluster"},
                    {"site", {{"kind", "ssh"}, {"nodes", hosts}, {"network", "10.77.0.0/24"}}},
                    {"repetitions", {{"fewest", 1}, {"most", 1}, {"failures", 1}}},
                    {"settle", "200ms"},
                    {"deadline", "100s"},
                    {"experiments", slower}});
  const Finished finished = site_->head().run(
      {{find_program("migbench").string(), "run", plan.string(), "--runs", runs.string()}}, 240s);
  INFO(describe(finished) << finished.out);
  std::vector<json> records;
  for (const auto& entry : fs::recursive_directory_iterator(runs)) {
    if (entry.path().parent_path().filename() == "records") records.push_back(read_json(entry));
  }
  REQUIRE_FALSE(records.empty());
  return records;
}

}  // namespace migbench

#endif
