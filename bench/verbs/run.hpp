// The whole program, on either side.
#pragma once

#include <string>
#include <vector>

#include "bench/error.hpp"
#include "bench/verbs/options.hpp"

namespace migbench::verbs {

/// `main` of both drivers.
[[nodiscard]] int run_verbs_program(Mode mode, int argc, char** argv);

/// Measures all sizes with the server at options.host. Throws InputError and Error.
[[nodiscard]] ExitCode run_client(const Options& options, const std::vector<std::string>& argv);
/// Serves one client, whatever it measures. Throws InputError and Error.
[[nodiscard]] ExitCode run_server(const Options& options);

}  // namespace migbench::verbs
