#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh WEB OUT.inc WORK auto|enabled|disabled - what browsers fetch, from the folder WEB, as C in OUT.inc. The
# script wants Node.js and three packages of npm (WEB/package-lock.json), kept in OAKUM_CACHE; without them the
# style alone, which every page is usable with.
set -eu
web=$(realpath "$1") out=$(realpath "$2") work=$3 mode=$4
mkdir -p "$work"
work=$(realpath "$work")
rm -rf "$work/assets" "$work/bundle"
mkdir "$work/assets"

# Sets $modules. Another build at the same time may be first.
install_modules() {
    local cache=${OAKUM_CACHE:-${HOME:-$work}/.cache/oakum} home new
    home=$cache/npm/web-$(sha256sum <"$web/package-lock.json" | cut -c1-16)
    modules=$home/node_modules
    [ ! -d "$modules" ] || return 0
    mkdir -p "$cache/npm" && new=$(mktemp -d "$cache/npm/.new.XXXXXX") || return
    cp "$web/package.json" "$web/package-lock.json" "$new/"
    if npm ci --prefix "$new" --prefer-offline --ignore-scripts --no-audit --no-fund --fetch-retries=1 \
        --fetch-retry-mintimeout=1000 --fetch-timeout=30000 >"$work/npm.log" 2>&1; then
        mv -T "$new" "$home" 2>/dev/null || rm -rf "$new"
    else
        rm -rf "$new"
    fi
    [ -d "$modules" ]
}

bundle() {
    [ "$mode" != disabled ] && { command -v node && command -v npm; } >/dev/null && install_modules &&
        NODE_PATH=$modules "$modules/.bin/esbuild" "$web/src/app.js" "$web/src/app.css" --bundle --minify \
            --target=es2022 --format=esm --legal-comments=inline --log-level=warning --outdir="$work/bundle"
}

# Named after its bytes: kept for a year, and never a stale one.
place() { # FILE SUFFIX
    cp "$1" "$work/assets/app.$(sha256sum <"$1" | cut -c1-10).$2"
}

if bundle; then
    place "$work/bundle/app.css" css
    place "$work/bundle/app.js" js
elif [ "$mode" = enabled ]; then
    echo 'web: no script: Node.js 18, npm and the packages of web/package-lock.json are needed' >&2
    exit 1
else
    cat "$web/src/oakum.css" "$web/src/moves.css" >"$work/plain.css"
    place "$work/plain.css" css
fi
cp "$web/icons.svg" "$web/favicon.svg" "$work/assets/"
bash "$web/assets-to-c.sh" "$work/assets" >"$out.new"
mv "$out.new" "$out"
