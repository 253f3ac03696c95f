# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# repo.sh - a repository of 100,000 levels, and what following one kernel of it costs a host
#
# Read by run.sh, whose row(), say() and story_serve() it uses. All is native, on this machine.
# shellcheck disable=SC2154 # set by run.sh

repo_bench=$BUILD/tests/bench/repo-bench
big=$work/bigwww/repository
# The first kernel that repo-bench makes.
big_id=$(printf 'kernel 0' | sha256sum | cut -c -40)

# big_level N - a level of that kernel
big_level() {
    local to=$work/big-level-$1
    TITLE='a title of usual length, of a usual fix' \
        "$top/tests/made-level.sh" "$to" "$1" "$big_id" 60000 $((3 * $1))
    "$BUILD/oakum-repo" add --quiet "$big" "$to/oakum_$1.ko" "$to/manifest.json" >/dev/null
}

seconds_of() { # COMMAND... - sets seconds
    local start=${EPOCHREALTIME/./}
    "$@" >/dev/null
    seconds=$(awk -v us=$((${EPOCHREALTIME/./} - start)) 'BEGIN { printf "%.2f", us / 1e6 }')
}

# A host that takes level N; sets cpu_ms, peak_kib, asked, bytes. Each file that the server gave
# has a line in its log.
follow() { # N
    : >"$work/nginx-access.log"
    read -r cpu_ms peak_kib < <("$repo_bench" run "$BUILD/oakum-tuf" --metadata-dir "$work/follow" \
        --metadata-url "$local_url" --target-base-url "$local_url/targets" \
        --target-dir "$work/follow" \
        --target-name "kernels/x86_64/$big_id/$1/oakum_$1.ko.zst" download)
    read -r asked bytes < <(awk '$9 == 200 { n++; sum += $10 } END { print n, sum }' \
        "$work/nginx-access.log")
}

bench_repository() {
    local local_url seconds cpu_ms peak_kib asked bytes first later
    mkdir -p "$work/bigwww"
    "$BUILD/oakum-repo" init --quiet "$big" --keys "$work/big-keys" --no-passphrase --bins 256 \
        >/dev/null
    seconds_of "$repo_bench" fill "$big" "$work/big-keys" 1000 100
    row "100,000 levels of 1,000 kernels, made and signed at once" "$seconds" s ""
    seconds_of big_level 101
    row "  oakum-repo add there" "$seconds" s ""
    seconds_of "$BUILD/oakum-repo" sign --quiet "$big" --keys "$work/big-keys"
    row "  oakum-repo sign there" "$seconds" s ""
    row "  bytes of its snapshot" "$(stat -c %s "$big/3.snapshot.json")" bytes ""
    row "  bytes of its targets" "$(stat -c %s "$big/1.targets.json")" bytes ""
    row "  bytes of the kernel's bin" "$(stat -c %s "$big/3.kernels-${big_id:0:2}.json")" bytes ""
    story_serve "$work/bigwww"
    local_url=http://127.0.0.1:${url##*:}/repository
    mkdir -p "$work/follow"
    "$BUILD/oakum-tuf" --metadata-dir "$work/follow" init "$big/1.root.json"
    follow 101
    row "a host comes and takes a level: files" "$asked" files "<= 5"
    row "  bytes" "$bytes" bytes ""
    row "  processor time of the whole process" "$cpu_ms" ms "<= 50"
    row "  peak memory" "$peak_kib" KiB "<= 12288"
    big_level 102
    "$BUILD/oakum-repo" sign --quiet "$big" --keys "$work/big-keys" >/dev/null
    follow 102
    row "it takes the next level: files" "$asked" files "<= 4"
    row "  bytes" "$bytes" bytes ""
    row "  processor time of the whole process" "$cpu_ms" ms "<= 50"
    row "  peak memory" "$peak_kib" KiB "<= 12288"
    # Once before, so that the server's words about the newest timestamp are known.
    "$repo_bench" refresh "$work/follow" "$local_url" 1 >/dev/null
    : >"$work/nginx-access.log"
    read -r first later < <("$repo_bench" refresh "$work/follow" "$local_url" 200)
    row "nothing new: processor time, first refresh of a process" \
        "$(awk -v us="$first" 'BEGIN { printf "%.2f", us / 1e3 }')" ms ""
    row "  each later one, as in a daemon" \
        "$(awk -v us="$later" 'BEGIN { printf "%.2f", us / 1e3 }')" ms "<= 5"
    row "  requests of the 201, all answered 304" \
        "$(grep -c '/timestamp.json HTTP/1.1" 304' "$work/nginx-access.log")" "" "<= 201"
    row "  other requests" \
        "$(grep -vc '/timestamp.json HTTP/1.1" 304' "$work/nginx-access.log")" "" "<= 0"
    story_stop
}
