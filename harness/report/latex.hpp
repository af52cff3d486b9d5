// Text for LaTeX.
#pragma once

#include <string>
#include <string_view>

namespace migbench::latex {

/// The ten characters that LaTeX reads as commands, and line breaks, made harmless. A '[' is put
/// into braces, since a row that begins with one would be read as the option of the '\\' before it.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace migbench::latex
