#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# initramfs.sh - packs a small root file system for a virtual machine
#
# usage: initramfs.sh OUT.cpio [--modules DIR] [--module NAME]... [--program PATH]...
#                     [--file SRC=DST]... [--tree SRC=DST]...
#
#   --modules DIR    where kernel modules are looked for (a package's /lib/modules/RELEASE)
#   --module NAME    this module and all that it depends on
#   --program PATH   a program with its shared libraries, at the same path
#   --file SRC=DST   one file, its permissions kept; a program's libraries come with it
#   --tree SRC=DST   all below a folder
#
# busybox is always there as /bin/busybox, /init is tests/vm/guest/init. Modules are listed in load
# order in /lib/vm/modules. The archive is not compressed: the machine is emulated, and copying is
# cheaper for it than unpacking.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { echo "usage: initramfs.sh OUT.cpio [OPTION]..." >&2; exit 2; }
out=$1
shift
root=$(mktemp -d "${TMPDIR:-/tmp}/oakum-initramfs.XXXXXX")
trap 'rm -rf "$root"' EXIT
modules_dir=
module_order=()

# put SRC DST - copies a file, following links, and makes the folders above it.
put() {
    mkdir -p "$root$(dirname "$2")"
    cp -L --preserve=mode,timestamps "$1" "$root$2"
}

# put_program SRC DST - a file, and the libraries that the dynamic loader would map for it.
put_program() {
    local library

    put "$1" "$2"
    # Of a script or a static program ldd prints no path and fails: nothing to add.
    for library in $(ldd "$1" 2>/dev/null | grep -o '/[^ ]*' || true); do
        [ -e "$root$library" ] || put "$library" "$library"
    done
}

# put_module NAME - its dependencies first, then the module; each once.
put_module() {
    local name=${1//-/_} path dependency

    case " ${module_order[*]} " in *" $name "*) return ;; esac
    # A module's file may spell its name with "-" where the name has "_".
    path=$(find "$modules_dir" -name "${name//_/[-_]}.ko*" -print -quit)
    if [ -z "$path" ]; then
        # Of a kernel that has it built in there is no file to find.
        grep -q "/${name//_/[-_]}\.ko" "$modules_dir/modules.builtin" && return
        echo "initramfs.sh: no module '$name' in $modules_dir" >&2
        exit 1
    fi
    for dependency in $(modinfo -F depends "$path" | tr ',' ' '); do
        put_module "$dependency"
    done
    module_order+=("$name")
    put "$path" "/lib/vm/modules.d/$name.ko"
}

mkdir -p "$root"/{bin,dev,etc,lib/vm,proc,root,run,sys,tmp,var}
: >"$root/lib/vm/modules"
put "$(command -v busybox)" /bin/busybox
put "$here/guest/init" /init
put "$here/guest/machine.sh" /lib/vm/machine.sh
put "$here/guest/lib.sh" /lib/vm/lib.sh
while [ $# -gt 0 ]; do
    case $1 in
    --modules) modules_dir=$2 ;;
    --module) put_module "$2" ;;
    --program) put_program "$(command -v "$2")" "$(command -v "$2")" ;;
    --file) put_program "${2%%=*}" "${2#*=}" ;;
    --tree)
        mkdir -p "$root${2#*=}"
        cp -rL "${2%%=*}/." "$root${2#*=}"
        ;;
    *)
        echo "initramfs.sh: unknown option '$1'" >&2
        exit 2
        ;;
    esac
    shift 2
done
[ ${#module_order[@]} -eq 0 ] || printf '%s\n' "${module_order[@]}" >"$root/lib/vm/modules"
(cd "$root" && find . -mindepth 1 -print0 | cpio --quiet -0 -o -H newc -R 0:0) >"$out"
