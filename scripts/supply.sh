#!/usr/bin/env bash
# Fetches the components that a plan needs beyond packages, each by a script of its own, into private prefixes.
#   scripts/supply.sh PLAN|all
# A supply that fails is told and does not stop the plan: `migbench list` reports what is then unsupported.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for script in "$here"/supply/*.sh; do
  [ -e "$script" ] || continue
  "$script" "${1:-all}" || echo "supply: $(basename "$script") failed; what needs it will be reported as unsupported" >&2
done
exit 0
