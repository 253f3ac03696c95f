#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh WEB OUT.inc WORK - what browsers fetch, from the folder WEB, as C in OUT.inc.
set -eu
web=$1 out=$(realpath "$2") work=$3
mkdir -p "$work"
work=$(realpath "$work")
rm -rf "$work/assets"
mkdir "$work/assets"

# Named after its bytes: kept for a year, and never a stale one.
place() { # FILE SUFFIX
    cp "$1" "$work/assets/app.$(sha256sum <"$1" | cut -c1-10).$2"
}

place "$web/src/oakum.css" css
cp "$web/icons.svg" "$web/favicon.svg" "$work/assets/"
bash "$web/assets-to-c.sh" "$work/assets" >"$out.new"
mv "$out.new" "$out"
