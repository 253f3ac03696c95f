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

# A hundred containers of docker, of four kinds, each with a configuration of the usual size.
cves_containers() { # ROOT
    local root=$1 pid id kind dir caps
    dir=$root/process
    mkdir -p "$dir/ns" "$dir/net" "$root/proc/sys/user" "$root/run/moby"
    for kind in user cgroup time net pid ipc uts mnt; do ln -s "$kind:[1]" "$dir/ns/$kind"; done
    printf '    lo: 0\n  eth0: 0\n' >"$dir/net/dev"
    printf '0 0 4294967295\n' >"$dir/uid_map"
    for ((pid = 1; pid <= 60; pid++)); do
        printf '%d 1 0:%d / /mnt/%d rw,relatime master:%d - overlay overlay rw,lowerdir=/a:/b\n' \
            "$pid" "$pid" "$pid" "$pid"
    done >"$dir/mountinfo"
    jq -n '{process: {env: [range(40) | "NAME_\(.)=some value of it"]}, mounts: [range(30) |
        {destination: "/proc/\(.)", type: "proc", source: "proc", options: ["nosuid", "noexec"]}],
        linux: {resources: {devices: [{allow: false, access: "rwm"}]}, seccomp: {
        defaultAction: "SCMP_ACT_ERRNO", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
        syscalls: ([range(360) | {names: ["call_\(.)"], action: "SCMP_ACT_ALLOW"}] +
        [{names: ["socket", "clone3"], action: "SCMP_ACT_ALLOW"}])}}}' >"$root/config.json"
    for ((pid = 1000; pid < 1100; pid++)); do
        id=$(printf '%064x' "$pid")
        caps=00000000a80425fb
        case $((pid % 4)) in 1) caps=00000000a80435fb ;; 2) caps=000001ffffffffff ;; 3) caps=0 ;; esac
        cp -r "$dir" "$root/proc/$pid"
        printf '0::/system.slice/docker-%s.scope\n' "$id" >"$root/proc/$pid/cgroup"
        printf 'Name:\tx\nPPid:\t%d\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t \nNSpid:\t%d\t1\nCapInh:\t0\nCapPrm:\t%s\nCapEff:\t%s\nCapBnd:\t%s\nCapAmb:\t0\nNoNewPrivs:\t0\nSeccomp:\t2\nSeccomp_filters:\t1\n' \
            $((pid + 1000)) "$pid" "$caps" "$caps" "$caps" >"$root/proc/$pid/status"
        printf '%d (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0\n' "$pid" >"$root/proc/$pid/stat"
        mkdir -p "$root/proc/$pid/task/$pid" "$root/proc/$((pid + 1000))" "$root/run/moby/$id"
        ln -sf "mnt:[$pid]" "$root/proc/$pid/ns/mnt"
        ln -sf "net:[$pid]" "$root/proc/$pid/ns/net"
        ln -s "../../run/moby/$id" "$root/proc/$((pid + 1000))/cwd"
        jq -c --arg id "$id" '.id = $id' "$root/config.json" >"$root/run/moby/$id/config.json"
    done
    cp -r "$dir" "$root/proc/1"
    cp "$root/proc/1000/status" "$root/proc/1/status"
    printf '0::/init.scope\n' >"$root/proc/1/cgroup"
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
    local records=${RECORDS-} all facts one peak json seconds folder reach abilities vex vex_peak
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
    cves_containers "$work/cves-root"
    read -r all facts one peak reach abilities vex vex_peak < <("$BUILD/tests/bench/cves-bench" "$work/cves.db" \
        "$work/cves-root")
    row "CVEs: judge a host of 100 containers, all records" "$all" ms "<= 150"
    row "  of that, its changelog, configuration and modules" "$facts" ms ""
    row "  of that, who reaches what, $abilities kinds of actors" "$reach" ms ""
    row "  one CVE, the host's facts known" "$one" ms "<= 5"
    row "  peak memory" "$peak" KiB "<= 16384"
    row "VEX: all statements of that host as OpenVEX, its facts known" "$vex" ms "<= 300"
    row "  peak memory" "$vex_peak" KiB "<= 32768"
    bench_candidates
}
