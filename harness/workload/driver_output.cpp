#include "harness/workload/driver_output.hpp"

#include <cstddef>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

/// One past the brace that closes the object at `begin`; npos where the text ends before it.
std::size_t end_of_object(std::string_view text, std::size_t begin) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t at = begin; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

nlohmann::json find_driver_document(const Finished& finished, std::string_view program) {
  const std::string_view text = finished.out;
  for (std::size_t begin = text.find('{'); begin != std::string_view::npos;
       begin = text.find('{', begin + 1)) {
    if (begin > 0 && text[begin - 1] != '\n') continue;
    const std::size_t end = end_of_object(text, begin);
    if (end == std::string_view::npos) continue;
    auto found = nlohmann::json::parse(text.substr(begin, end - begin), nullptr, false);
    if (found.is_object() && found.value("program", nlohmann::json()) == program) return found;
  }
  return nullptr;
}

nlohmann::json require_driver_document(const Finished& finished, std::string_view program) {
  if (!finished.ok()) throw Error(describe(finished));
  auto document = find_driver_document(finished, program);
  if (document.is_null()) {
    throw Error(fmt::format("{} printed no JSON document{}: {}", program,
                            finished.truncated ? " that is whole (its output was cut)" : "",
                            describe(finished)));
  }
  return document;
}

}  // namespace migbench
