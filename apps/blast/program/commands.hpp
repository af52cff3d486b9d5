// The subcommands of migbench-blast.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace migbench::blast {

using Action = std::function<int()>;

/// Each adds its subcommand; `chosen` becomes what is to be run.
void add_generate(CLI::App& app, Action& chosen);
void add_cut(CLI::App& app, Action& chosen);
void add_search(CLI::App& app, Action& chosen, const std::vector<std::string>& argv);
void add_original(CLI::App& app, Action& chosen, const std::vector<std::string>& argv);

}  // namespace migbench::blast
