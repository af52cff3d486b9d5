#!/usr/bin/env bash
# Configures and builds one preset (default: release) into build/PRESET: everything, or only TARGETs ("programs": all
# but the tests; cmake/Targets.cmake has their parts). -DNAME=VALUE goes to CMake.
#   scripts/build.sh [PRESET [TARGET...] [-DNAME=VALUE...]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:-release}
[ $# -eq 0 ] || shift
targets=()
while [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; do
  targets+=("$1")
  shift
done
[ ${#targets[@]} -gt 0 ] || targets=(all)
log=build/$preset.log
mkdir -p build
echo "build: preset $preset into build/$preset (the first time takes some minutes)"
if ! cmake --preset "$preset" "$@" >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "build: the configuration failed; the whole log: $log" >&2
  exit 1
fi
if [ -t 1 ]; then
  cmake --build "build/$preset" --target "${targets[@]}"
elif ! cmake --build "build/$preset" --target "${targets[@]}" >>"$log" 2>&1; then
  grep -E -A12 'error|FAILED' "$log" | head -n 60 >&2
  echo "build: failed; the whole log: $log" >&2
  exit 1
fi
