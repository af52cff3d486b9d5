// The technique `job-checkpoint`: a whole MPI job on one node, mpirun and its ranks, is dumped,
// ended, copied and restored: what ompi-checkpoint and ompi-restart did, by today's means. All of
// the job stands still meanwhile, as it did with BLCR.
#include "harness/migration/criu_move.hpp"

namespace migbench {
namespace {

class JobCheckpoint : public Technique {
 public:
  [[nodiscard]] std::string_view name() const override { return "job-checkpoint"; }
  [[nodiscard]] std::string_view summary() const override {
    return "CRIU: a whole job on one node, with its files in /tmp and /dev/shm";
  }
  [[nodiscard]] std::vector<std::string_view> environments() const override { return {"criu"}; }
  [[nodiscard]] bool moves_whole_jobs() const override { return true; }
  [[nodiscard]] Support check(const Site* site) const override { return check_criu_move(site); }
  [[nodiscard]] std::vector<std::string_view> parameters() const override {
    return {"images", "image_directory"};
  }
  [[nodiscard]] std::unique_ptr<Migration> prepare(const MoveRequest& request) const override {
    return prepare_criu_move(request, criu_move_options(request.parameters));
  }
};

MIGBENCH_REGISTER(Technique, JobCheckpoint);

}  // namespace
}  // namespace migbench
