#!/usr/bin/env bash
# clang-format and clang-tidy over the tree, or over the files that are given; exit status 1 where one complains.
#   scripts/lint.sh [FILE...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
files=("$@")
[ ${#files[@]} -gt 0 ] || mapfile -t files < <(git ls-files '*.cpp' '*.hpp')
status=0
clang-format --dry-run -Werror "${files[@]}" || status=1
# The commands of a clang build: clang-tidy does not know every option of g++.
[ -e build/clang/compile_commands.json ] || cmake --preset clang >/dev/null
cmake --build build/clang --target migbench_version_header >/dev/null
mapfile -t units < <(printf '%s\n' "${files[@]}" | grep '\.cpp$' || true)
if [ ${#units[@]} -gt 0 ]; then
  printf '%s\n' "${units[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy -p build/clang --quiet 2> >(grep -v 'warnings generated' >&2) || status=1
fi
exit $status
