#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mine.sh - a corpus of unseen fixes: what two releases of a kernel's source differ in, a file a patch
#
# usage: tests/corpus/mine.sh OLD NEW DIR BASE [HUNKS]
#
# OLD is the source of the kernel to patch (package version BASE), NEW that of a later one. For each
# .c and .h file that differs DIR/BASE/ gets a patch; with HUNKS ("hunks") one for each hunk of a
# file that has several. DIR/INDEX.tsv lists them in an order that is random but repeatable, so
# that a part of it is a fair sample. The column "expect" stays empty: any outcome will do but a
# failure. "make corpus CORPUS=DIR" tries them.
set -euo pipefail

if [ $# -lt 4 ] || [ ! -d "$1" ] || [ ! -d "$2" ]; then
    sed -n 's/^# \{0,1\}//; /^usage:/,/^$/p' "$0" >&2
    exit 2
fi
old=$(realpath "$1") new=$(realpath "$2") base=$4 hunks=${5:-}
mkdir -p "$3/$base"
dir=$(realpath "$3")
folders=(block certs crypto drivers fs include init io_uring ipc kernel lib mm net security sound
    virt arch/x86)

# differing - paths of files that both have and that differ
differing() {
    local folder
    for folder in "${folders[@]}"; do
        diff -rq "$old/$folder" "$new/$folder" || true
    done | sed -n "s#^Files $old/\(.*\.[ch]\) and .* differ\$#\1#p"
}

# in_hunks NAME - the diff on standard input as DIR/BASE/NAME-N.patch, one a hunk
in_hunks() {
    awk -v name="$dir/$base/$1" '
        /^--- / { head = $0; next }
        /^\+\+\+ / && !n { head = head "\n" $0; next }
        /^@@ / { close(file); file = sprintf("%s-%02d.patch", name, ++n); print head >file }
        n { print >file }'
}

differing | while read -r path; do
    name=${path//\//__}
    diff -up --label "a/$path" --label "b/$path" "$old/$path" "$new/$path" \
        >"$dir/$base/$name.patch" || true
    if [ -n "$hunks" ] && [ "$(grep -c '^@@ ' "$dir/$base/$name.patch")" -gt 1 ]; then
        in_hunks "$name" <"$dir/$base/$name.patch"
        rm "$dir/$base/$name.patch"
    fi
done
{
    printf 'file\tbase\ttitle\tobject_functions_changed\texpect\tclass\n'
    cd "$dir" && find "$base" -name '*.patch' | sort | shuf --random-source=<(yes) |
        sed "s/\$/\t$base\tmined\t\t\tmined/"
} >"$dir/INDEX.tsv"
echo "$(($(wc -l <"$dir/INDEX.tsv") - 1)) patches in $dir" >&2
