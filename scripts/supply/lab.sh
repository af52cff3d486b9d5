#!/usr/bin/env bash
# A QEMU that emulates a host with IOMMU and SR-IOV cards, for plans of the lab.
set -euo pipefail
plan=${1:-all}
if [ "$plan" != all ] && ! grep -Eq '"(lab|passthrough|sriov)"' "$plan"; then exit 0; fi
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$scripts/setup.sh" packages-kvm packages-lab
"$scripts/guest_kernel.sh"
exec "$scripts/lab_qemu.sh"
