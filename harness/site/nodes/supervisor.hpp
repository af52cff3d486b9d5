// The process that holds a local site: it makes it, waits for the end of whoever asked for it, and
// takes it all away.
//
// It is a process of its own so that the site goes also when the harness is killed: the harness
// holds one end of a socket, and its closing, by whatever death, is the order to take the site
// down. Should the supervisor itself be killed, the kernel kills the nodes (PR_SET_PDEATHSIG), and
// the next start sweeps the rest.
#pragma once

namespace migbench {

/// Reads a SitePlan from the control socket, makes the site, answers with a SiteMade (or
/// {"error"}), and returns when it has been taken down.
void supervise(int control);

/// Makes and drops at once what nodes are made of, in namespaces that this process moves into.
/// Throws Error that names what is missing.
void try_namespaces();

}  // namespace migbench
