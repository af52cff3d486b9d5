#pragma once

#include <string>

namespace migbench {

[[nodiscard]] std::string version();  ///< "0.1.0"
[[nodiscard]] std::string
commit();  ///< "1a2b3c4d5e6f" or "1a2b3c4d5e6f-dirty", "unknown" outside a checkout
[[nodiscard]] std::string version_line(const std::string& program);  ///< what --version prints

}  // namespace migbench
