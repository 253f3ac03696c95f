#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the Debian packages of this tree, as it is now, into build/deb/: "make deb". The version is
# that of meson.build, the date that of the last commit.
#
# usage: packaging/deb.sh [--kept]
#
# --kept: packages that were made of exactly these files are taken as they are.
set -eu
cd "$(dirname "$0")/.."
out=${BUILD:-build}/deb
src=$out/src/oakum

version=$(sed -n "s/^project(.* version: '\([^']*\)'.*/\1/p" meson.build)
files() {
    if git rev-parse --git-dir >/dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard
    else
        find . -path './build*' -prune -o -type f -printf '%P\0'
    fi
}
date=$(git log -1 --format=%cD 2>/dev/null || date -R -r meson.build)

# Two at once would take each other's files away.
mkdir -p "$out"
exec 9>"$out/lock"
flock 9

# A file that was removed, and not committed yet, is still listed.
present() {
    files | while IFS= read -r -d '' file; do
        [ ! -e "$file" ] || printf '%s\0' "$file"
    done
}
sum=$(present | xargs -0 sha256sum | sha256sum)
if [ "${1:-}" = --kept ] && [ "$(cat "$out/made-of" 2>/dev/null)" = "$sum" ]; then
    ls -l "$out"/*.deb
    exit 0
fi

rm -rf "$out/src"
rm -f "$out"/*.deb "$out"/*.changes "$out"/*.buildinfo "$out/made-of"
mkdir -p "$src"
present | tar -c --null -T - | tar -x -C "$src"
cp -R "$src/packaging/debian" "$src/debian"
cat >"$src/debian/changelog" <<END
oakum ($version) unstable; urgency=medium

  * Release $version.

 -- Oakum maintainers <maintainers@oakum.invalid>  $date
END

# debhelper hides the home of who builds, where ccache keeps what it knows.
if command -v ccache >/dev/null; then
    CCACHE_DIR=${CCACHE_DIR:-$(ccache -k cache_dir)}
    export CCACHE_DIR
fi
export DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:-parallel=$(nproc) nocheck noautodbgsym}"
log=$out/build.log
if ! (cd "$src" && dpkg-buildpackage -us -uc -b) >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "make deb: failed; see $log" >&2
    exit 1
fi
mv "$out"/src/*.deb "$out"/src/*.changes "$out"/src/*.buildinfo "$out/"
rm -rf "$out/src"
printf '%s\n' "$sum" >"$out/made-of"
ls -l "$out"/*.deb
