# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Read by tests/cli/fault.test.sh: the states that walks start from, each a directory below $BASES
# with what its commands need by relative names:
#
#   keys/            private keys, also new-ROLE.pem for rotations
#   level-N/         a level as oakum-build makes it
#   www/             a repository
#   root.json        where hosts started: its first root
#   st/              the state of a reader that saw level 1
#
# shellcheck disable=SC2154 # BASES and BUILD are set by whoever reads this

made_level=$PWD/tests/made-level.sh
build_id=$(printf 'a%.0s' {1..40})
list=kernels/x86_64/$build_id/levels.json
level1=kernels/x86_64/$build_id/1/oakum_1.ko.zst

# Every program has the shim, which leaves fsync out. $ago, "-60d", moves the publisher's time.
repo() {
    LD_PRELOAD=$SHIM ${ago:+faketime -f "$ago"} "$BUILD/oakum-repo" "$@" --quiet
}

# reader STATE-DIRECTORY REPOSITORY VERB... - downloads go to the state's "got"
reader() {
    LD_PRELOAD=$SHIM "$BUILD/oakum-tuf" --metadata-dir "$1" --metadata-url "$2" --target-base-url "$2/targets" \
        --target-dir "$1.got" --target-name "$list" --target-name "$level1" "${@:3}"
}

level() { # NUMBER
    "$made_level" "level-$1" "$1" "$build_id" 400
}

# One repository with level 1, its keys and those that will take their place.
publish_one() { # BINS
    local role
    mkdir keys st.got
    repo init www --keys keys --no-passphrase --bins "$1" || return 1
    for role in root timestamp snapshot targets; do
        "$BUILD/oakum-repo" key new --no-passphrase "keys/new-$role.pem" --quiet >/dev/null || return 1
    done
    level 1 && level 2 || return 1
    cp www/1.root.json root.json
    repo add www level-1/oakum_1.ko level-1/manifest.json && repo sign www --keys keys
}

base_one() { # BINS
    publish_one "$1" && reader st www init root.json && reader st www download
}

