// The network between the nodes of a local site.
#pragma once

#include <filesystem>
#include <list>
#include <string>

#include "harness/site/nodes/node.hpp"

namespace migbench {

/// A bridge in the head's namespace (the first of `nodes`) and to each other node two cables: its
/// own address on kNodeLink, and kUplink into its own bridge. Throws Error.
void connect_nodes(const SitePlan& plan, const std::list<NodeProcess>& nodes);

/// Asks again for an address that did not answer after 10 ms instead of 1 s: a fresh namespace
/// knows no neighbours, and a pause of 140 ms would read as 1.1 s. `link`: in the calling thread's
/// network namespace.
void retry_neighbours_soon(const std::string& link);

/// TCP sends again what was lost in an outage soon after its end, in the calling thread's network
/// namespace: every 200 ms where little is on its way, as of MPI's small messages, and at most a
/// second apart. Usually each loss doubles the wait, up to 2 minutes: with many moves in a row it
/// outgrows them all.
void retransmit_soon();

/// The site's /etc/hosts, with its head and nodes; and one more line for a container or a guest:
/// false, and no line, where the address is taken; InputError where the name is.
/// Written in place, since every node has the file itself bound over its /etc/hosts.
void write_hosts(const std::filesystem::path& site, const SitePlan& plan);
[[nodiscard]] bool add_host(const std::filesystem::path& site, const std::string& name,
                            const std::string& address);
void remove_host(const std::filesystem::path& site, const std::string& name,
                 const std::string& address);

}  // namespace migbench
