#!/bin/bash
# Fetches a libvirt (9.1 or newer) and a QEMU (10 or newer) into a private directory; the system itself is not touched.
# For machines whose parameter "libvirt" is "newer": multifd that compresses, for example.
#
#   scripts/newer_libvirt.sh [--prefix DIR]     default: $MIGBENCH_CACHE/libvirt, else ~/.cache/migbench/libvirt
# It prints the directory. Does nothing where a good one is there already. The QEMU is that of scripts/lab_qemu.sh.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/lib/suite.sh"

suite=trixie
prefix="${MIGBENCH_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var}/.cache}/migbench}/libvirt"
while (($#)); do
  case "$1" in
    --prefix)
      [[ $# -ge 2 ]] || { echo "newer_libvirt.sh: --prefix needs a directory" >&2; exit 2; }
      prefix="$2"
      shift
      ;;
    -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "newer_libvirt.sh: unknown option '$1'; see --help" >&2; exit 2 ;;
  esac
  shift
done

# version DIRECTORY: of its libvirtd, empty where there is none that starts.
version() { "$1/sbin/libvirtd" --version 2>/dev/null | sed -n 's/.*(libvirt) \([0-9.]*\)$/\1/p'; }
# good DIRECTORY: new enough, and its QEMU starts.
good() {
  local found
  found="$(version "$1")"
  [[ -n $found && "$(printf '9.1.0\n%s\n' "$found" | sort -V | head -n 1)" == 9.1.0 ]] &&
    "$1/bin/qemu-system-x86_64" --version >/dev/null 2>&1
}

if good "$prefix"; then
  echo "newer_libvirt.sh: libvirt $(version "$prefix")" >&2
  echo "$prefix"
  exit 0
fi

[[ ! -e $prefix || -e $prefix/sbin/libvirtd ]] ||
  suite_die "$prefix is there and holds no libvirt: name another --prefix"
mkdir -p "$(dirname "$prefix")"
qemu="$("$here/lab_qemu.sh")"
work="$(mktemp -d "$prefix.XXXXXX")" # beside the prefix, so that the last step is one rename
trap 'rm -rf "$work"' EXIT
echo "newer_libvirt.sh: fetching libvirt from Debian $suite into $prefix" >&2
suite_open "$suite" "$work"
mapfile -t libraries < <(suite_libraries libvirt0 libacl1)
suite_fetch libvirt-daemon libvirt-daemon-driver-qemu libvirt-daemon-common libvirt-common "${libraries[@]}"

# What libvirtd and QEMU look for at fixed places lies under the same paths here: migbench-libvirt-host puts them over
# the system's, for its own daemon only. QEMU's modules are left out, and the system's are another build's: it ends at
# them.
new="$work/new"
multiarch=usr/lib/x86_64-linux-gnu/libvirt
mkdir -p "$new/bin" "$new/sbin" "$new/lib" "$new/usr/lib/libvirt" "$new/$multiarch" "$new/usr/share/libvirt" \
  "$new/usr/lib/x86_64-linux-gnu/qemu"
ln -s "$(realpath "$qemu")" "$new/bin/qemu-system-x86_64"
cp "$work/root/usr/sbin/libvirtd" "$new/sbin/"
cp "$work/root/usr/lib/libvirt/libvirt_iohelper" "$new/usr/lib/libvirt/"
cp -r "$work/root/$multiarch/connection-driver" "$new/$multiarch/"
cp -r "$work/root/usr/share/libvirt/cpu_map" "$new/usr/share/libvirt/"
for binary in sbin/libvirtd usr/lib/libvirt/libvirt_iohelper "$multiarch/connection-driver/libvirt_driver_qemu.so"; do
  suite_take "$new/$binary" "$new/lib"
done
for program in sbin/libvirtd usr/lib/libvirt/libvirt_iohelper; do
  suite_settle "$new/$program" "$prefix/lib" "$new/lib"
done
for deb in "$work"/debs/*.deb; do dpkg-deb --show "$deb"; done >"$new/packages"
rm -rf "$prefix"
mv "$new" "$prefix"
good "$prefix" || suite_die "the libvirt of $suite does not start here"
echo "newer_libvirt.sh: libvirt $(version "$prefix"); $(du -sh "$prefix" | cut -f1) in $prefix" >&2
echo "$prefix"
