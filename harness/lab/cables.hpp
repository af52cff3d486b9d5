// How the lab's hosts are joined.
#pragma once

#include <filesystem>

#include "harness/lab/lab_site.hpp"

namespace migbench::lab {

/// Plugs the cards of the host with this number (from 0) in. Two nodes are joined by a cable for
/// each card; else there is a hub in the first node for each network, with a cable to every other
/// node. `scratch`: where the cables' sockets are.
void plug_in(LabHostOptions& host, const LabSite::Settings& settings,
             const std::filesystem::path& scratch, int node);

}  // namespace migbench::lab
