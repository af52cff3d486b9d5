// One trial: instances brought up, the workload started, moved and probed, its result read, and all
// of it taken down again.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/plan/cell.hpp"
#include "harness/run/kept_instances.hpp"
#include "harness/run/provenance.hpp"
#include "harness/run/record.hpp"
#include "harness/site/site.hpp"

namespace migbench {

struct TrialRequest {
  Site* site = nullptr;
  const Cell* cell = nullptr;
  int trial = 1;
  int sequence = 0;
  std::string run;
  const nlohmann::json* provenance = nullptr;
  ExecutableHashes* hashes = nullptr;
  KeptInstances* kept = nullptr;  ///< null: instances are the trial's own
};

/// The user's Ctrl-C or SIGTERM came while the trial ran: it was ended, and there is no record.
struct TrialInterrupted {};

/// Whatever goes wrong in the trial, a parameter that the environment refuses included, is in the
/// record (outcome `failed` with the reason and all that was seen until then): one bad cell must
/// not cost the others their night. Throws TrialInterrupted only.
[[nodiscard]] Record run_trial(const TrialRequest& request);

/// The record of a cell that cannot run.
[[nodiscard]] Record unsupported_record(const TrialRequest& request, const Unsupported& why);

}  // namespace migbench
