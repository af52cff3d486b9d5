// What is compared with perftest, and in which guest.
#pragma once

#include <string>
#include <vector>

#include "tests/verbs/programs/steady_guest.hpp"

namespace migbench {

/// What is claimed of a row: equal medians, or at least as much.
enum class Claim { agrees, at_least };

/// Where both programs of a row yield the processor that they share: yield_at_polls.cpp.
enum class Yields { never, at_empty_looks, at_every_look };

struct PerftestRow {
  std::string name;
  Emulation emulation = Emulation::counted;
  Claim claim = Claim::agrees;
  Yields yields = Yields::never;
  std::string perftest;  ///< program and options
  std::string ours;      ///< options of migbench-verbs-latency or -bandwidth
};

inline std::string size_word(int size) {
  if (size >= 1 << 20) return std::to_string(size >> 20) + "MiB";
  return size >= 1024 ? std::to_string(size >> 10) + "KiB" : std::to_string(size);
}

inline Yields yields_for(Emulation emulation, const std::string& operation,
                         const std::string& completion) {
  if (emulation == Emulation::parallel || completion == "events" || operation == "read")
    return Yields::never;
  return operation == "write" ? Yields::at_every_look : Yields::at_empty_looks;
}

/// perftest puts nothing inline on a device that it does not know, so neither do ours here; its
/// receives and the depth of its queues are what ours are without being told.
inline PerftestRow latency_row(Emulation emulation, const std::string& operation,
                               const std::string& transport, const std::string& completion,
                               int size) {
  const bool events = completion == "events";
  const std::string upper = transport == "rc" ? "RC" : transport == "uc" ? "UC" : "UD";
  const std::string count = emulation == Emulation::parallel ? "4000" : "1000";
  PerftestRow row;
  row.name = operation + ", " + upper + ", " + completion + ", " + size_word(size);
  row.emulation = emulation;
  row.yields = yields_for(emulation, operation, completion);
  row.perftest = "ib_" + operation + "_lat -F -U -n " + count + " -s " + std::to_string(size) +
                 (events ? " -e" : "") + (transport == "rc" ? "" : " -c " + upper);
  row.ours = "--operation " + operation + " --transport " + transport + " --completion " +
             completion + " --inline 0 --iterations " + count + " --sizes " + size_word(size);
  return row;
}

inline PerftestRow bandwidth_row(Emulation emulation, const std::string& operation,
                                 const std::string& completion, int size) {
  // So many that it takes as long as ours, about.
  const int count = size >= 1 << 20 ? 128 : size >= 65536 ? 600 : 5000;
  PerftestRow row;
  row.name = "bandwidth, " + operation + ", RC, " + completion + ", " + size_word(size);
  row.emulation = emulation;
  row.claim = Claim::at_least;
  row.yields = yields_for(emulation, operation, completion);
  row.perftest = "ib_" + operation + "_bw -F -n " + std::to_string(count) + " -s " +
                 std::to_string(size) + (completion == "events" ? " -e" : "");
  row.ours = "--operation " + operation + " --completion " + completion +
             " --inline 0 --budget 500ms --precision 0 --sizes " + size_word(size);
  return row;
}

inline std::vector<PerftestRow> perftest_rows() {
  using enum Emulation;
  std::vector<PerftestRow> rows;
  for (const int size : {2, 64, 4096}) {
    rows.push_back(latency_row(counted, "send", "rc", "events", size));
    rows.push_back(latency_row(counted, "read", "rc", "events", size));
    rows.push_back(latency_row(counted, "read", "rc", "polling", size));
    rows.push_back(latency_row(counted, "send", "rc", "polling", size));
    rows.push_back(latency_row(counted, "write", "rc", "polling", size));
    rows.push_back(latency_row(parallel, "write", "rc", "polling", size));
  }
  rows.push_back(latency_row(parallel, "send", "rc", "polling", 64));
  for (const int size : {2, 64, 1024}) {
    rows.push_back(latency_row(counted, "send", "ud", "events", size));
    rows.push_back(latency_row(counted, "send", "ud", "polling", size));
  }
  for (const int size : {64, 4096, 65536, 1 << 20}) {
    rows.push_back(bandwidth_row(counted, "write", "polling", size));
    rows.push_back(bandwidth_row(counted, "send", "events", size));
    rows.push_back(bandwidth_row(counted, "send", "polling", size));
    rows.push_back(bandwidth_row(parallel, "write", "polling", size));
  }
  return rows;
}

}  // namespace migbench
