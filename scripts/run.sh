#!/usr/bin/env bash
# Installs what is missing, builds, and runs a plan (default: quick, the comparison on virtual nodes).
#   scripts/run.sh [PLAN [OPTIONS of 'migbench run'...]]     PLAN: a file, or a name from harness/plans/
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ "${1:-}" = -h ] || [ "${1:-}" = --help ]; then
  sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
  ls "$root/harness/plans" | sed -n 's/\.json$//p' | paste -sd' ' | sed 's/^/plans: /'
  exit 0
fi
plan=${1:-quick}
[ $# -eq 0 ] || shift
"$root/scripts/setup.sh" packages
"$root/scripts/supply.sh" "$plan" &  # it waits for the network while the build computes
trap wait EXIT
# An application that neither the plan nor an option names, or the probe, is not built: the NAS kernels take minutes.
file=$plan
[ -e "$file" ] || file=$root/harness/plans/${plan%.json}.json
targets=(programs-base)
for name in probe $(cd "$root/apps" && printf '%s ' */ | tr -d /); do
  if { cat "$file" 2>/dev/null || true; printf '%s\n' "$@"; } | grep -F -e "${name//_/-}" >/dev/null; then
    targets+=("programs-$name")
  fi
done
"$root/scripts/build.sh" release "${targets[@]}"
wait
exec "$root/build/release/bin/migbench" run "$plan" "$@"
