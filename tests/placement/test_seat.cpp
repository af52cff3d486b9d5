// Which processors belong to which rank, on machines that hwloc makes up.
#include "bench/error.hpp"
#include "harness/placement/seat.hpp"
#include "tests/catch.hpp"

using namespace migbench;

namespace {

using Cpus = std::vector<unsigned>;

/// The processors of each rank.
std::vector<Cpus> of_ranks(const Processors& machine, Placement placement,
                           const std::vector<int>& groups, bool shared) {
  std::vector<Cpus> list;
  int ranks = 0;
  for (const int size : groups)
    ranks += size;
  list.reserve(static_cast<std::size_t>(ranks));
  for (int rank = 0; rank < ranks; ++rank)
    list.push_back(machine.of(placement, seat_of(rank, groups), shared));
  return list;
}

}  // namespace

TEST_CASE("ranks are counted through the groups") {
  CHECK(seat_of(0, {2, 1}).group == 0);
  CHECK(seat_of(1, {2, 1}).in_group == 1);
  CHECK(seat_of(2, {2, 1}).group == 1);
  CHECK(seat_of(2, {2, 1}).in_group == 0);
  CHECK(seat_of(2, {2, 1}).rank == 2);
  CHECK(seat_of(1, {0, 2}).group == 1);
  CHECK_THROWS_AS(seat_of(3, {2, 1}), InputError);
}

TEST_CASE("socket: all ranks of a host on one socket, hosts of one machine take turns") {
  const Processors machine("package:2 core:2 pu:2");
  const Cpus first{0, 1, 2, 3}, second{4, 5, 6, 7};
  CHECK(of_ranks(machine, Placement::socket, {2, 1, 1}, true) ==
        std::vector<Cpus>{first, first, second, first});
  // Hosts of their own: the first socket of each, as in the study.
  CHECK(of_ranks(machine, Placement::socket, {2, 1, 1}, false) ==
        std::vector<Cpus>{first, first, first, first});
}

TEST_CASE("core: one for each rank, counted round") {
  const Processors machine("package:1 core:2 pu:2");
  CHECK(of_ranks(machine, Placement::core, {2, 1}, true) ==
        std::vector<Cpus>{{0, 1}, {2, 3}, {0, 1}});
  CHECK(of_ranks(machine, Placement::core, {1, 1}, false) == std::vector<Cpus>{{0, 1}, {0, 1}});
}

TEST_CASE("free: all processors") {
  const Processors machine("package:2 core:2 pu:1");
  CHECK(machine.of(Placement::free, seat_of(0, {1}), true) == Cpus{0, 1, 2, 3});
}

TEST_CASE("a guest is given what its ranks would have natively, each processor once") {
  const Processors machine("package:2 core:2 pu:1");
  CHECK(machine.of_group(Placement::socket, 1, {2, 2}, true) == Cpus{2, 3});
  CHECK(machine.of_group(Placement::core, 1, {1, 2}, true) == Cpus{1, 2});
  CHECK(machine.of_group(Placement::core, 0, {5, 1}, true) == Cpus{0, 1, 2, 3});
}

TEST_CASE("placement: names") {
  for (const Placement placement : {Placement::free, Placement::socket, Placement::core})
    CHECK(parse_placement(std::string(name(placement))) == placement);
  CHECK_THROWS_AS(parse_placement("numa"), InputError);
  CHECK_THROWS_AS(Processors("sockets:many"), InputError);
}
