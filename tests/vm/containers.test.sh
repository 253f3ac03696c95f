#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# containers.test.sh - containers of every engine on a Debian host, beside a table of what each is
#
# The machine has what tests/cli/containers.test.sh cannot: AppArmor with docker's profile, cgroup
# version 2 alone, --privileged, --userns-remap. Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL
# and TMPDIR are set.
# shellcheck disable=SC2016,SC2317 # of the machine; functions are called through agent_case() and the trap
# shellcheck disable=SC2030,SC2031,SC2154 # out, err and failed are lib.sh's
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$(mktemp -d)
# shellcheck source=tests/cli/lib.sh
. "$top/tests/cli/lib.sh"
# shellcheck source=tests/cli/containers-lib.sh
. "$top/tests/cli/containers-lib.sh"
# shellcheck source=tests/vm/debian/machine.sh
. "$top/tests/vm/debian/machine.sh"
# shellcheck source=tests/vm/agent-lib.sh
. "$top/tests/vm/agent-lib.sh"
finish() {
    [ -z "$machine_dir" ] || machine_kill || true
    rm -rf "$work"
}
trap finish EXIT

start_all() {
    strip -o "$work/oakum" "$BUILD/oakum" && machine_put "$work/oakum" /usr/bin/oakum &&
        machine_put "$top/tests/cli/containers-lib.sh" /root/containers-lib.sh &&
        machine_put "$top/tests/vm/guest/containers.sh" /root/containers.sh &&
        machine_run /root/containers.sh 400 | tee "$work/missing" && [ ! -s "$work/missing" ]
}

document() { # FILE VERB...
    machine_run "oakum ${*:2} --json" 120 >"$1"
}

agent_case "a settled machine is at hand" machine_settled "$work/vm"
agent_case "containers of every engine" start_all
agent_case "they are listed" document "$TMPDIR/all.json" containers
agent_case "and audited" document "$TMPDIR/audit.json" audit

