#!/usr/bin/env bash
# Fetches the components that a plan needs beyond packages.txt, each by a script of its own in scripts/supply/ that
# looks for its names in the plan, into private places: the system's own are not touched.
#   scripts/supply.sh PLAN|all       PLAN: a file, or a name from harness/plans/
# A supply that fails is told and does not stop the plan: `migbench list` reports what is then unsupported.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plan=${1:-all}
if [ "$plan" != all ] && [ ! -e "$plan" ]; then
  plan=$here/../harness/plans/${plan%.json}.json
  [ -e "$plan" ] || exit 0  # 'migbench run' says what is wrong with the name
fi
for script in "$here"/supply/*.sh; do
  "$script" "$plan" || echo "supply: $(basename "$script") failed; what needs it will be reported as unsupported" >&2
done
exit 0
