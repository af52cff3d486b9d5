// memory-writer: one process with so much memory, rewritten at such a rate, whose pages are
// checked.
#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/units.hpp"
#include "harness/programs.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/parameter.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr std::string_view kProgram = "migbench-memory-writer";

class MemoryWriter : public Workload {
 public:
  [[nodiscard]] std::string_view name() const override { return "memory-writer"; }
  [[nodiscard]] std::string_view summary() const override {
    return "holds memory, rewrites it at a rate, and checks that no page was lost or torn";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override {
    if (!look_for_program(kProgram).empty()) return std::nullopt;
    return Unsupported{.reason = fmt::format("{} is not there", kProgram),
                       .remedy = "build it: scripts/build.sh builds all programs"};
  }
  [[nodiscard]] json defaults() const override {
    return {{"memory", "4MiB"}, {"rate", "0"}, {"duration", "3s"}};
  }
  [[nodiscard]] Job job(const json& parameters) const override {
    const auto text = [&parameters](const char* name) {
      return parameter<std::string>(parameters, name);
    };
    (void)parse_bytes(text("memory"));
    (void)parse_bytes(text("rate"));
    (void)parse_duration(text("duration"));
    const auto path = look_for_program(kProgram);
    Job job;
    job.program.argv = {path.empty() ? std::string(kProgram) : path.string(),
                        "--memory",
                        text("memory"),
                        "--rate",
                        text("rate"),
                        "--duration",
                        text("duration"),
                        "--json",
                        "-"};
    job.can_last = true;
    return job;
  }
  [[nodiscard]] std::vector<Metric> metrics(const json& /*parameters*/,
                                            const Finished& finished) const override {
    const json result = require_driver_document(finished, kProgram).value("result", json());
    try {
      if (!result.at("intact").get<bool>()) {
        throw Error(fmt::format("memory was damaged: {} pages while it ran, {} at the end; {}",
                                result.at("bad_pages_while_running").dump(),
                                result.at("bad_pages_at_end").dump(),
                                result.at("first_bad").dump()));
      }
      return {{.name = "rewrite-rate",
               .point = json::object(),
               .value = result.at("rate_reached_bytes_per_second").get<double>() / 1e6,
               .unit = "MB/s",
               .better = Better::higher}};
    } catch (const json::exception& error) {
      throw Error(fmt::format("the document of {} is not what this version writes: {}", kProgram,
                              error.what()));
    }
  }
  [[nodiscard]] json document(const Finished& finished) const override {
    return find_driver_document(finished, kProgram);
  }
};

MIGBENCH_REGISTER(Workload, MemoryWriter);

}  // namespace
}  // namespace migbench
