# Programs of a newer Debian suite in a private directory, with their own loader and libraries; the system and its
# package database are not touched. To be sourced. Functions end the script with a message where something is missing.
# shellcheck shell=bash disable=SC2016  # apt expands its own formats
#
#   suite_open SUITE WORK           reads the suite's index into WORK, from the mirror that apt's own sources name
#   suite_fetch PACKAGE...          downloads packages and unpacks them into WORK/root
#   suite_libraries PACKAGE...      names the library packages that they depend on
#   suite_take FILE DIRECTORY       copies the libraries that FILE needs into DIRECTORY, and what those need
#   suite_settle FILE LIBRARIES [NOW]   makes FILE use the loader and the libraries in the directory LIBRARIES, which
#                                   is NOW still (by default ../lib of FILE)

suite_die() { echo "$(basename "$0"): $*" >&2; exit 1; }

suite_open() {
  local suite="$1" mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg tool
  suite_work="$2"
  for tool in apt-get dpkg-deb patchelf; do
    command -v "$tool" >/dev/null || suite_die "$tool is missing: apt-get install patchelf (on Debian and its kin)"
  done
  mirror="$(apt-get indextargets --format '$(CREATED_BY) $(ORIGIN) $(REPO_URI) $(SUITE)' 'Created-By: Packages' |
    awk '$2 == "Debian" && $3 !~ /security/ { print $3; exit }')"
  [[ -n $mirror ]] || suite_die "apt's sources name no Debian mirror, or apt-get update never ran"
  [[ -r $keyring ]] || suite_die "$keyring is missing: apt-get install debian-archive-keyring"
  local state="$suite_work/apt"
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/empty.d" "$suite_work/debs" "$suite_work/root"
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$state/sources.list"
  : >"$state/status"
  suite_apt=(-o "Dir::State=$state" -o "Dir::State::Lists=$state/lists" -o "Dir::State::Status=$state/status"
    -o "Dir::Cache=$state/cache" -o "Dir::Etc::SourceList=$state/sources.list"
    -o "Dir::Etc::SourceParts=$state/empty.d" -o "Dir::Etc::PreferencesParts=$state/empty.d"
    -o APT::Sandbox::User=root -o Acquire::Languages=none -o APT::Install-Recommends=false)
  apt-get "${suite_apt[@]}" -qq update || suite_die "cannot read suite $suite of the mirror that apt's sources name"
}

suite_libraries() {
  apt-cache "${suite_apt[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances "$@" | grep -E '^(lib|zlib1g)[a-z0-9.+-]*$' |
    grep -vE '^lib(perl|python|debconf|pam|apt)' | sort -u
}

suite_fetch() {
  local deb
  (cd "$suite_work/debs" && apt-get "${suite_apt[@]}" -qq download "$@") || suite_die "cannot download $*"
  for deb in "$suite_work"/debs/*.deb; do dpkg-deb --extract "$deb" "$suite_work/root"; done
}

suite_take() {
  local library found
  for library in $(patchelf --print-needed "$1"); do
    [[ -e $2/$library ]] && continue
    found="$(find "$suite_work/root" -name "$library" | head -n 1)"
    [[ -n $found ]] || suite_die "no fetched package holds $library"
    cp --dereference "$found" "$2/$library"
    suite_take "$2/$library" "$2"
  done
}

# DT_RPATH, not RUNPATH: it holds for the libraries of the libraries too, and for plugins. The loader is copied to where
# the libraries are now.
suite_settle() {
  local loader here
  here="${3:-$(dirname "$1")/../lib}"
  loader="$(basename "$(patchelf --print-interpreter "$1")")"
  [[ -e $here/$loader ]] || cp --dereference "$(find "$suite_work/root" -name "$loader" | head -n 1)" "$here/$loader"
  patchelf --force-rpath --set-interpreter "$2/$loader" --set-rpath "$2" "$1"
}
