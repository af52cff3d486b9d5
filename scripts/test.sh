#!/usr/bin/env bash
# Installs what is missing, builds and runs all tests; prints ctest's summary.
#   scripts/test.sh [PRESET [OPTIONS of ctest...]]           PRESET: release (default), debug, asan, tsan
# Without those that boot virtual machines, which take some minutes: scripts/test.sh release -LE "kvm|verbs|lab"
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=${1:-release}
[ $# -eq 0 ] || shift
"$root/scripts/setup.sh" packages packages-test
"$root/scripts/supply.sh" all
"$root/scripts/build.sh" "$preset" -DMIGBENCH_WERROR=ON
cd "$root/build/$preset"
exec ctest --output-on-failure --no-tests=error "$@" </dev/null
