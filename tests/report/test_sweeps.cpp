// Lines through sweeps, with data whose truth is known.
#include "harness/report/report.hpp"
#include "tests/catch.hpp"
#include "tests/report/run_builder.hpp"

using namespace migbench;
using nlohmann::json;

namespace {

/// The only sweep of a run in which a machine's migration took `ms(i)` at the i-th value.
template <class Milliseconds>
json sweep_over(const char* parameter, const std::vector<std::string>& values, Milliseconds ms) {
  const TemporaryDirectory directory;
  RunBuilder run(directory.path());
  std::vector<const Cell*> cells;
  for (const std::string& value : values)
    cells.push_back(&run.cell("kvm", "idle", "kvm-live", {{parameter, value}}));
  for (int trial = 0; trial < 6; ++trial) {
    for (std::size_t i = 0; i < cells.size(); ++i)
      run.record(*cells[i],
                 {{"migration-time", json::object(), ms(i) + trial, "ms", Better::lower}});
  }
  const json report = make_report(run.write());
  REQUIRE(report.at("sweeps").size() == 1);
  return report.at("sweeps").at(0);
}

}  // namespace

TEST_CASE("migration time over memory: fixed cost and cost of a GiB") {
  const std::vector<double> gib{0.125, 0.25, 0.5, 1, 2};
  const json fit = sweep_over("guest_memory", {"128MiB", "256MiB", "512MiB", "1GiB", "2GiB"},
                              [&](std::size_t i) { return 900 + 400 * gib[i]; });
  CHECK(fit.at("per") == "GiB");
  CHECK(fit.at("points") == 5);
  CHECK(fit.at("fixed").at("value").get<double>() == Approx(902.5).epsilon(0.002));
  CHECK(fit.at("slope").at("value").get<double>() == Approx(400).epsilon(0.002));
  CHECK(fit.at("misfit").get<double>() < 0.01);
}

TEST_CASE("migration time over the link's rate is a line over the time of a GiB") {
  const std::vector<double> gbit{0.5, 1, 2, 4};
  // A quarter of a GiB is sent: 8.59 Gbit a GiB.
  const auto ms = [&](std::size_t i) { return 1000 + 0.25 * 8589.934592 / gbit[i]; };
  const json fit = sweep_over("link_rate", {"500Mbit", "1Gbit", "2Gbit", "4Gbit"}, ms);
  CHECK(fit.at("per") == "(s/GiB)");
  CHECK(fit.at("fixed").at("value").get<double>() == Approx(1002.5).epsilon(0.002));
  CHECK(fit.at("slope").at("value").get<double>() == Approx(250).epsilon(0.002));
}
