// migbench-rsh-agent: mpirun's remote shell on a local site (plm_rsh_agent, plm_ssh_agent).
//
//   migbench-rsh-agent SITE HOST COMMAND...
//
// COMMAND is for a shell, as with ssh. In a container it is started as a descendant of the
// container's process 1 and not waited for, so that the rank can be moved with it.
#include <string>

#include "bench/error.hpp"
#include "bench/program.hpp"
#include "harness/site/nodes/exec_client.hpp"

int main(int argc, char** argv) {
  return migbench::run_program("migbench-rsh-agent", [&] {
    if (argc < 4) throw migbench::InputError("usage: migbench-rsh-agent SITE HOST COMMAND...");
    std::string command;
    for (int i = 3; i < argc; ++i)
      command += (i == 3 ? "" : " ") + std::string(argv[i]);
    return migbench::exec_at({.site = argv[1],
                              .place = argv[2],
                              .argv = {"/bin/sh", "-c", command},
                              .directory = "/",
                              .detached = true});
  });
}