# As in tests/cli/containers-lib.sh. crun puts no program on the cgroup of a container with mapped users,
# and one without a cgroup of its own has none. PIDS is what systemd allows by default; STREAM the port that
# containerd happens to listen at.
expected() {
    cat <<'E'
# name | engine | image | processes | of root | uid | real root | root_uid | groups | capabilities | privileged | by | seccomp | no new privs | confined | host's namespaces | read-only | /sys writable | masked | /proc/sys ro | all devices | memory/pids/cpu | ports | mounts
c-default | containerd | - | 1 | 1 | 0 | yes | 0 | - | default | no | seccomp | off | yes | yes | cgroup+time+user | - | - | yes | yes | - | none/none/none | - | -
c-priv | containerd | - | 1 | 1 | 0 | yes | 0 | - | all | yes | caps+seccomp+lsm+sys+proc+devices | off | - | - | cgroup+net+time+user | - | yes | - | - | yes | none/none/none | tcp:8080+tcp:STREAM+tcp6:8080 | etc:/etc/hosts=/etc/hosts:ro etc:/etc/resolv.conf=/etc/resolv.conf:ro
d-exec | docker | busybox | 2 | 1 | 1234 | - | 0 | 0 | none | no | - | filter | - | yes | time+user | - | - | yes | yes | - | none/PIDS/none | - | -
d-hard | docker | busybox | 1 | 0 | 1234 | - | 0 | 5678 | none | no | - | filter | yes | yes | time+user | yes | - | yes | yes | - | 67108864/50/50000 | - | volume!:/var/lib/docker/volumes/data/_data=/data:rw
d-host | docker | busybox | 1 | 1 | 0 | yes | 0 | 0 | default_+NET_ADMIN | no | - | filter | - | yes | cgroup+ipc+net+pid+time+user+uts | - | - | yes | yes | - | none/PIDS/none | tcp:8080+tcp:STREAM+tcp6:8080 | dev:/dev/shm=/dev/shm:rw
d-plain | docker | busybox | 1 | 1 | 0 | yes | 0 | 0 | default | no | - | filter | - | yes | time+user | - | - | yes | yes | - | none/PIDS/none | tcp6:80 | -
d-priv | docker | busybox | 1 | 1 | 0 | yes | 0 | 0 | privileged | yes | caps+seccomp+lsm+sys+proc+devices | off | - | - | time+user | - | yes | - | - | yes | none/PIDS/none | - | -
d-socket | docker | busybox | 1 | 1 | 0 | yes | 0 | 0 | default | no | lsm | filter | - | - | time+user | - | - | yes | yes | - | none/PIDS/none | - | socket!:/run/docker.sock=/tmp/innocent:ro,/run/docker.sock
k-hosts | crun | - | 1 | 1 | 0 | yes | 0 | - | default | no | seccomp+lsm | off | yes | - | cgroup+ipc+net+pid+time+user+uts | yes | - | - | yes | - | none/none/none | tcp:8080+tcp:STREAM+tcp6:8080 | run!:/run=/x:rw,/run/docker.sock sys:/sys/fs/bpf=/sys/fs/bpf:rw sys:/sys/fs/pstore=/sys/fs/pstore:rw sys:/sys/kernel/config=/sys/kernel/config:rw sys:/sys/kernel/debug=/sys/kernel/debug:rw sys:/sys/kernel/security=/sys/kernel/security:rw sys:/sys/kernel/tracing=/sys/kernel/tracing:rw
k-small | crun | - | 1 | 1 | 0 | yes | 0 | - | default | no | seccomp | off | yes | yes | time+user | yes | - | yes | yes | - | 33554432/7/none | - | -
m-remap | docker | busybox | 1 | 0 | 100000 | - | 100000 | 100000 | default | no | - | filter | - | yes | time | - | - | yes | yes | - | none/PIDS/none | - | -
p-free | podman | localhost/busybox:latest | 1 | 1 | 0 | yes | 0 | - | default | no | lsm+devices | filter | - | - | ipc+time+user | - | - | yes | yes | yes | none/PIDS/none | - | dev:/dev/shm=/dev/shm:rw
p-mapped | podman | localhost/busybox:latest | 1 | 0 | 200000 | - | 200000 | - | default | no | devices | filter | - | yes | time | - | - | yes | yes | yes | none/PIDS/none | - | -
p-plain | podman | localhost/busybox:latest | 1 | 1 | 0 | yes | 0 | - | default | no | - | filter | - | yes | time+user | - | - | yes | yes | - | none/PIDS/none | - | -
p-priv | podman | localhost/busybox:latest | 1 | 1 | 0 | yes | 0 | - | all | yes | caps+seccomp+lsm+sys+proc+devices | off | - | - | time+user | - | yes | - | - | yes | none/PIDS/none | - | -
r-mapped | runc | - | 1 | 0 | 100000 | - | 100000 | - | privileged | no | seccomp+lsm | off | yes | - | time | yes | - | yes | yes | - | none/none/none | - | -
r-open | runc | - | 1 | 1 | 0 | yes | 0 | - | privileged | yes | caps+seccomp+lsm+sys+proc+devices | off | - | - | time+user | - | yes | - | - | yes | none/none/none | - | root!:/=/host:ro
E
}

# Podman's profile has the version of its package in its name.
labels() {
    jq -r '.containers[] | "\(.name // .id) \(.security.lsm) \(.security.label)"' "$TMPDIR/all.json" |
        sed 's/containers-default-[0-9.]*/containers-default/' | sort
}

expected_labels() {
    cat <<'E'
c-default apparmor docker-default (enforce)
c-priv apparmor unconfined
d-exec apparmor docker-default (enforce)
d-hard apparmor docker-default (enforce)
d-host apparmor docker-default (enforce)
d-plain apparmor docker-default (enforce)
d-priv apparmor unconfined
d-socket apparmor unconfined
k-hosts apparmor unconfined
k-small apparmor docker-default (enforce)
m-remap apparmor docker-default (enforce)
p-free apparmor unconfined
p-mapped apparmor containers-default (enforce)
p-plain apparmor containers-default (enforce)
p-priv apparmor unconfined
r-mapped apparmor unconfined
r-open apparmor unconfined
E
}

