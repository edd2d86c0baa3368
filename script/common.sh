# shellcheck shell=bash
# What the scripts share. Sourced by them, never run; they set -euo pipefail.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The last line of a script that cannot go on: what is wrong, and what to do.
die() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# build PRESET [TARGET...]: configures when that is due, then builds; nothing to do costs a second.
build() {
  local preset=$1
  shift
  # ninja reconfigures by itself for every file of the build but this one.
  if [ ! "$root/build/$preset/build.ninja" -nt "$root/CMakePresets.json" ]; then
    (cd "$root" && cmake --preset "$preset")
  fi
  (cd "$root" && cmake --build --preset "$preset" ${1:+--target "$@"})
}

# Simulated farms live in network namespaces: nothing of ours may touch the machine's own network.
need_namespaces() {
  [ "$(id -u)" -eq 0 ] || die "must run as root: the simulated farm needs network namespaces"
  unshare --net true 2>/dev/null ||
    die "cannot make a network namespace; in a container, run it with --privileged"
  # Tests have processes and mounts of their own as well. The kernel refuses the latter where / is a
  # plain folder, as after a chroot into one.
  local why
  why=$(unshare --net --pid --fork --kill-child --mount-proc true 2>&1) ||
    die "cannot make a mount namespace (${why#unshare: }); in a chroot, / must be a mount point:" \
      "before \`chroot DIR\`, do \`mount --bind DIR DIR\` and mount proc on DIR/proc"
}
