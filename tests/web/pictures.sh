#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pictures.sh - every page as a picture in BUILD/pictures (build); those that the documents show, in docs/pictures. Made by
# the tests themselves: what is in a picture was tested.
set -eu
cd "$(dirname "$0")/../.."
BUILD=$(realpath "${BUILD:-build}")
TMPDIR=$(mktemp -d)
export BUILD TMPDIR PICTURES=$BUILD/pictures HOSTS=${HOSTS:-300}
trap 'rm -rf "$TMPDIR"' EXIT
bash tests/web/web.test.sh "$@"
mkdir -p docs/pictures
for name in overview-1280-light overview-1280-dark overview-360-light hosts-1280-light host-1280-light rollout-1280-light \
    cves-1280-light patches-1280-light; do
    [ ! -f "$PICTURES/$name.png" ] || cp "$PICTURES/$name.png" "docs/pictures/$name.png"
done