# fails_for ID SUBJECTS
fails_for() {
    jq -r --arg id "$1" '[.findings[] | select(.id == $id and .verdict == "fail").subject |
        ltrimstr("container ")] | sort | join(" ")' "$TMPDIR/audit.json" >"$out"
    [ "$(cat "$out")" = "$2" ]
    result $? "$1 fails for these alone: $2"
}

# exits STATUS ARGUMENT... - of the audit
exits() {
    machine_run "oakum audit ${*:2}" 120 >"$out" 2>"$err"
    [ $? -eq "$1" ]
    result $? "audit ${*:2} exits $1"
}

# From here on each case stands alone.
set +e
: >"$err"
pids=$(machine_run 'systemctl show -P DefaultTasksMax')
(work=/root/w && containers_lines "$TMPDIR/all.json") |
    sed -E 's/tcp:[3-6][0-9]{4}/tcp:STREAM/g' | sort >"$TMPDIR/got"
expected | containers_wanted | sed "s#/PIDS/#/$pids/#" | sort >"$TMPDIR/want"
containers_match "$TMPDIR/want" "$TMPDIR/got"
diff <(expected_labels) <(labels) >"$out"
result $? 'each has the label of its profile'
jq -e '.containers[] | select(.name == "d-exec").processes | .n == 2 and .real_root == 1 and
    (.capabilities | contains(["SYS_ADMIN", "SYS_MODULE"]))' "$TMPDIR/all.json" >"$out"
result $? 'what was executed later in it may do more'

audit_match "$TMPDIR/audit.json" 5.2 <<'TABLE'
docker/d-plain 4.1=fail 5.11=warn 5.13=warn 5.26=warn 5.31=warn
docker/d-priv 4.1=fail 5.11=warn 5.13=warn 5.2=fail 5.22=fail 5.26=warn 5.31=warn 5.4=fail 5.5=fail container.proc=fail
docker/d-hard 5.31=warn
docker/d-socket 4.1=fail 5.11=warn 5.13=warn 5.2=fail 5.26=warn 5.31=warn 5.32=fail
docker/d-host 4.1=fail 5.10=fail 5.11=warn 5.13=warn 5.16=fail 5.17=fail 5.21=fail 5.26=warn 5.31=warn 5.4=fail
docker/d-exec 4.1=warn 5.11=warn 5.13=warn 5.26=warn 5.31=warn 5.4=fail container.others=warn
docker/m-remap 5.11=warn 5.13=warn 5.26=warn
containerd/c-default 4.1=fail 5.11=warn 5.13=warn 5.22=fail 5.29=warn 5.31=warn
containerd/c-priv 4.1=fail 5.10=fail 5.11=warn 5.13=warn 5.2=fail 5.22=fail 5.26=warn 5.29=warn 5.31=warn 5.4=fail 5.5=fail container.proc=fail
podman/p-plain 4.1=fail 5.11=warn 5.13=warn 5.26=warn 5.31=warn
crun/k-small 4.1=fail 5.22=fail 5.31=warn
TABLE
fails_for 5.5 'containerd/c-priv docker/d-priv podman/p-priv runc/r-open'
fails_for 5.2 'containerd/c-priv crun/k-hosts docker/d-priv docker/d-socket podman/p-free podman/p-priv runc/r-mapped runc/r-open'
jq -e '.findings[] | select(.id == "state.lsm").verdict == "pass"' "$TMPDIR/audit.json" >"$out"
result $? 'AppArmor is in force'
exits 0
exits 1 --severity critical
exits 1 --severity high --only 5.5
exits 0 --severity high --only 5.2
machine_shutdown 300
result $? 'the host ends in order'
exit "$failed"
