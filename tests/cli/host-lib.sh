# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host that is a tree of files: read, after lib.sh, by the tests that run oakum on one. $root is the
# tree, $repo what its oakum.conf names, $build_id its kernel's.
# shellcheck disable=SC2034,SC2154 # read, or set, by the tests

build_id=000102030405060708090a0b0c0d0e0f10111213

# Runs a command and compares the exit status and one line of what it said.
expect() { # NAME STATUS PATTERN COMMAND...
    local name=$1 status=$2 pattern=$3 got
    shift 3
    "$@" >"$out" 2>"$err" </dev/null
    got=$?
    [ "$got" -eq "$status" ] && { [ -z "$pattern" ] || grep -qF -- "$pattern" "$out" "$err"; }
    result $? "$name"
}

# The last command's document has this.
json() { # NAME FILTER
    [ -s "$out" ] && jq -e "$2" "$out" >/dev/null 2>&1
    result $? "$1"
}

# shellcheck disable=SC2317 # called through expect
oakum() { # VERB ARGUMENT...
    "$BUILD/oakum" "$1" --root "$root" "${@:2}"
}

put() { # PATH TEXT
    mkdir -p "$root/$(dirname "$1")"
    printf '%s\n' "$2" >"$root/$1"
}

# A host that may be patched.
fresh_root() {
    rm -rf "$root"
    put proc/sys/kernel/osrelease 6.1.0-50-amd64
    put proc/self/status "$(printf 'Name:\tx\nCapEff:\t000001ffffffffff')"
    mkdir -p "$root"/{etc/oakum,sys/kernel/livepatch,sys/kernel/tracing,var/lib}
    : >"$root/sys/kernel/tracing/enabled_functions"
    printf '\4\0\0\0\24\0\0\0\3\0\0\0GNU\0\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23' \
        >"$root/sys/kernel/notes"
    put etc/oakum/oakum.conf "repository = $repo"
    cp "$repo/1.root.json" "$root/etc/oakum/root.json"
}

# A level's livepatch as the kernel shows it.
loaded() { # NAME ENABLED TRANSITION FUNCTION
    put "sys/kernel/livepatch/$1/enabled" "$2"
    put "sys/kernel/livepatch/$1/transition" "$3"
    mkdir -p "$root/sys/kernel/livepatch/$1/vmlinux/$4" "$root/sys/module/$1"
}

level() { # NUMBER BUILD-ID
    tests/made-level.sh "$TMPDIR/level-$1" "$1" "$2" && printf '%s\n' "$TMPDIR/level-$1"
}
