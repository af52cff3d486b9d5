#include <cstdint>

#include "pingpong/buffer.hpp"
#include "tests/catch.hpp"

using namespace migbench::pingpong;

TEST_CASE("message buffers start on pages and have one even for nothing") {
  const Buffer none(0);
  CHECK(none.data() != nullptr);
  CHECK(none.size() == 0);
  const Buffer some(10'000);
  CHECK(reinterpret_cast<std::uintptr_t>(some.data()) % 4096 == 0);
  CHECK(some.bytes().size() == 10'000);
  CHECK(round_to_pages(0) == 0);
  CHECK(round_to_pages(1) == round_to_pages(4096));
}
