#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# image.sh - makes the disks of a Debian 12 machine, once, and says where they are
#
# usage: image.sh root | modules KERNEL-DIR
#
#   root                the Debian system
#   modules KERNEL-DIR  the modules of a kernel that "oakum-build kernel add" has fetched
#
# Disks lie in $OAKUM_CACHE/images, their names tell of what they were made: another package list,
# another hook or another version of this file makes another disk. Both are read-only for machines,
# which write to a layer of their own. No loop device and no mount is needed; where this does not
# run as root, mmdebstrap works in a user namespace.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
images=${OAKUM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oakum}/images
SUITE=bookworm
ROOT_SIZE=4G # sparse: a file takes what is written to it
KEPT_DAYS=14

packages() {
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/packages.txt" | tr '\n' ' '
}

# key FILE... - of what the files hold
key() {
    cat "$@" | sha256sum | cut -c 1-12
}

# as_root COMMAND... - as root, or as what looks like it
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else mmdebstrap --unshare-helper "$@"; fi
}

# file_system TREE OUT SIZE - ext4 whose tables are complete: nothing is left to the kernel's
# background, which a machine would spend its first minute with.
file_system() {
    mke2fs -q -t ext4 -m 0 -E lazy_itable_init=0,lazy_journal_init=0 -d "$1" "$2" "$3" >&2
}

# unpack_into ARCHIVE OUT - runs in a namespace, or as root
unpack_into() {
    local tree

    tree=$(mktemp -d)
    tar -C "$tree" --numeric-owner --xattrs --xattrs-include='*' -xf "$1"
    # One identity for all; mmdebstrap takes away what a hook of it sets.
    echo 00000000000000000000000000000012 >"$tree/etc/machine-id"
    file_system "$tree" "$2" "$ROOT_SIZE"
    rm -rf "$tree"
}

make_root() {
    local without=(doc man locale info) name options=()

    for name in "${without[@]}"; do
        options+=(--dpkgopt="path-exclude=/usr/share/$name/*")
    done
    mmdebstrap --quiet --variant=minbase --include="$(packages)" "${options[@]}" \
        --aptopt='APT::Install-Recommends "false"' \
        --customize-hook="$here/guest/setup.sh \"\$1\"" "$SUITE" "$work/root.tar" >&2
    as_root bash "$here/image.sh" unpack "$work/root.tar" "$1"
}

make_modules() { # OUT KERNEL-DIR
    local release tree=$work/tree/lib/modules

    release=$(jq -r .release "$2/kernel.json")
    mkdir -p "$tree"
    # Not "build" and "source": they lead out of the machine.
    cp -r "$2/modules" "$tree/$release"
    rm -f "$tree/$release/build" "$tree/$release/source"
    depmod -b "$work/tree" "$release"
    file_system "$tree/$release" "$1" 600M
}

# made NAME COMMAND... - the file of that name, which "COMMAND OUT ARGUMENT..." makes if need be
made() {
    local out=$images/$1 command=$2

    shift 2
    mkdir -p "$images"
    exec 9>"$images/lock"
    flock 9
    if [ ! -e "$out" ]; then
        work=$(mktemp -d "$images/work.XXXXXX")
        trap 'rm -rf "$work"' EXIT
        chmod 0755 "$work"
        "$command" "$work/image" "$@" 9>&-
        mv "$work/image" "$out"
        find "$images" -maxdepth 1 -type f -mtime "+$KEPT_DAYS" -delete
    fi
    touch "$out"
    printf '%s\n' "$out"
}

case ${1-} in
root)
    made "debian-12-$(key "$here"/image.sh "$here"/packages.txt "$here"/guest/*).ext4" make_root
    ;;
modules)
    made "modules-$(key "$here/image.sh" "$2/kernel.json").ext4" make_modules "$2"
    ;;
unpack) unpack_into "$2" "$3" ;;
*)
    sed -n 's/^# \{0,1\}//; /^usage:/p' "$0" >&2
    exit 2
    ;;
esac
