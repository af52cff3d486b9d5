// memory-writer: one process with so much memory, rewritten at such a rate, whose pages are
// checked.
#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/workload/driver.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/parameter.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr std::string_view kMemoryWriter = "migbench-memory-writer";

std::vector<Metric> memory_metrics(const json& result) {
  if (!result.at("intact").get<bool>()) {
    throw Error(fmt::format("memory was damaged: {} pages while it ran, {} at the end; {}",
                            result.at("bad_pages_while_running").dump(),
                            result.at("bad_pages_at_end").dump(), result.at("first_bad").dump()));
  }
  return {{"rewrite-rate", json::object(),
           result.at("rate_reached_bytes_per_second").get<double>() / 1e6, "MB/s", Better::higher}};
}

class MemoryWriter : public Workload {
 public:
  [[nodiscard]] std::string_view name() const override { return "memory-writer"; }
  [[nodiscard]] std::string_view summary() const override {
    return "holds memory, rewrites it at a rate, and checks that no page was lost or torn";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override {
    return check_driver(kMemoryWriter);
  }
  [[nodiscard]] json defaults() const override {
    return {{"memory", "4MiB"}, {"rate", "0"}, {"duration", "3s"}};
  }
  [[nodiscard]] Job job(const json& parameters) const override {
    Job job;
    job.program.argv = {driver_word(kMemoryWriter),
                        "--memory",
                        bytes_text(parameters, "memory"),
                        "--rate",
                        bytes_text(parameters, "rate"),
                        "--duration",
                        duration_text(parameters, "duration"),
                        "--json",
                        "-"};
    job.can_last = true;
    return job;
  }
  [[nodiscard]] std::vector<Metric> metrics(const json& /*parameters*/,
                                            const Finished& finished) const override {
    return read_document(finished, kMemoryWriter, [](const json& document) {
      return memory_metrics(document.at("result"));
    });
  }
  [[nodiscard]] json document(const Finished& finished) const override {
    return find_driver_document(finished, kMemoryWriter);
  }
};

MIGBENCH_REGISTER(Workload, MemoryWriter);

}  // namespace
}  // namespace migbench
