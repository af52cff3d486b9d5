#include "harness/placement/seat.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

constexpr std::array<std::string_view, 3> kNames{"free", "socket", "core"};

std::vector<unsigned> numbers(hwloc_const_cpuset_t set) {
  std::vector<unsigned> list;
  for (int cpu = hwloc_bitmap_first(set); cpu >= 0; cpu = hwloc_bitmap_next(set, cpu))
    list.push_back(static_cast<unsigned>(cpu));
  return list;
}

}  // namespace

std::string_view name(Placement placement) {
  return kNames.at(static_cast<std::size_t>(placement));
}

Placement parse_placement(const std::string& text) {
  const auto found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end())
    throw InputError(fmt::format("placement '{}' is none of {}", text, fmt::join(kNames, ", ")));
  return static_cast<Placement>(found - kNames.begin());
}

Seat seat_of(int rank, const std::vector<int>& groups) {
  Seat seat{.rank = rank, .group = 0, .in_group = rank};
  for (const int size : groups) {
    if (seat.in_group < size) return seat;
    seat.in_group -= size;
    ++seat.group;
  }
  throw InputError(
      fmt::format("rank {} is beyond the groups of {} ranks", rank, fmt::join(groups, " + ")));
}

int own_rank() {
  for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "SLURM_PROCID"}) {
    const char* text = std::getenv(variable);
    if (text == nullptr) continue;
    const std::string_view digits = text;
    int rank = -1;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
    if (failed == std::errc() && end == digits.data() + digits.size() && rank >= 0) return rank;
  }
  return 0;
}

Processors::Processors() {
  if (hwloc_topology_init(&topology_) != 0 || hwloc_topology_load(topology_) != 0)
    throw Error("hwloc cannot read this machine's processors");
}

Processors::Processors(const std::string& synthetic) {
  if (hwloc_topology_init(&topology_) != 0 ||
      hwloc_topology_set_synthetic(topology_, synthetic.c_str()) != 0 ||
      hwloc_topology_load(topology_) != 0) {
    if (topology_ != nullptr) hwloc_topology_destroy(topology_);
    throw InputError(fmt::format("hwloc knows no machine '{}'", synthetic));
  }
}

Processors::~Processors() {
  hwloc_topology_destroy(topology_);
}

/// Counted round: more seats than objects share them.
hwloc_obj_t Processors::nth(hwloc_obj_type_t type, int index) const {
  const int count = hwloc_get_nbobjs_by_type(topology_, type);
  // Some virtual machines tell nothing of sockets or cores: then the machine is one.
  if (count <= 0) return hwloc_get_root_obj(topology_);
  return hwloc_get_obj_by_type(topology_, type, static_cast<unsigned>(index % count));
}

std::vector<unsigned> Processors::of(Placement placement, const Seat& seat, bool shared) const {
  switch (placement) {
    case Placement::socket:
      return numbers(nth(HWLOC_OBJ_PACKAGE, shared ? seat.group : 0)->cpuset);
    case Placement::core:
      return numbers(nth(HWLOC_OBJ_CORE, shared ? seat.rank : seat.in_group)->cpuset);
    case Placement::free:
      break;
  }
  return numbers(hwloc_get_root_obj(topology_)->cpuset);
}

std::vector<unsigned> Processors::of_group(Placement placement, int group,
                                           const std::vector<int>& groups, bool shared) const {
  std::vector<unsigned> all;
  int rank = 0;
  for (int before = 0; before < group; ++before)
    rank += groups.at(static_cast<std::size_t>(before));
  for (int i = 0; i < groups.at(static_cast<std::size_t>(group)); ++i) {
    for (const unsigned cpu : of(placement, seat_of(rank + i, groups), shared))
      if (std::find(all.begin(), all.end(), cpu) == all.end()) all.push_back(cpu);
  }
  return all;
}

void bind_to(const std::vector<unsigned>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const unsigned cpu : cpus)
    CPU_SET(cpu, &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0)
    throw system_error(fmt::format("cannot be bound to the processors {}", fmt::join(cpus, ",")));
}

std::vector<unsigned> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0)
    throw system_error("cannot ask where this process may run");
  std::vector<unsigned> list;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) list.push_back(cpu);
  return list;
}

}  // namespace migbench
