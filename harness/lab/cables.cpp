#include "harness/lab/cables.hpp"

#include <fmt/format.h>

namespace migbench::lab {

namespace fs = std::filesystem;

namespace {

/// QEMU's frames over a unix socket. The first node has the server's end.
std::string cable(const fs::path& scratch, const std::string& name, bool server) {
  return fmt::format("stream,id={{}},{},addr.type=unix,addr.path={}",
                     server ? "server=on" : "server=off,reconnect-ms=100",
                     (scratch / ("cable-" + name)).string());
}

}  // namespace

void plug_in(LabHostOptions& host, const LabSite::Settings& settings, const fs::path& scratch,
             int node) {
  for (int card = 0; card < kCards; ++card) {
    const int network = settings.joined ? 0 : card;
    host.networks.push_back(settings.nodes == 2 && !settings.joined
                                ? cable(scratch, fmt::format("{}", card), node == 0)
                                : fmt::format("hubport,id={{}},hubid={}", network));
  }
  if (settings.nodes == 2 && !settings.joined) return;
  for (int network = 0; network < (settings.joined ? 1 : kCards); ++network) {
    for (int other = 1; other < settings.nodes; ++other) {
      if (node != 0 && node != other) continue;
      const std::string id = fmt::format("up{}-{}", network, other);
      host.extra.insert(
          host.extra.end(),
          {"-netdev", fmt::format(fmt::runtime(cable(scratch, id, node == 0)), id), "-netdev",
           fmt::format("hubport,id=hub-{0},hubid={1},netdev={0}", id, network)});
    }
  }
}

}  // namespace migbench::lab
