# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Read by ci/check.sh and its steps, which start in the top folder of the tree.

export CHECK=${CHECK:-$PWD/build-check} # builds, caches and logs of the checks
export BUILD=${BUILD:-$PWD/build}       # what "make" builds: the release build
JOBS=$(nproc)
export JOBS
export CMOCKA_MESSAGE_OUTPUT=TAP
export LC_ALL=C.UTF-8

# Our own C files. Golden sources are compiler input, kept as their tests want them.
sources() {
    find src tests demo -path tests/golden -prune -o -type f -name '*.[ch]' -print | sort
}

scripts() {
    {
        find ci demo tests packaging .ci -type f \( -name '*.sh' -o -path '.ci/run' \)
        echo packaging/completion/oakum
        find packaging/network packaging/update-motd.d packaging/debian -type f \
            \( -name 'oakum-network-up' -o -name '90-oakum' -o -name '*.postrm' \)
    } | sort
}

# Runs a command as one test case; its output is shown where it fails.
case_run() { # NAME COMMAND...
    local name=$1 out
    shift
    if out=$("$@" 2>&1); then
        printf 'ok - %s\n' "$name"
    else
        # Indented: a line of it that begins with "ok" is not a case of ours.
        printf '%s\n' "$out" | sed 's/^/    /'
        printf 'not ok - %s\n' "$name"
        return 1
    fi
}

# Feeds lines of standard input as last argument to a command, JOBS at a time; fails if one does.
in_parallel() { # COMMAND...
    xargs -r -d '\n' -n 1 -P "$JOBS" "$@"
}

# Configures (once) and builds. Meson itself reconfigures when a meson.build changed.
build_in() { # DIRECTORY MESON-OPTION...
    local dir=$1
    shift
    [ -f "$dir/build.ninja" ] || meson setup "$dir" "$@" || return 1
    ninja -C "$dir" --quiet
}

# Runs a build's test programs and turns Meson's log into TAP, one line a case.
tests_in() { # LABEL DIRECTORY MESON-TEST-OPTION...
    local label=$1 dir=$2 status
    shift 2
    rm -f "$dir"/meson-logs/testlog*.json
    meson test -C "$dir" --no-rebuild --num-processes "$JOBS" "$@" >/dev/null
    status=$?
    cat "$dir"/meson-logs/testlog*.json | jq -r --arg prefix "$label" -f ci/testlog.jq
    return $status
}
