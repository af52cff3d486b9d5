#!/usr/bin/env bash
# Installs what is missing, builds and runs all tests; prints ctest's summary.
#   scripts/test.sh [PRESET [OPTIONS of ctest...]]           PRESET: release (default), debug, asan, tsan
# Tests with virtual machines take some minutes more and are run by: scripts/test.sh release -L kvm
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=${1:-release}
[ $# -eq 0 ] || shift
"$root/scripts/setup.sh" packages packages-test
"$root/scripts/supply.sh" all
"$root/scripts/build.sh" "$preset" -DMIGBENCH_WERROR=ON
cd "$root/build/$preset"
[ $# -gt 0 ] && [ "$1" = -L ] || set -- -LE kvm "$@"
exec ctest --output-on-failure --no-tests=error "$@" </dev/null
