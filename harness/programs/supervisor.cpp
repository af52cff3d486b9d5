// migbench-supervisor: holds one local site. Started by the harness with a control socket as its
// descriptor 3; not for use by hand, except `migbench-supervisor --check`, which says whether this
// machine can make virtual nodes.
#include "harness/site/nodes/supervisor.hpp"

#include <string_view>

#include "bench/error.hpp"
#include "bench/program.hpp"

int main(int argc, char** argv) {
  return migbench::run_program("migbench-supervisor", [&] {
    constexpr int kControl = 3;
    if (argc == 2 && std::string_view(argv[1]) == "--check") {
      migbench::try_namespaces();
    } else if (argc == 1) {
      migbench::supervise(kControl);
    } else {
      throw migbench::InputError("usage: migbench-supervisor --check");
    }
    return 0;
  });
}
