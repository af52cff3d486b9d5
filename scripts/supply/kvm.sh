#!/usr/bin/env bash
# Hypervisor, libvirt and a kernel for guests, for plans that name virtual machines; and a newer libvirt for those that
# name it.
set -euo pipefail
plan=${1:-all}
if [ "$plan" != all ] && ! grep -q 'kvm' "$plan"; then exit 0; fi
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$scripts/setup.sh" packages-kvm
"$scripts/guest_kernel.sh"
if [ "$plan" != all ] && ! grep -q '"newer"' "$plan"; then exit 0; fi
"$scripts/setup.sh" packages-lab
exec "$scripts/newer_libvirt.sh"
