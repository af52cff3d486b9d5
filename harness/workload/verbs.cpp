#include "harness/workload/verbs.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <migbench_have.hpp>

#include "bench/units.hpp"
#include "harness/workload/driver.hpp"
#include "harness/workload/parameter.hpp"
#include "harness/workload/sizes.hpp"

namespace migbench {
namespace {

using nlohmann::json;

std::string program_of(std::string_view mode) {
  return driver_word(fmt::format("migbench-verbs-{}", mode));
}

void add(Command& command, const char* option, const std::string& value) {
  command.argv.insert(command.argv.end(), {option, value});
}

/// Each side's own choice of a device; the same on both.
void add_where(Command& command, const json& parameters) {
  const auto device = parameter<std::string>(parameters, "device");
  if (!device.empty()) add(command, "--device", device);
  if (const int port = whole_parameter(parameters, "ib_port", 0, 255); port > 0)
    add(command, "--ib-port", std::to_string(port));
  if (const int gid = whole_parameter(parameters, "gid_index", -1, 1023); gid >= 0)
    add(command, "--gid-index", std::to_string(gid));
  if (const auto roce = one_of(parameters, "roce", {"", "v1", "v2"}); !roce.empty())
    add(command, "--roce", roce);
  if (const auto huge = one_of(parameters, "huge_pages", {"", "2MiB", "1GiB"}); !huge.empty())
    add(command, "--huge-pages", huge);
}

void add_what(Command& command, const json& parameters) {
  const std::string sizes = sizes_text(parameters);
  (void)parse_sizes(sizes);
  add(command, "--sizes", sizes);
  add(command, "--operation",
      one_of(parameters, "operation", {"write", "read", "write-imm", "send"}));
  add(command, "--transport", one_of(parameters, "transport", {"rc", "uc", "ud"}));
  add(command, "--connection", one_of(parameters, "connection", {"tcp", "cm"}));
  add(command, "--completion", one_of(parameters, "completion", {"polling", "events"}));
  add(command, "--qps", std::to_string(whole_parameter(parameters, "qps", 1, 1024)));
  add(command, "--depth", std::to_string(whole_parameter(parameters, "depth", 1, 8192)));
  if (const int inlined = whole_parameter(parameters, "inline", -1, 65536); inlined >= 0)
    add(command, "--inline", std::to_string(inlined));
  if (const int mtu = whole_parameter(parameters, "mtu", 0, 4096); mtu > 0)
    add(command, "--mtu", std::to_string(mtu));
  add(command, "--service-level",
      std::to_string(whole_parameter(parameters, "service_level", 0, 15)));
  if (parameter<bool>(parameters, "srq")) command.argv.emplace_back("--srq");
}

void add_how_long(Command& command, const json& parameters) {
  add(command, "--budget", duration_text(parameters, "budget"));
  const auto precision = parameter<double>(parameters, "precision");
  if (!(precision >= 0 && precision <= 1))
    throw InputError(fmt::format("parameter \"precision\": {} is not within 0 and 1", precision));
  add(command, "--precision", fmt::format("{}", precision));
  add(command, "--samples", std::to_string(whole_parameter(parameters, "samples", 0, 1'000'000)));
}

bool has_device() {
  std::error_code failed;
  return !std::filesystem::is_empty("/sys/class/infiniband", failed) && !failed;
}

}  // namespace

Support check_verbs_programs() {
#if !(MIGBENCH_HAVE_IBVERBS && MIGBENCH_HAVE_RDMACM)
  return Unsupported{"this build has no verbs drivers: libibverbs or librdmacm was not found",
                     "apt-get install libibverbs-dev librdmacm-dev, then build again"};
#else
  for (const char* program : {"migbench-verbs-latency", "migbench-verbs-bandwidth"})
    if (auto missing = check_driver(program)) return missing;
  return std::nullopt;
#endif
}

Support check_verbs(const Site* site) {
  if (auto missing = check_verbs_programs()) return missing;
  // Nodes of a cluster have devices of their own; what is missing there the drivers say.
  if (site != nullptr && site->kind() != "local") return std::nullopt;
  if (!has_device()) {
    return Unsupported{
        "this machine has no RDMA device",
        "load the driver of its card, or make a software one where the kernel has it: modprobe "
        "rdma_rxe && rdma link add rxe0 type rxe netdev eth0 (docs/verbs.md)"};
  }
  return std::nullopt;
}

json verbs_defaults(std::string_view sizes) {
  return {{"sizes", sizes},
          {"operation", "write"},
          {"transport", "rc"},
          {"connection", "tcp"},
          {"completion", "polling"},
          {"qps", 1},
          {"depth", 128},
          {"inline", -1},
          {"mtu", 0},
          {"service_level", 0},
          {"srq", false},
          {"device", ""},
          {"ib_port", 0},
          {"gid_index", -1},
          {"roce", ""},
          {"huge_pages", ""},
          {"budget", "200ms"},
          {"precision", 0.02},
          {"samples", 1000},
          {"instances", 2}};
}

Job verbs_job(std::string_view mode, const json& parameters) {
  Job job;
  job.instances = whole_parameter(parameters, "instances", 1, 2);
  job.server.argv = {program_of(mode), "--wait", "30s"};
  add_where(job.server, parameters);
  job.program.argv = {program_of(mode), "{server}"};
  add_where(job.program, parameters);
  add_what(job.program, parameters);
  add_how_long(job.program, parameters);
  job.program.argv.insert(job.program.argv.end(), {"--json", "-"});
  return job;
}

}  // namespace migbench
