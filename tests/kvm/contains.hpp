// Catch2 3 calls version 2's Contains for texts ContainsSubstring.
#pragma once

#include <string>

#include "tests/catch.hpp"

namespace migbench {

#if __has_include(<catch2/catch_all.hpp>)
inline auto Contains(const std::string& part) {
  return Catch::Matchers::ContainsSubstring(part);
}
#else
inline auto Contains(const std::string& part) {
  return Catch::Matchers::Contains(part);
}
#endif

}  // namespace migbench
