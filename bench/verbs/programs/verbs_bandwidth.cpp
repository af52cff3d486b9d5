// migbench-verbs-bandwidth: bytes and messages a second of RDMA operations between two hosts.
#include "bench/verbs/run.hpp"

int main(int argc, char** argv) {
  return migbench::verbs::run_verbs_program(migbench::verbs::Mode::bandwidth, argc, argv);
}
