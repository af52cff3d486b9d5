// Catch2 of either major version.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
using Catch::Detail::Approx;
#endif

namespace migbench {

/// Ends the case as skipped, before it made anything: what is missing, and how to get it. Each case
/// is a process of its own, and Catch2 2 has no SKIP, so the process ends with status 77.
[[noreturn]] inline void skip_test(const std::string& reason) {
  std::printf("skipped: %s\n", reason.c_str());
  std::fflush(stdout);
  std::exit(77);
}

}  // namespace migbench
