#!/bin/bash
# Fetches a QEMU that emulates an SR-IOV network card and an IOMMU (10 or newer) into a private directory; the system
# itself is not touched. For `migbench lab`.
#
#   scripts/lab_qemu.sh [--prefix DIR]     default: $MIGBENCH_CACHE/qemu, else ~/.cache/migbench/qemu
# It prints the path of the program. Does nothing where a good one is there already; the system's own is taken where
# it is new enough.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/suite.sh"

suite=trixie
least=10
prefix="${MIGBENCH_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var}/.cache}/migbench}/qemu"
while (($#)); do
  case "$1" in
    --prefix) [[ $# -ge 2 ]] || { echo "lab_qemu.sh: --prefix needs a directory" >&2; exit 2; }; prefix="$2"; shift ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "lab_qemu.sh: unknown option '$1'; see --help" >&2; exit 2 ;;
  esac
  shift
done

# good QEMU: it starts, is new enough, and has the card.
good() {
  local version
  version="$("$1" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9]*\).*/\1/p')"
  [[ -n $version && $version -ge $least ]] && "$1" -device igb,help >/dev/null 2>&1
}

for candidate in "$(command -v qemu-system-x86_64 || true)" "$prefix/bin/qemu-system-x86_64"; do
  if [[ -n $candidate && -x $candidate ]] && good "$candidate"; then
    echo "lab_qemu.sh: $("$candidate" --version | head -n 1)" >&2
    echo "$candidate"
    exit 0
  fi
done

[[ ! -e $prefix || -e $prefix/bin/qemu-system-x86_64 ]] ||
  suite_die "$prefix is there and holds no QEMU: name another --prefix"
mkdir -p "$(dirname "$prefix")"
work="$(mktemp -d "$prefix.XXXXXX")" # beside the prefix, so that the last step is one rename
trap 'rm -rf "$work"' EXIT
echo "lab_qemu.sh: fetching QEMU from Debian $suite into $prefix" >&2
suite_open "$suite" "$work"
mapfile -t libraries < <(suite_libraries qemu-system-x86)
suite_fetch qemu-system-x86 qemu-system-data seabios "${libraries[@]}"

new="$work/new"
mkdir -p "$new/bin" "$new/lib" "$new/share/qemu"
cp "$work/root/usr/bin/qemu-system-x86_64" "$new/bin/"
# QEMU finds its firmware beside its own bin/. Of it only what boots a kernel on a PC without a display.
for firmware in bios-256k.bin kvmvapic.bin linuxboot_dma.bin pvh.bin multiboot_dma.bin; do
  found="$(find "$work/root" -name "$firmware" -not -type l | head -n 1)"
  [[ -n $found ]] || suite_die "no fetched package holds $firmware"
  cp "$found" "$new/share/qemu/"
done
suite_take "$new/bin/qemu-system-x86_64" "$new/lib"
suite_settle "$new/bin/qemu-system-x86_64" "$prefix/lib"
for deb in "$work"/debs/*.deb; do dpkg-deb --show "$deb"; done >"$new/packages"
rm -rf "$prefix"
mv "$new" "$prefix"
good "$prefix/bin/qemu-system-x86_64" || suite_die "the QEMU of $suite does not start here, or has no igb"
echo "lab_qemu.sh: $("$prefix/bin/qemu-system-x86_64" --version | head -n 1); $(du -sh "$prefix" | cut -f1) in $prefix" >&2
echo "$prefix/bin/qemu-system-x86_64"
