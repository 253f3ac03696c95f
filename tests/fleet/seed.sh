#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A fleet to look at: seed.sh FILE HOSTS [--hostile] [--now SECONDS]
# Makes the SQLite database FILE (or copies the one that was made before with the same words, if SEED_CACHE names a
# folder), for the "database" of oakum-server.conf.
set -eu
: "${BUILD:?}"
file=$1
shift
cached=${SEED_CACHE:+$SEED_CACHE/fleet-$(printf '%s' "$*" | tr -c 'a-z0-9' _).db}
if [ -z "$cached" ]; then
    exec "$BUILD/tests/fleet/seed" "sqlite:$file" "$@"
fi
if [ ! -e "$cached" ]; then
    "$BUILD/tests/fleet/seed" "sqlite:$cached.$$" "$@" >&2
    mv "$cached.$$" "$cached"
fi
cp "$cached" "$file"
