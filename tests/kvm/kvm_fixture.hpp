// Virtual machines for tests, or the test is skipped where this machine cannot have them.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/environment/environment.hpp"
#include "harness/migration/technique.hpp"
#include "harness/programs.hpp"
#include "tests/catch.hpp"
#include "tests/kvm/contains.hpp"
#include "tests/site/local_fixture.hpp"

namespace migbench {

/// A local site on which `kvm` can be had.
inline std::unique_ptr<Site> kvm_site(int nodes) {
  const Environment& kvm = Registry<Environment>::instance().at("kvm", "environment");
  if (const Support missing = kvm.check(nullptr))
    skip_test(missing->reason + "; " + missing->remedy);
  return local_site({{"nodes", nodes}});
}

/// Of a process, by its directory of /proc; empty where it ended meanwhile, which an iterator over
/// the file would throw for.
inline std::string command_line_of(const std::filesystem::path& process) {
  std::ifstream file(process / "cmdline");
  std::ostringstream line;
  line << file.rdbuf();
  return line.str();
}

/// Or the test is skipped; to be asked before anything is made.
inline void need_programs(const std::vector<const char*>& programs) {
  for (const char* program : programs) {
    if (look_for_program(program).empty())
      skip_test(std::string(program) + " is not installed; scripts/setup.sh packages-test");
  }
}

inline std::unique_ptr<Instance> machine_on(
    Site& site, std::size_t node, const std::string& name,
    const nlohmann::json& parameters = nlohmann::json::object()) {
  const Environment& kvm = Registry<Environment>::instance().at("kvm", "environment");
  return kvm.bring_up(site, {name, site.nodes().at(node).get(), parameters});
}

inline MoveResult move(Site& site, Instance& instance, std::size_t to, const std::string& technique,
                       const nlohmann::json& parameters = nlohmann::json::object(),
                       Nanoseconds deadline = std::chrono::seconds(60)) {
  const Technique& how = Registry<Technique>::instance().at(technique, "technique");
  return how.prepare({&site, &instance, site.nodes().at(to).get(), parameters, deadline})->move();
}

/// What a command in the guest printed, without the last newline.
inline std::string said(const Place& place, std::vector<std::string> argv) {
  const Finished finished = place.run({std::move(argv), {}, {}}, std::chrono::seconds(30));
  INFO(describe(finished));
  REQUIRE(finished.ok());
  std::string text = finished.out;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

}  // namespace migbench
