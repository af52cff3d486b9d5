// Boots a soft-RoCE guest, runs one command in it, and ends with its exit status: for working by
// hand and for the comparison with perftest (docs/verbs.md).
//     test_roce_guest [--icount SHIFT] [--vcpus N] -- COMMAND...
//     test_roce_guest --steady counted|parallel -- COMMAND...

#include <charconv>

#include <fmt/format.h>

#include "bench/program.hpp"
#include "tests/verbs/programs/steady_guest.hpp"

using namespace migbench;

namespace {

int number(const std::string& text) {
  int value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{})
    throw InputError(fmt::format("'{}' is no number", text));
  return value;
}

Emulation emulation_of(const std::string& text) {
  for (const Emulation one : {Emulation::counted, Emulation::parallel})
    if (name(one) == text) return one;
  throw InputError(fmt::format("--steady {}: counted or parallel", text));
}

int body(const std::vector<std::string>& words) {
  RoceGuestOptions wanted;
  std::string steady;
  std::size_t at = 1;
  for (; at + 1 < words.size() && words[at] != "--"; at += 2) {
    if (words[at] == "--icount") wanted.icount_shift = number(words[at + 1]);
    if (words[at] == "--steady") steady = words[at + 1];
    if (words[at] == "--vcpus") wanted.vcpus = number(words[at + 1]);
  }
  if (at + 1 >= words.size()) throw InputError("no command: write -- COMMAND...");
  if (const auto missing = roce_guest_support())
    throw Error(missing->reason + "; " + missing->remedy);
  catch_interrupts();
  const auto guest =
      steady.empty() ? boot_roce_guest(wanted) : boot_steady_guest(emulation_of(steady));
  const Finished finished =
      guest->run({{words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end()}, {}, {}},
                 std::chrono::minutes(30));
  fmt::print("{}", finished.out);
  fmt::print(stderr, "{}", finished.err);
  return finished.status;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("test_roce_guest", [&] { return body({argv, argv + argc}); });
}
