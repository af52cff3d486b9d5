// How this very binary was built, and its hash: equal hashes prove that the same code was compared.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace migbench::npb {

[[nodiscard]] std::string_view build_compiler();
[[nodiscard]] std::string_view build_flags();
/// "x86-64-v4": the instruction set that it was compiled for, "native" or "default".
[[nodiscard]] std::string_view build_isa();

/// {"compiler", "flags", "isa", "lanes", "binary": {"path", "bytes", "sha256"}}
[[nodiscard]] nlohmann::json build_document();

}  // namespace migbench::npb
