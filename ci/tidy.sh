#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# clang-tidy on one file of a build, unless the same preprocessed text passed before.
#
# usage: ci/tidy.sh BUILD FILE       FILE as in compile_commands.json
#
# The analyzer gives a function up after so many states: by default 225,000, here a third of it, which is
# clang's own number for a quick look and takes a third of the time. "make soak" goes the whole way.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1
. ci/lib.sh
build=$1 file=$2
nodes=${TIDY_NODES:-75000}
passed=$CHECK/tidy
mkdir -p "$passed"

preprocess() {
    local command
    command=$(jq -r --arg file "$file" \
        'map(select(.file == $file))[0].command | sub(" -o [^ ]+"; "") | sub(" -c "; " -E -C ")' \
        "$build/compile_commands.json") || return 1
    # The command is Meson's own, of a tree that is about to be compiled anyway.
    (cd "$build" && eval "$command")
}

key=$({ echo "$nodes" && cat .clang-tidy && clang-tidy --version && preprocess; } | sha256sum | cut -d ' ' -f 1) ||
    exit 1
[ -e "$passed/$key" ] && exit 0
clang-tidy --quiet -p "$build" --extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang \
    --extra-arg="max-nodes=$nodes" "$build/$file" 2>/dev/null || exit 1
: >"$passed/$key"
