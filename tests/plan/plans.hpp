// Plans for tests, made of the fake parts.
#pragma once

#include <string>
#include <vector>

#include "harness/plan/expand.hpp"
#include "harness/plan/overrides.hpp"
#include "harness/plan/plan.hpp"

namespace migbench::testing {

inline const std::string kPlan = R"({
  // a comment
  "schema": "migbench-plan/1",
  "name": "fakes",
  "site": {"kind": "fake", "nodes": 2},
  "seed": 7,
  "experiments": [
    {"name": "one", "environment": "fake", "workload": "fake-work",
     "parameters": {"memory": ["1MiB", "2MiB"], "size": 8}}
  ]
}
)";

inline std::vector<Cell> cells_of(const std::string& text,
                                  const std::vector<std::string>& sets = {}) {
  auto plan = parse_plan_text(text, "test.json");
  for (const auto& assignment : sets)
    override_plan(plan, assignment);
  return expand(read_plan(std::move(plan)));
}

/// A plan with this one experiment.
inline std::string with_experiment(const std::string& experiment) {
  return R"({"schema": "migbench-plan/1", "name": "t", "site": {"kind": "fake"}, "experiments": [)" +
         experiment + "]}";
}

/// The message of the exception that `call` throws; empty where it throws none.
template <class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

}  // namespace migbench::testing
