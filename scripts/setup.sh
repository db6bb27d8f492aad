#!/usr/bin/env bash
# Makes this checkout ready to run: Debian packages, npm packages, the addon, the compiled TypeScript.
#
#   scripts/setup.sh [PROGRAM...]    PROGRAMs are needed besides those that the build itself needs: cmake
#
# Owns what is stale and in which order it is made. Each step is taken when a hash of what it is made from
# has changed, so that a second run does nothing, says nothing and takes a fraction of a second. Must never
# touch the machine beyond installing missing packages, and not even that unless run as root. What the virtual
# machine of the tests needs is set up by test/vm/.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
stamps=.cache/setup
log=.cache/setup.log
mkdir -p "$stamps"

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# run LABEL COMMAND...: the output goes to a log, which is shown if the command fails; a line every 15 s
# shows that it is alive.
run() {
  local label=$1 start=$SECONDS pid status=0
  shift
  say "$label ..."
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  # A background job of a script ignores the terminal's interrupt.
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - start >= 15 && (SECONDS - start) % 15 == 0)); then
      say "$label: $((SECONDS - start)) s so far"
      sleep 1
    fi
  done
  wait "$pid" || status=$?
  trap - INT TERM
  if ((status != 0)); then
    tail -n 60 "$log" >&2
    fail "$label failed after $((SECONDS - start)) s"
  fi
  say "$label: done in $((SECONDS - start)) s"
}

# A hash over the names and contents of files and folders, and over the words after '--'.
hash_of() {
  local paths=()
  while (($# > 0)) && [[ $1 != -- ]]; do paths+=("$1"); shift; done
  { find "${paths[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; echo "$@"; } | sha256sum | cut -c1-64
}

is_fresh() { [[ -e $3 && -f $stamps/$1 && $(<"$stamps/$1") == "$2" ]]; }
mark_fresh() { printf '%s\n' "$2" >"$stamps/$1"; }

check_node() {
  command -v node >/dev/null || fail "Node 20.19 or later is needed and is not on the PATH"
  local major minor
  node=$(node -p 'process.versions.node + " " + process.arch')
  IFS=. read -r major minor _ <<<"$node"
  ((major > 20 || (major == 20 && minor >= 19))) || fail "Node 20.19 or later is needed; this is $node"
}

# Only what is missing, told by the program and not by the package, so that a compiler of another origin will do.
install_packages() {
  local program missing=()
  for program in g++ make python3 "$@"; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  ((${#missing[@]} == 0)) && return
  local install="apt-get install -y --no-install-recommends ${missing[*]}"
  command -v apt-get >/dev/null ||
    fail "these programs are missing, and this is no Debian to install them on: ${missing[*]}"
  ((EUID == 0)) || fail "these packages are missing; run: sudo apt-get update && sudo $install"
  export DEBIAN_FRONTEND=noninteractive
  run "package lists (apt)" apt-get -o DPkg::Lock::Timeout=300 update
  run "installing ${missing[*]} (apt)" apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends \
    "${missing[@]}"
}

# What each product is made from.
npm_hash() { hash_of package-lock.json; }
addon_hash() { hash_of binding.gyp native package-lock.json scripts/lib scripts/build-native.mjs -- "$node"; }
dist_hash() { hash_of src tsconfig.json tsconfig.build.json package-lock.json scripts/build-ts.mjs; }

is_all_fresh() {
  is_fresh npm "$(npm_hash)" node_modules/.package-lock.json &&
    is_fresh addon "$(addon_hash)" build/Release/sriov.node &&
    is_fresh dist "$(dist_hash)" dist/index.js
}

make_stale() {
  local hash
  hash=$(npm_hash)
  if ! is_fresh npm "$hash" node_modules/.package-lock.json; then
    run "npm packages (npm ci)" npm ci --no-audit --no-fund
    mark_fresh npm "$hash"
  fi
  hash=$(addon_hash)
  if ! is_fresh addon "$hash" build/Release/sriov.node; then
    run "the addon (node-gyp)" node scripts/build-native.mjs
    mark_fresh addon "$hash"
  fi
  hash=$(dist_hash)
  if ! is_fresh dist "$hash" dist/index.js; then
    run "TypeScript (tsc)" node scripts/build-ts.mjs
    mark_fresh dist "$hash"
  fi
}

check_node
install_packages "$@"
is_all_fresh && exit 0

# Two at once would build into the same folders.
exec 9>.cache/setup.lock
if ! flock --nonblock 9; then
  say "waiting for another setup of this checkout"
  flock 9
fi
start=$SECONDS
make_stale
say "ready after $((SECONDS - start)) s"
