# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Read by run.sh: the CVE database of all records that there are, and judging a host with it.
# Environment: RECORDS (folder or archive of the kernel's CVE authority; otherwise a file of that name
# beside the tree), and of run.sh: $work, $top, $store, $kernel, $BUILD.
# shellcheck disable=SC2154 # set by run.sh

# A host that runs the kernel of the store: its configuration, modules and changelog.
cves_root() { # DIR
    local root=$1 release=${kernel#debian:} folder package
    folder=$("$BUILD/oakum-build" kernel show "$kernel" --json | jq -r .dir)
    package=$("$BUILD/oakum-build" kernel show "$kernel" --json | jq -r .package_version)
    mkdir -p "$root"/{proc/sys/kernel,boot,etc,"lib/modules/$release"}
    printf '%s\n' "$release" >"$root/proc/sys/kernel/osrelease"
    printf 'Linux version %s (x) #1 SMP Debian %s (2026-07-02)\n' "$release" "$package" \
        >"$root/proc/version"
    printf 'ext4 1 0 - Live 0x0\n' >"$root/proc/modules"
    cp "$folder/config" "$root/boot/config-$release"
    cp "$folder"/modules/modules.{order,builtin} "$root/lib/modules/$release/"
    dpkg-deb --fsys-tarfile "$store/downloads/linux-image-${release}_$package.deb" |
        tar -x -C "$root" --wildcards './usr/share/doc/*/changelog*'
}

# The records but the fifty newest, as the database of the day before; what makes the next of it.
bench_delta() { # RECORDS SOURCE
    local whole delta ms peak
    mkdir "$work/cves-before"
    if [ -d "$1" ]; then cp -r "$1" "$work/cves-before"; else tar -xf "$1" -C "$work/cves-before"; fi
    find "$work/cves-before" -name 'CVE-*.json' -printf '%f %p\n' | sort -V | tail -n 50 |
        cut -d' ' -f2- | xargs -d '\n' rm
    "$BUILD/oakum-repo" cves "$work/cves-before" --output "$work/before.db" --source "$2" --quiet >/dev/null
    read -r whole delta ms peak < <("$BUILD/tests/bench/cves-bench" --delta "$work/before.db" "$work/cves.db")
    row "  the database, as it travels" "$whole" bytes "<= 4194304"
    row "  fifty records more, as a delta" "$delta" bytes "<= 65536"
    row "  a host makes the new of the old" "$ms" ms ""
    row "  peak memory of that" "$peak" KiB "<= 16384"
}

# The author's side: all of it, also asking apt's lists.
bench_candidates() {
    local seconds found
    # The first run may have to unpack the changelog of a kernel that was added before.
    "$BUILD/oakum-build" candidates --kernel "$kernel" --database "$work/cves.db" --quiet >/dev/null
    command time -f '%e' -o "$work/candidates.time" "$BUILD/oakum-build" candidates \
        --kernel "$kernel" --database "$work/cves.db" --limit 0 --json --quiet >"$work/candidates.json"
    seconds=$(tail -n 1 "$work/candidates.time")
    found=$(jq .found "$work/candidates.json")
    row "  candidates of that kernel, $found, with apt's lists" "$seconds" s ""
}

bench_cves() {
    local records=${RECORDS-} all facts one peak json seconds folder
    if [ -z "$records" ]; then
        records=$(find "$top/../shared/data" -name 'kernel-cna-cves-*.tar.zst' 2>/dev/null | tail -n 1)
    fi
    if [ -z "$records" ]; then
        row "CVEs: all records (RECORDS names none)" - s ""
        return
    fi
    folder=$("$BUILD/oakum-build" kernel show "$kernel" --json | jq -r .dir)
    command time -f '%e %M' -o "$work/cves.time" "$BUILD/oakum-repo" cves "$records" \
        --output "$work/cves.db" --source "$folder/source" --quiet --json >"$work/cves.json"
    read -r seconds peak < <(tail -n 1 "$work/cves.time")
    json=$("$BUILD/tests/bench/cves-bench" --json "$records")
    row "CVEs: compile $(jq .published "$work/cves.json") records" "$seconds" s "<= 10"
    row "  of that, merely reading their JSON" "$json" s ""
    row "  peak memory" "$((peak / 1024))" MiB ""
    bench_delta "$records" "$folder/source"
    cves_root "$work/cves-root"
    read -r all facts one peak < <("$BUILD/tests/bench/cves-bench" "$work/cves.db" \
        "$work/cves-root")
    row "CVEs: judge a host, all records" "$all" ms "<= 150"
    row "  of that, its changelog, configuration and modules" "$facts" ms ""
    row "  one CVE, the host's facts known" "$one" ms "<= 5"
    row "  peak memory" "$peak" KiB "<= 16384"
    bench_candidates
}
