#!/usr/bin/env bash
# A CRIU that works on this kernel, for plans that name it (scripts/criu.sh says how it is found or fetched).
set -euo pipefail
plan=${1:-all}
if [ "$plan" != all ] && ! grep -Eq 'criu|runc|job-checkpoint' "$plan"; then exit 0; fi
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$scripts/setup.sh" packages-criu
exec "$scripts/criu.sh"
