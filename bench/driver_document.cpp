#include "bench/driver_document.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "bench/document.hpp"

namespace migbench {

void deliver_document(const nlohmann::json& document, const std::string& to) {
  if (to.empty()) return;
  if (to != "-") {
    write_json(to, document);
    return;
  }
  // A host's name or a path need not be UTF-8: that must not lose a measurement.
  fmt::print("{}\n", document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  if (std::fflush(stdout) != 0) throw system_error("cannot write to standard output");
}

ExitCode judge_contents(const nlohmann::json& document, const std::string& program,
                        const std::string& suspect) {
  const auto corrupt = document.find("corrupt");
  if (corrupt == document.end()) return ExitCode::ok;
  for (const nlohmann::json& what : *corrupt) {
    fmt::print(stderr,
               "{}: wrong contents arrived: {}: the size was not measured, since {} or its memory "
               "is broken\n",
               program, what.get<std::string>(), suspect);
  }
  return ExitCode::failed;
}

}  // namespace migbench
