// migbench-verbs-latency: half round trips of RDMA operations between two hosts.
#include "bench/verbs/run.hpp"

int main(int argc, char** argv) {
  return migbench::verbs::run_verbs_program(migbench::verbs::Mode::latency, argc, argv);
}
