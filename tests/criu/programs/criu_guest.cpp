// Boots the guest of tests/criu/tracking_guest.hpp, runs one command in it and ends with its exit
// status: for working by hand.
//     bin/criu_guest COMMAND...
#include <fmt/format.h>

#include "bench/program.hpp"
#include "tests/criu/tracking_guest.hpp"

using namespace migbench;

namespace {

int body(const std::vector<std::string>& words) {
  if (words.size() < 2) throw InputError("usage: criu_guest COMMAND...");
  if (const auto missing = tracking_guest_support())
    throw Error(missing->reason + "; " + missing->remedy);
  catch_interrupts();
  const auto guest = boot_tracking_guest();
  const Finished finished =
      in_own_root(*guest, {words.begin() + 1, words.end()}, std::chrono::minutes(30));
  fmt::print("{}", finished.out);
  fmt::print(stderr, "{}", finished.err);
  return finished.status;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("criu_guest", [&] { return body({argv, argv + argc}); });
}
