#!/bin/bash
# Finds a CRIU that really works on this kernel, and where the system has none puts a newer one into a private
# directory; the system itself is not touched.
#
#   scripts/criu.sh                    test what is there, fetch a newer one where that fails
#   scripts/criu.sh --check            only test; exit status 1 where no CRIU works
#   scripts/criu.sh --prefix DIR       where the private one lives (default: $MIGBENCH_PREFIX/criu, else
#                                      ~/.cache/migbench/criu)
# It prints the path of the CRIU that works. Needs root (as CRIU itself does), and for fetching: apt and patchelf.
#
# Why not simply `criu check`: 3.17.1 passes parts of it and fails on the vDSO of new kernels; 4.1.1 passes all of it
# and cannot dump any UDP or TCP socket on kernels from 6.16 on. So the test is a dump and a restore.
# shellcheck disable=SC2016  # the inner shell and perl expand these
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/suite.sh"

suite=forky # the Debian suite whose CRIU (4.2.1) works with kernels from 6.16 on
prefix="${MIGBENCH_PREFIX:-${XDG_CACHE_HOME:-$HOME/.cache}/migbench}/criu"
only_check=false

say() { echo "criu.sh: $*" >&2; }
die() { say "$*"; exit 1; }

while (($#)); do
  case "$1" in
    --check) only_check=true ;;
    --prefix) [[ $# -ge 2 ]] || { say "--prefix needs a directory"; exit 2; }; prefix="$2"; shift ;;
    -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) say "unknown option '$1'; see --help"; exit 2 ;;
  esac
  shift
done
[[ $EUID -eq 0 ]] || die "CRIU needs root: run this as root"

# A process with a UDP socket and both ends of an established TCP connection. On SIGUSR1 it sends through both and
# writes what arrived to the file that it is given, so that a socket which was restored dead is noticed.
victim='
use Socket;
my ($report, $udp, $listener, $client, $server) = @ARGV;
socket($udp, AF_INET, SOCK_DGRAM, 0) && bind($udp, sockaddr_in(0, INADDR_LOOPBACK)) or die;
socket($listener, AF_INET, SOCK_STREAM, 0) && bind($listener, sockaddr_in(0, INADDR_LOOPBACK)) &&
  listen($listener, 1) or die;
socket($client, AF_INET, SOCK_STREAM, 0) && connect($client, getsockname($listener)) or die;
accept($server, $listener) or die;
$SIG{USR1} = sub {
  send($udp, "udp", 0, getsockname($udp)); recv($udp, my $datagram, 16, 0);
  syswrite($client, "tcp"); sysread($server, my $segment, 16);
  open(my $out, ">", "$report.new"); print $out "$datagram $segment\n"; close($out); rename("$report.new", $report);
};
open(my $ready, ">", "$report.ready"); close($ready);
select(undef, undef, undef, 1) while 1;
'

# works CRIU: dumps and restores the victim in a network and process namespace of its own. The reason of a failure is
# left in $why.
works() {
  local criu="$1" dir
  why=
  dir="$(mktemp -d)"
  # Everything happens inside the inner shell, process 1 of its own pid namespace: with it dies whatever is left.
  timeout --kill-after=2 60 unshare --net --pid --fork --kill-child --mount-proc bash -c '
    criu="$1" dir="$2" victim="$3"
    await() { local i; for ((i = 0; i < 100; i++)); do [[ -e $1 ]] && return 0; sleep 0.05; done; return 1; }
    # That a limit cannot be raised is said in every log and harms nothing.
    complaint() {
      cat "$1" "$dir/said" 2>/dev/null | grep Error | grep -v -m1 RLIMIT_NOFILE || echo "no word, or not within 20 s"
    }
    mount -t tmpfs tmpfs /run || true # where CRIU keeps what it found out about another network namespace
    ip link set lo up
    ( # no file that was opened outside: CRIU finds those in no mount of this namespace
      for fd in /proc/self/fd/*; do ((${fd##*/} > 2)) && eval "exec ${fd##*/}>&-"; done
      exec setsid perl -e "$victim" "$dir/report" </dev/null >/dev/null 2>&1
    ) &
    victim_pid=$!
    await "$dir/report.ready" || { echo "the test process did not start"; exit 1; }
    mkdir "$dir/images"
    timeout 20 "$criu" dump -t "$victim_pid" -D "$dir/images" -o dump.log --tcp-established \
      --network-lock skip --manage-cgroups=ignore >"$dir/said" 2>&1 ||
      { echo "dump: $(complaint "$dir/images/dump.log")"; exit 1; }
    wait "$victim_pid" 2>/dev/null
    timeout 20 "$criu" restore -d -D "$dir/images" -o restore.log --tcp-established \
      --network-lock skip --manage-cgroups=ignore >"$dir/said" 2>&1 ||
      { echo "restore: $(complaint "$dir/images/restore.log")"; exit 1; }
    kill -USR1 "$victim_pid"
    await "$dir/report" && [[ $(<"$dir/report") == "udp tcp" ]] ||
      { echo "the restored sockets do not carry data"; exit 1; }
  ' migbench-criu-test "$criu" "$dir" "$victim" >"$dir/why" 2>"$dir/errors" && { rm -rf "$dir"; return 0; }
  why="$(head -n 1 "$dir/why")"
  : "${why:=$(tail -n 1 "$dir/errors")}"
  : "${why:=it did not finish within 60 s}"
  rm -rf "$dir"
  return 1
}

system_criu="$(PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v criu || true)"
for candidate in "${MIGBENCH_CRIU:-}" "$system_criu" "$prefix/bin/criu"; do
  [[ -n $candidate && -x $candidate ]] || continue
  if works "$candidate"; then
    say "CRIU $("$candidate" --version | sed -n 's/^Version: //p') works on $(uname -r)"
    echo "$candidate"
    exit 0
  fi
  say "$candidate does not work on $(uname -r): $why"
done
$only_check && die "no CRIU works here; run scripts/criu.sh without --check to get one"

[[ ! -e $prefix || -e $prefix/bin/criu ]] || die "$prefix is there and holds no CRIU: name another --prefix"
say "fetching CRIU from Debian $suite into $prefix"
mkdir -p "$(dirname "$prefix")"
work="$(mktemp -d "$prefix.XXXXXX")" # beside the prefix, so that the last step is one rename
trap 'rm -rf "$work"' EXIT
suite_open "$suite" "$work"
# Of what criu depends on only its libraries are taken: no python, no iproute2, no debconf.
mapfile -t libraries < <(suite_libraries criu)
suite_fetch criu "${libraries[@]}"

# One flat directory of what criu itself is linked to; its own loader and C library go with it.
new="$work/new"
mkdir -p "$new/bin" "$new/lib"
binary="$(find "$work/root" -type f -path '*/sbin/criu' -perm -u+x | head -n 1)"
[[ -n $binary ]] || die "the package criu of $suite holds no criu"
cp "$binary" "$new/bin/criu"
suite_take "$new/bin/criu" "$new/lib"
suite_settle "$new/bin/criu" "$prefix/lib"
for deb in "$work"/debs/*.deb; do dpkg-deb --show "$deb"; done >"$new/packages"

# The loader's path is final, so it is tested in its final place; what was there before failed the test above.
rm -rf "$prefix"
mv "$new" "$prefix"
works "$prefix/bin/criu" || die "CRIU from $suite does not work here either: $why"
say "CRIU $("$prefix/bin/criu" --version | sed -n 's/^Version: //p') works on $(uname -r); $(du -sh "$prefix" | cut -f1) in $prefix"
echo "$prefix/bin/criu"
