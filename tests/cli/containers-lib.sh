# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Containers beside a table of what every one is: read by containers-inner.sh, which starts them on
# the machine that builds, and by tests/vm/containers.test.sh; what starts bundles is read in the
# virtual machine, too.
# shellcheck disable=SC2034,SC2154 # out, failed and result() are lib.sh's; work is the caller's

# A bundle as runc's own template has it, changed by a filter. Of the caller: work, with the root file
# system "box" in it; parent, a cgroup.
run_bundle() { # RUNTIME ID FILTER
    local dir=$work/bundle-$2
    mkdir -p "$dir"
    cp -a "$work/box" "$dir/rootfs"
    (cd "$dir" && runc spec) || return
    jq --arg parent "/$parent/$2" '.process.terminal = false | .process.args = ["sleep", "1000"] |
        .process.rlimits = [] | .linux.cgroupsPath = $parent | '"$3" \
        "$dir/config.json" >"$dir/new" && mv "$dir/new" "$dir/config.json"
    "$1" run --detach --bundle "$dir" "$2" >"$dir/log" 2>&1 </dev/null || sed "s/^/# $1: /" "$dir/log"
}

# Of the caller's filters.
all_caps='["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_SETUID", "CAP_NET_ADMIN",
    "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_SYS_BOOT",
    "CAP_SYSLOG", "CAP_MKNOD", "CAP_SYS_TIME"]'

# A line a container, each column a property; "-" is null, nothing, or no.
# shellcheck disable=SC2016 # of jq
lines='def word: if . == null or . == "" or . == [] or . == false then "-"
        elif . == true then "yes" else tostring end;
    .containers[] | . as $c | .security as $s | [
    .name // (.id | sub("[0-9]+$"; "N")), .engine, .image // "-", .processes.n, .processes.real_root,
    ($s.uid.effective | tostring), $s.real_root, $s.root_uid,
    ($s.groups | map(tostring) | join("+")),
    ($s.capabilities.summary | gsub(" "; "_")), $s.privileged, ($s.privileged_by | join("+")),
    $s.seccomp, $s.no_new_privs, $s.confined,
    ([$s.namespaces | to_entries[] | select(.value.host) | .key] | sort | join("+")),
    $s.root.read_only, $s.root.sys_writable, $s.root.proc_masked, $s.root.proc_sys_read_only,
    $s.devices_all,
    ($s.limits | "\(.memory_max_bytes)/\(.pids_max)/\(.cpu_quota_us)"),
    ([$s.ports | sort_by(.protocol, .port)[] | "\(.protocol):\(.port)"] | join("+")),
    ([$s.mounts[] | select(.place != "own") | "\(.place)\(if .whole then "!" else "" end):" +
        "\(.host)=\(.inside):\(if .read_only then "ro" else "rw" end)" +
        "\(if .socket then "," + .socket else "" end)"] | sort | join(" "))
    ] | map(word) | join("|")'

# containers_lines DOCUMENT
containers_lines() {
    jq -r "$lines" "$1" | sed "s#${work:?}#WORK#g"
}

# containers_wanted <TABLE - with blanks around the columns, and comments
containers_wanted() {
    sed 's/ *| */|/g; s/^ *//; s/ *$//; /^#/d'
}

# containers_match WANT GOT - a case a container, sorted lines both; and that there are no others
containers_match() {
    local want status

    while IFS= read -r want; do
        grep -qxF -- "$want" "$2"
        status=$?
        { echo "want $want" && grep "^${want%%|*}|" "$2"; } >"$out"
        result $status "every property of ${want%%|*} of $(cut -d'|' -f2 <<<"$want")"
        [ $status -eq 0 ] || failed=1
    done <"$1"
    diff <(cut -d'|' -f1 "$1") <(cut -d'|' -f1 "$2") >"$out" 2>&1
    result $? 'these, and no others'
}

# The ids that audit_match compares; all others pass, do not apply or differ with the machine.
judged='["4.1","5.4","5.5","5.6","5.10","5.11","5.13","5.16","5.17","5.21","5.22","5.26","5.29",
    "5.31","5.32","container.proc","container.others","container.differs"]'

# audit_match DOCUMENT [ID]... <TABLE - a line a container: its subject, then "id=verdict" of what is
# not "pass"; IDs are judged, too
audit_match() {
    local document=$1 name want got ids

    shift
    ids=$(jq -c '. + $ARGS.positional' --args "$@" <<<"$judged")

    while read -r name want; do
        got=$(jq -r --arg subject "container $name" --argjson ids "$ids" '[.findings[] |
            select(.subject == $subject and .verdict != "pass" and (.id | IN($ids[]))) |
            "\(.id)=\(.verdict)"] | sort | join(" ")' "$document")
        want=$(tr ' ' '\n' <<<"$want" | sort | paste -sd ' ')
        diff <(tr ' ' '\n' <<<"$want") <(tr ' ' '\n' <<<"$got" | sort) >"$out" 2>&1
        result $? "the audit is right about $name"
    done
}
