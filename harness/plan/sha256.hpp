// SHA-256 (FIPS 180-4): names cells, seals the plan of a run, and identifies executables, so that a
// reader can check them with sha256sum.
#pragma once

#include <string>
#include <string_view>

namespace migbench {

/// 64 hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view data);

}  // namespace migbench
