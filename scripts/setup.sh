#!/usr/bin/env bash
# Installs what migbench needs and is not there, with apt and without questions. Says what it does; does
# nothing the second time.
#   scripts/setup.sh [LIST...]    LIST: packages (default), packages-test, ...: files scripts/LIST.txt
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lists=("$@")
[ ${#lists[@]} -gt 0 ] || lists=(packages)

wanted=()
for list in "${lists[@]}"; do
  file="$here/$list.txt"
  [ -r "$file" ] || { echo "setup: there is no list $file" >&2; exit 2; }
  mapfile -t -O "${#wanted[@]}" wanted < <(sed 's/#.*//' "$file" | tr -s '[:blank:]' '\n' | grep -v '^$')
done

command -v dpkg-query >/dev/null || {
  echo "setup: this is no Debian system; install by hand what stands for: ${wanted[*]}" >&2
  exit 3
}
missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: all ${#wanted[@]} packages of ${lists[*]} are there"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "setup: run as root: apt-get install ${missing[*]}" >&2
    exit 3
  }
  as_root=(sudo -n)
fi
echo "setup: installing ${missing[*]}"
# Daemons that a package brings (libvirt's, say) must not start: migbench starts its own, inside its own nodes.
policy=/usr/sbin/policy-rc.d
made_policy=
if [ ! -e "$policy" ] && [ ${#as_root[@]} -eq 0 ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy" && made_policy=1
fi
trap '[ -z "$made_policy" ] || rm -f "$policy"' EXIT
log=$(mktemp)
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}
if ! install >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "setup: apt-get failed; the whole log: $log" >&2
  exit 1
fi
rm -f "$log"
echo "setup: done"
