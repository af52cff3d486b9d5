// A local site for a test, or the test is skipped where the machine cannot make one.
#pragma once

#include <memory>

#include <nlohmann/json.hpp>

#include "harness/registry.hpp"
#include "harness/site/site.hpp"
#include "tests/catch.hpp"

namespace migbench {

inline std::unique_ptr<Site> local_site(const nlohmann::json& settings) {
  const SiteKind& kind = Registry<SiteKind>::instance().at("local", "site");
  if (const Support missing = kind.check(settings))
    skip_test(missing->reason + "; " + missing->remedy);
  return kind.bring_up(settings);
}

}  // namespace migbench
