# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# story.sh - the host's side of the story; read by demo/run.sh and tests/vm/story.test.sh
#
# Callers set: top, the source tree; BUILD, the programs; work, a folder that is theirs alone.
# Callers run story_stop at their end.

: "${top:?}" "${BUILD:?}" "${work:?}"

STORY_KERNEL=debian:6.1.0-50-amd64
STORY_VERSION=6.1.176-1 # the version that the fix was written against
STORY_CVE=CVE-2026-89603

story_server=

# story_kernel [REFERENCE] - makes a kernel ready; sets kernel, and "kernel show" as $work/kernel.json
#
# An archive keeps a version only until the next. Where it is gone, the newest 6.1 kernel
# whose image and source agree takes its place.
story_kernel() {
    local wanted=${1:-$STORY_KERNEL}

    kernel=$wanted
    if ! "$BUILD/oakum-build" kernel add "$kernel"; then
        kernel=$("$BUILD/oakum-build" kernel list --available --series 6.1 --json |
            jq -r '.available[0].reference // empty')
        if [ -z "$kernel" ]; then
            echo "neither $wanted nor any other complete 6.1 kernel is in the archive" >&2
            return 1
        fi
        echo "$wanted cannot be had; the newest complete 6.1 kernel is $kernel" >&2
        "$BUILD/oakum-build" kernel add "$kernel" || return
    fi
    "$BUILD/oakum-build" kernel show "$kernel" --json >"$work/kernel.json"
}

kernel_fact() {
    jq -r --arg fact "$1" '.[$fact]' "$work/kernel.json"
}

# story_fix - sets what is fixed: flaw, fix (the patch), cve_options, trigger (see guest/story.sh)
#
# Another kernel than the one meant may have the flaw no more. A patch whose effect can be seen,
# and is no fix at all, then shows the same.
story_fix() {
    if [ "$(kernel_fact package_version)" = "$STORY_VERSION" ]; then
        flaw=$STORY_CVE
        fix=$top/demo/fix/$STORY_CVE.patch
        cve_options=(--cve "$STORY_CVE")
        trigger=/trigger
    else
        flaw='a /proc/cmdline without "oakum.sealed"'
        fix=$top/demo/fix/visible.patch
        cve_options=()
        trigger='/busybox sh /visible.sh'
    fi
}

# story_level N DIR [OPTION]... - builds level N: module, manifest and make.json in DIR
story_level() {
    local level=$1 dir=$2

    shift 2
    mkdir -p "$dir"
    "$BUILD/oakum-build" make --kernel "$kernel" "${cve_options[@]}" --level "$level" \
        --out "$dir" --json "$@" "$fix" >"$dir/make.json"
}

# story_publish DIR LEVEL-DIR - a new repository with new keys and one level
story_publish() {
    "$BUILD/oakum-repo" init --quiet "$1" --keys "$work/keys" --no-passphrase &&
        "$BUILD/oakum-repo" add --quiet "$1" "$2"/oakum_*.ko "$2/manifest.json" &&
        "$BUILD/oakum-repo" sign --quiet "$1" --keys "$work/keys" &&
        "$BUILD/oakum-repo" verify --quiet "$1"
}

# story_serve DIR - nginx on a free port of the loopback, everything below DIR; sets url
#
# While $work/busy is there it answers 503 and asks to wait ten hours.
story_serve() {
    local port tries

    for ((tries = 0; tries < 20; tries++)); do
        port=$((20000 + RANDOM % 20000))
        cat >"$work/nginx.conf" <<EOF
user root;
daemon off;
worker_processes 1;
pid $work/nginx.pid;
error_log $work/nginx-error.log;
events { }
http {
    access_log $work/nginx-access.log;
    client_body_temp_path $work/nginx-body;
    proxy_temp_path $work/nginx-proxy;
    fastcgi_temp_path $work/nginx-fastcgi;
    uwsgi_temp_path $work/nginx-uwsgi;
    scgi_temp_path $work/nginx-scgi;
    server {
        listen 127.0.0.1:$port;
        root $1;
        if (-f $work/busy) { return 503; }
        error_page 503 @busy;
        location @busy {
            add_header Retry-After 36000 always;
            return 503;
        }
    }
}
EOF
        nginx -e "$work/nginx-error.log" -c "$work/nginx.conf" 2>/dev/null &
        story_server=$!
        if story_answers "http://127.0.0.1:$port/repository/timestamp.json"; then
            # As the machine sees this host's loopback.
            url=http://10.0.2.2:$port
            return 0
        fi
        story_stop
    done
    echo "no web server could be started; see $work/nginx-error.log" >&2
    return 1
}

# story_answers URL - waits until our server gives it, or has ended (its port was taken)
story_answers() {
    local tries

    for ((tries = 0; tries < 50; tries++)); do
        kill -0 "$story_server" 2>/dev/null || return 1
        ! curl -sf -o /dev/null "$1" || return 0
        sleep 0.1
    done
    return 1
}

story_stop() {
    [ -z "$story_server" ] || kill "$story_server" 2>/dev/null || true
    [ -z "$story_server" ] || wait "$story_server" 2>/dev/null || true
    story_server=
}

# story_boot [OPTION OF vm.sh]... - the machine with oakum, the containers and the guest's story
story_boot() {
    local image=/containers guest=$top/demo/guest

    cat >"$work/settings" <<EOF
repository=$url/repository/
url=$url
flaw='$flaw'
trigger='$trigger'
EOF
    "$top/tests/vm/vm.sh" --vmlinuz "$(kernel_fact vmlinuz)" --work "$work/vm" \
        --cache "${OAKUM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oakum}/vm" \
        --timeout 300 --modules "$(kernel_fact dir)/modules" --module overlay --module veth \
        --program runc --program crun --program curl \
        --file "$BUILD/oakum=/usr/bin/oakum" \
        --file "$work/root.json=/etc/oakum/root.json" \
        --file "$work/settings=/lib/story/settings" \
        --file "$guest/containers.sh=/lib/story/containers.sh" \
        --file "$top/demo/containers/web/config.json=$image/web/config.json" \
        --file "$BUILD/demo/web=$image/web/rootfs/web" \
        --file "$top/demo/containers/attacker/config.json=$image/attacker/config.json" \
        --file "$BUILD/demo/trigger=$image/attacker/rootfs/trigger" \
        --file "$guest/visible.sh=$image/attacker/rootfs/visible.sh" \
        --file "$(command -v busybox)=$image/attacker/rootfs/busybox" \
        "$@" "$guest/story.sh"
}
