// What a guest that did not come up wrote on its console.
#pragma once

#include <string>
#include <string_view>

namespace migbench::guest {

/// For the end of an error: what the console shows to be the cause, with its remedy, where that is
/// known ("it ran out of memory as it booted: ..."), and the console's last lines otherwise.
[[nodiscard]] std::string explain_console(std::string_view console);

}  // namespace migbench::guest