# Two thirds of the life of targets and bins are over.
base_aged() { # BINS
    local ago=-60d
    rm -rf ./* && publish_one "$1" && ago='' && repo refresh www --keys keys &&
        reader st www init root.json && reader st www download
}

rotate() { # ROLE [REPOSITORY]
    repo rotate "${2:-www}" --role "$1" --remove "keys/$1.pub" --add "keys/new-$1.pub"
}

base_staged() {
    repo add www level-2/oakum_2.ko level-2/manifest.json
}

base_rotated() { # ROLE
    rotate "$1"
}

# The publisher has lost the key and cannot sign for those who know the old root.
base_lost() {
    rotate timestamp && rm keys/timestamp.*
}

# Targets are signed elsewhere; the answer is back.
base_answer() {
    base_staged && repo sign www --request request.json && cp request.json answer.json &&
        repo sign answer.json --keys keys && mkdir online &&
        mv keys/snapshot.* keys/timestamp.* online/
}

# "old" is what the reader saw; www has a level more, and www2 another root, snapshot key, level.
base_moved() {
    cp -a www old && base_staged && repo sign www --keys keys && cp -a www www2 &&
        repo withdraw www2 aaaaaaaa/1 --why 'it hangs' && rotate timestamp www2 &&
        rotate root www2 && repo sign www2 --keys keys
}

# Another snapshot key, whose predecessor cannot sign any more.
replace_snapshot() { # REPOSITORY
    mkdir "$1.keys" && cp keys/* "$1.keys" && rm "$1.keys"/snapshot.* && rotate snapshot "$1" &&
        repo sign "$1" --keys "$1.keys"
}

# A machine with the kernel of these levels, as far as "oakum check" looks; it has seen level 1.
base_host() {
    base_moved && mkdir -p host/{etc/oakum,proc/sys/kernel,proc/self,var/lib} \
        host/sys/kernel/{livepatch,tracing} || return 1
    echo 6.1.0-50-amd64 >host/proc/sys/kernel/osrelease
    printf 'Name:\tx\nCapEff:\t000001ffffffffff\n' >host/proc/self/status
    : >host/sys/kernel/tracing/enabled_functions
    { printf '\4\0\0\0\24\0\0\0\3\0\0\0GNU\0' && printf '\252%.0s' {1..20}; } \
        >host/sys/kernel/notes
    cp root.json host/etc/oakum/root.json
    cp -a host new-host
    host_check host old
    [ $? -eq 3 ] # level 1 would be applied
}

host_check() { # ROOT REPOSITORY
    LD_PRELOAD=$SHIM "$BUILD/oakum" check --root "$1" --repository "$PWD/$2" --quiet
}

# A host for whose audit each kind of fix is planned: a setting, a mode, docker's settings, a new file.
base_fixes() {
    mkdir -p host/{etc/docker,etc/sysctl.d,etc/audit/rules.d,proc/100,proc/sys/kernel,usr/bin,var/lib}
    echo 6.1.0-50-amd64 >host/proc/sys/kernel/osrelease
    echo 0 >host/proc/sys/kernel/kptr_restrict
    echo 0 >host/proc/sys/kernel/dmesg_restrict
    echo x >host/usr/bin/dockerd
    printf 'Name:\tx\nUid:\t0\t0\t0\t0\n' >host/proc/100/status
    printf 'dockerd\0' >host/proc/100/cmdline
    ln -s /usr/bin/dockerd host/proc/100/exe
    printf '{"log-level": "debug", "z": 1}\n' >host/etc/docker/daemon.json
    chmod 666 host/etc/docker/daemon.json
    fix_picture >original
}

base_fixed() {
    base_fixes && fix --apply
}

fix() { # OPTION
    LD_PRELOAD=$SHIM "$BUILD/oakum" audit --root host --fix-plan "$@" --quiet
}

fix_picture() {
    find host -path host/var/lib/oakum -prune -o -printf '%y %m %U:%G %p\n' | sort
    find host -path host/var/lib/oakum -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
}

# A site that has the first bundle, and bundles to follow: "next" has another root, "lost" a snapshot
# key whose predecessor was lost, "far" both, one after the other.
base_bundles() {
    repo export www -o first.tar.zst && repo import first.tar.zst site --root root.json &&
        base_moved && repo export www2 -o next.tar.zst && replace_snapshot www2 &&
        repo export www2 -o far.tar.zst && replace_snapshot www && repo export www -o lost.tar.zst
}

# make_base NAME BINS [BASE ARGUMENT...]: $BASES/NAME, from $BASES/one-BINS
make_base() {
    local name=$1 bins=$2
    shift 2
    if [ $# -gt 0 ]; then
        cp -a "$BASES/one-$bins" "$BASES/$name"
    else
        mkdir -p "$BASES/$name"
        set -- one "$bins"
    fi
    (cd "$BASES/$name" && "base_$1" "${@:2}") >"$BASES/$name.log" 2>&1 && return
    sed "s/^/# $name: /" "$BASES/$name.log"
    return 1
}

make_bases() { # BINS-OF-LARGE-WALKS
    local role
    for bins in $(printf '%s\n' 16 "$1" | sort -u); do
        make_base "one-$bins" "$bins" || return 1
    done
    mkdir "$BASES/empty"
    "$BUILD/oakum-repo" cves tests/cves/records --output "$BASES/cves.db" --quiet >/dev/null || return 1
    make_base staged 16 staged && make_base lost 16 lost && make_base answer 16 answer &&
        make_base moved 16 moved && make_base host 16 host && make_base fixes 16 fixes &&
        make_base fixed 16 fixed && make_base bundles "$1" bundles || return 1
    for role in root timestamp snapshot; do
        make_base "rotated-$role" 16 rotated "$role" || return 1
    done
    make_base aged "$1" aged "$1" && make_base rotated-targets "$1" rotated targets
}
