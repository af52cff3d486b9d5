#!/bin/bash
# Fetches the distribution's kernel for guests and unpacks it into the cache; nothing is installed and
# the host's boot is not touched. Does nothing where it is there already.
#   scripts/guest_kernel.sh [--flavour amd64|cloud-amd64] [--prefix DIRECTORY]
# cloud-amd64 is a third of the size and is enough for `kvm`; soft-RoCE, SR-IOV and 9p need amd64.
set -euo pipefail

flavour=amd64
prefix=${MIGBENCH_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var}/.cache}/migbench}/kernel
while [ $# -gt 0 ]; do
  case $1 in
    --flavour) flavour=$2; shift 2 ;;
    --prefix) prefix=$2; shift 2 ;;
    -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "guest_kernel.sh: unknown option $1 (try --help)" >&2; exit 2 ;;
  esac
done

package=$(apt-cache depends "linux-image-$flavour" 2>/dev/null |
          sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
if [ -z "$package" ]; then
  echo "guest_kernel.sh: apt knows no linux-image-$flavour; run 'apt-get update', or give --flavour" >&2
  exit 1
fi
release=${package#linux-image-}
release=${release%-unsigned}
if [ -e "$prefix/lib/modules/$release/modules.builtin" ] && [ -e "$prefix/boot/vmlinuz-$release" ]; then
  echo "guest kernel $release is in $prefix"
  exit 0
fi

mkdir -p "$prefix"
work=$(mktemp -d "$prefix/.unpack.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get download -q "$package" 2>"$work/log" >&2) || { cat "$work/log" >&2; exit 1; }
# What no guest of ours has hardware for is two thirds of the package.
dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work" --wildcards \
  --exclude='*/kernel/drivers/gpu' --exclude='*/kernel/drivers/media' --exclude='*/kernel/sound' \
  --exclude='*/kernel/drivers/net/wireless' --exclude='*/kernel/drivers/staging' \
  --exclude='*/kernel/drivers/iio' --exclude='*/kernel/drivers/usb' ./boot ./lib/modules
mkdir -p "$prefix/boot" "$prefix/lib/modules"
rm -rf "$prefix/lib/modules/$release"
mv "$work/boot/vmlinuz-$release" "$prefix/boot/"
mv "$work/lib/modules/$release" "$prefix/lib/modules/"
echo "guest kernel $release is in $prefix"
