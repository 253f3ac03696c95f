#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where docker-bench-security 1.6.0 errs, oakum audit is right: one row for each defect that reading
# its source has found. A row is a host, what docker-bench says of it, and what oakum does.
#
# docker-bench is not run here: it wants a docker that answers, and is in no archive that we use. What
# it does to its input stands in "theirs", in a line or two of ours that go about it in the same way; each
# shows that the input leads it astray.
#
# Not shown, as there is nothing to ask of oakum:
# - 4.1, the shell's word splitting that stays off after a pass: oakum is no shell script.
# - 5.7 compares an exit status with 265: shown as "theirs" alone, no status is more than 255.
# - Its ids are those of CIS 1.6.0, which is not the newest. Oakum keeps them, so that findings can be
#   mapped; docs/checks.md says what each one asks.
# - 1.9 seconds and 350 processes for each container: tests/bench/audit-bench.c, where the kernel kills
#   an audit that forks.
# shellcheck disable=SC2016,SC2119 # dollars are jq's, arguments the functions'
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root repo=$TMPDIR/repo
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh

# shellcheck source=tests/cli/container-lib.sh
. tests/cli/container-lib.sh

image=$(printf 'b%.0s' {1..64})
images=var/lib/docker/image/overlay2

# image CONFIG
image() {
    host
    put "$images/imagedb/content/sha256/$image" "$1"
    put "$images/repositories.json" "{\"Repositories\": {\"x\": {\"x:1\": \"sha256:$image\"}}}"
}

# What docker-bench says is PASS, WARN or INFO.
said() { # THEIRS WHAT
    [ "$theirs" = "$1" ]
    result $? "$2: docker-bench says $1"
}

# All findings of a check are so; the last audit is in $out.
ours() { # ID VERDICT WHAT
    oakum audit --json --only "$1" >"$out" 2>"$err" &&
        jq -e --arg v "$2" '(.findings | length) > 0 and all(.findings[]; .verdict == $v)' "$out" \
            >/dev/null
    result $? "$3: $1 is $2"
}

# Passes where the test does. The words of docker-bench.
pass_if() {
    if "$@"; then theirs=PASS; else theirs=WARN; fi
}

setting() { # JSON
    host
    put etc/docker/daemon.json "$1"
}

# Section 1

# Which of two versions is old decides between two sentences, both of them passes.
host
put var/lib/dpkg/info/docker.io.list /usr/bin/dockerd
put var/lib/dpkg/status "$(printf '%s\n' 'Package: docker.io' 'Status: install ok installed' \
    'Version: 20.10.5+dfsg1-1')"
version=20.10.5 limit=$(date +%y.%m.0 -d '-30 days')
if [[ $version < $limit ]]; then theirs=PASS; else theirs=PASS; fi
said PASS '1.2.2, a docker of 2021'
ours cve.docker.CVE-2024-41110 fail '1.2.2, a docker of 2021'

# Section 2

# Theirs: the newest process that has "dockerd" anywhere in its command line.
daemon_of_theirs() {
    grep -lzs dockerd "$root"/proc/[0-9]*/cmdline | sort -t/ -k "$(tr -dc / <<<"$root/proc//" | wc -c)n" |
        tail -n 1
}
host --icc=false
process 200 /usr/bin/vi vi dockerd.log
pass_if grep -qz -- --icc=false "$(daemon_of_theirs)"
said WARN '2.2 to 2.16, an editor of dockerd.log'
ours 2.2 pass '2.2 to 2.16, an editor of dockerd.log'
# One character behind "=" or a blank is what its pattern takes.
host --log-level=debug
value=$(tr '\0' ' ' <"$root/proc/100/cmdline" | sed -nE 's/.*--log-level[ =](.) .*/\1/p')
pass_if test "$value" != debug
said PASS '2.2 to 2.16, a value of five characters'
ours 2.3 warn '2.2 to 2.16, a value of five characters'

setting '{"hosts": [
  "fd://",
  "tcp://0.0.0.0:2375"
]}'
pass_if bash -c '! grep -q "host.*tcp://" "$1"' _ "$root/etc/docker/daemon.json"
said PASS '2.7, hosts on lines of their own'
ours 2.7 fail '2.7, hosts on lines of their own'
setting '{"hosts": ["tcp://0.0.0.0:2376"], "tlsverify": true}'
pass_if jq -e '."tlsverify":' "$root/etc/docker/daemon.json" 2>/dev/null
said WARN '2.7, tlsverify'
ours 2.7 pass '2.7, tlsverify'

setting '{"cgroup-parent": "/mine"}'
pass_if test -z "$(jq -r '."cgroup-parent"' "$root/etc/docker/daemon.json" | grep -v '')"
said PASS '2.10, a cgroup parent'
ours 2.10 warn '2.10, a cgroup parent'

for driver in local none; do
    setting "{\"log-driver\": \"$driver\"}"
    pass_if test "$(jq -r '."log-driver"' "$root/etc/docker/daemon.json")" != json-file
    said PASS "2.13, the driver $driver"
    ours 2.13 warn "2.13, the driver $driver"
done

host --no-new-privileges=false
pass_if grep -qz -- --no-new-privileges "$root/proc/100/cmdline"
said PASS '2.14, said to be false'
ours 2.14 warn '2.14, said to be false'

# An engine of version 23 or later calls its own profile "builtin".
setting '{}'
pass_if grep -q profile=default <<<'name=seccomp,profile=builtin'
said WARN '2.17, the profile of the engine'
ours 2.17 pass '2.17, the profile of the engine'

# A version as they read it: four digits, whatever they mean.
four() {
    tr -d . <<<"$1" | cut -c 1-4
}
of_docker() { # VERSION
    host
    put var/lib/dpkg/info/docker-ce.list /usr/bin/dockerd
    put var/lib/dpkg/status "$(printf '%s\n' 'Package: docker-ce' 'Status: install ok installed' \
        "Version: 5:$1-1~debian.12~bookworm")"
}
pass_if test "$(four 23.0.1)" -ge "$(four 23.0.15)"
said PASS '2.18 and C.2, 23.0.1 for 23.0.15'
of_docker 23.0.1
ours cve.docker.CVE-2024-41110 fail '2.18 and C.2, 23.0.1'
of_docker 23.0.15
ours cve.docker.CVE-2024-41110 pass '2.18 and C.2, 23.0.15'
# So it does not look at the option of engines that it takes for younger than 19.03.
setting '{"experimental": true}'
if [ "$(four 28.2.2)" -gt 1903 ]; then theirs=INFO; else theirs=WARN; fi
said INFO '2.18, of an engine of today'
ours 2.18 warn '2.18, of an engine of today'
setting '{"disable-legacy-registry": false}'
if [ "$(four 17.6.12)" -ge 1712 ]; then theirs=INFO; else theirs=WARN; fi
said INFO 'C.2, 17.6.12 for one after 17.12'
ours C.2 fail 'C.2, what was asked for'

# Section 3

mode() { # MODE MOST
    host
    put run/docker.sock x
    mkdir -p "$root/var" && ln -sfn /run "$root/var/run"
    chmod "$1" "$root/run/docker.sock"
    pass_if test "$(stat -c %a "$root/run/docker.sock")" -le "$2"
}
for mode in 602 626 577; do
    mode $mode 660
    said PASS "3.x, mode $mode as a decimal number"
    ours 3.16 fail "3.x, mode $mode as a decimal number"
done
mode 2640 660
said WARN '3.x, a mode of four digits'
ours 3.16 pass '3.x, a mode of four digits'
host -H unix:///srv/mine.sock
put srv/mine.sock x
chmod 666 "$root/srv/mine.sock"
if [ -e "$root/var/run/docker.sock" ]; then theirs=PASS; else theirs=INFO; fi
said INFO '3.x, a socket elsewhere'
ours 3.16 fail '3.x, a socket elsewhere'
ln -s /srv/mine.sock "$root/run-docker.sock"
process 100 /usr/bin/dockerd dockerd -H unix:///run-docker.sock
ours 3.16 fail '3.x, a link to a socket'

if [ "$(id -u)" = 0 ]; then
    host --group wheel
    put etc/group "$(printf '%s\n' root:x:0: docker:x:999: wheel:x:10:)"
    put run/docker.sock x
    mkdir -p "$root/var" && ln -sfn /run "$root/var/run"
    chown 0:10 "$root/run/docker.sock"
    pass_if test "$(stat -c %u:%g "$root/run/docker.sock")" = 0:999
    said WARN '3.15, another group than docker'
    ours 3.15 pass '3.15, another group than docker'
    host
    put run/docker.sock x
    mkdir -p "$root/var" && ln -sfn /run "$root/var/run"
    put proc/100/status "$(printf 'Name:\tdockerd\nUid:\t1000\t1000\t1000\t1000')"
    chown 1000:1000 "$root/run/docker.sock"
    pass_if test "$(stat -c %u:%g "$root/run/docker.sock")" = 0:999
    said WARN '3.15, rootless'
    ours 3.15 pass '3.15, rootless'
else
    printf 'ok - 3.15 # SKIP only root gives files away\n'
fi

# Section 4

root_of_theirs() { # USER
    case $1 in
    '' | 0 | root) theirs=WARN ;;
    *) theirs=PASS ;;
    esac
}
for user in 0:0 root:root 00 +0; do
    container
    declared "{\"Config\": {\"User\": \"$user\"}}" '{}'
    root_of_theirs "$user"
    said PASS "4.1, the user $user"
    ours 4.1 fail "4.1, the user $user"
done
container
userns
root_of_theirs ''
said WARN '4.1, userns-remap'
ours 4.1 pass '4.1, userns-remap'
container
status 50 1000 0000000000000000 2
root_of_theirs ''
said WARN '4.1, a process that dropped root, runAsUser of a pod'
ours 4.1 pass '4.1, a process that dropped root, runAsUser of a pod'

host
export DOCKER_CONTENT_TRUST=1
pass_if test "$DOCKER_CONTENT_TRUST" = 1
said PASS '4.5, the variable of the shell that audits'
ours 4.5 warn '4.5, the variable of the shell that audits'
unset DOCKER_CONTENT_TRUST
put etc/environment DOCKER_CONTENT_TRUST=1
pass_if test "${DOCKER_CONTENT_TRUST-}" = 1
said WARN '4.5, the variable of users'
ours 4.5 pass '4.5, the variable of users'
# What replaced it asks for another file.
put etc/containers/policy.json '{"default": [{"type": "sigstoreSigned"}]}'
ours image.policy pass '4.5, signatures of today'

image '{"history": [{"created_by": "/bin/sh -c #(nop) ADD file:0123 in / "},
    {"created_by": "RUN /bin/sh -c apt-get update && apt-get install -y x # buildkit"}]}'
history=$(jq -r '.history[].created_by' "$root/$images/imagedb/content/sha256/$image")
pass_if bash -c '! grep -q update <<<"$1"' _ "$history"
said WARN '4.7, an update that installs'
ours 4.7 pass '4.7, an update that installs'
pass_if bash -c '! grep -q ADD <<<"$1"' _ "$history"
said WARN '4.9, the line of the base image'
ours 4.9 pass '4.9, the line of the base image'
image '{"history": [{"created_by": "/bin/sh -c #(nop) ADD file:0123 in / "},
    {"created_by": "RUN /bin/sh -c apt-get update # buildkit"},
    {"created_by": "ADD https://x.example/y /z # buildkit"}]}'
ours 4.7 warn '4.7, an update alone'
ours 4.9 warn '4.9, an ADD of a URL'

# Section 5

container
put sys/kernel/security/lsm capability,selinux
put sys/fs/selinux/enforce 1
put proc/50/attr/current system_u:system_r:spc_t:s0
declared '{}' '{"SecurityOpt": ["seccomp=/x.json"]}'
pass_if test -n "$(jq -r '.SecurityOpt[]' <<<"$host_config")"
said PASS '5.3, any other option'
ours 5.3 fail '5.3, any other option'

container
status 50 0 $all_caps 0
declared '{}' '{"Privileged": true, "CapAdd": null}'
pass_if test "$(jq -r '.CapAdd' <<<"$host_config")" = null
said PASS '5.4, privileged'
ours 5.4 fail '5.4, privileged'
# --cap-add ALL and nothing that confines: the same, by another name.
declared '{}' '{"Privileged": false, "CapAdd": ["ALL"],
    "SecurityOpt": ["seccomp=unconfined", "apparmor=unconfined"]}'
put proc/50/attr/apparmor/current unconfined
pass_if test "$(jq -r '.Privileged' <<<"$host_config")" = false
said PASS '5.5, privileged but for the word'
ours 5.5 fail '5.5, privileged but for the word'

# Theirs: a list of places, where they are mounted for writing.
sensitive_of_theirs() { # SOURCE RW
    case "$1 $2" in
    '/ true' | '/boot true' | '/dev true' | '/etc true' | '/lib true' | '/proc true' | \
        '/sys true' | '/usr true') theirs=WARN ;;
    *) theirs=PASS ;;
    esac
}
while read -r place options rw want; do
    container
    mounts "100 90 254:1 $place /x $options - ext4 /dev/vda1 rw"
    sensitive_of_theirs "$place" "$rw"
    said PASS "5.6, $place $options"
    ours 5.6 "$want" "5.6, $place $options"
done <<'END'
/ ro false warn
/etc ro false warn
/root rw true fail
/home rw true fail
/var/lib/docker rw true fail
/var/lib/kubelet rw true fail
END
container
mounts '100 90 0:40 / /host-run rw - tmpfs tmpfs rw'
sensitive_of_theirs /run true
said PASS '5.6, /run'
ours 5.6 fail '5.6, /run'
# It also leaves a file "null" in /tmp. Nothing is written here.
find "$root" -printf '%P %T@ %s\n' | sort >"$TMPDIR/before"
oakum audit >/dev/null 2>&1
find "$root" -printf '%P %T@ %s\n' | sort | cmp -s - "$TMPDIR/before"
result $? '5.6, the audit leaves nothing behind'

container
put proc/51/cgroup "0::/system.slice/docker-$id.scope"
status 51 0 $docker_caps 2
put proc/51/task/51/comm sshd
ln -s /usr/sbin/sshd "$root/proc/51/exe"
namespaces 51 101
listed=$(PATH=$root/nothing sh -c 'ps -el' 2>/dev/null) # of an image that has no ps
pass_if bash -c '! grep -q sshd <<<"$1"' _ "$listed"
said PASS '5.7, a server where there is no ps'
ours 5.7 warn '5.7, a server where there is no ps'
container
ln -sfn 'pid:[2]' "$root/proc/50/ns/pid"
put proc/60/cgroup 0::/system.slice/ssh.service
put proc/60/status "$(printf 'Name:\tsshd\nPid:\t60\nNSpid:\t60')"
put proc/60/task/60/comm sshd
ln -s /usr/sbin/sshd "$root/proc/60/exe"
listed=$(cat "$root"/proc/[0-9]*/task/*/comm) # with --pid host, ps shows all
pass_if bash -c '! grep -q sshd <<<"$1"' _ "$listed"
said WARN '5.7, the server of the host'
ours 5.7 pass '5.7, the server of the host'
sh -c 'exit 265'
pass_if test $? -ne 265
said PASS '5.7, a status that cannot be'

ports() { # ADDRESS
    container
    declared "{\"NetworkSettings\": {\"Ports\": {\"80/tcp\": [{\"HostIp\": \"$1\",
        \"HostPort\": \"8080\"}]}}}" '{}'
}
ports ::
pass_if bash -c '! grep -q "0\.0\.0\.0" <<<"$1"' _ "$config"
said PASS '5.14, every address of IPv6'
ours 5.14 warn '5.14, every address of IPv6'

unconfined_of_theirs() {
    pass_if bash -c '! grep -q unconfined <<<"$1"' _ "$host_config"
}
container
status 50 0 $all_caps 0
declared '{}' '{"Privileged": true}'
unconfined_of_theirs
said PASS '5.22, privileged'
ours 5.22 fail '5.22, privileged'
container
declared '{}' '{"SecurityOpt": ["seccomp={\"defaultAction\": \"SCMP_ACT_ALLOW\"}"]}'
unconfined_of_theirs
said PASS '5.22, a profile that allows everything'
ours container.seccomp-profile fail '5.22, a profile that allows everything'

container
declared '{}' '{"SecurityOpt": ["no-new-privileges:false"]}'
pass_if grep -q no-new-privileges <<<"$host_config"
said PASS '5.26, said to be false'
ours 5.26 warn '5.26, said to be false'

container
declared '{}' '{"UsernsMode": ""}'
pass_if test "$(jq -r .UsernsMode <<<"$host_config")" != host
said PASS '5.31, no userns-remap'
ours 5.31 warn '5.31, no userns-remap'
container
userns
ours 5.31 pass '5.31, userns-remap'

# Sections 6 and 7

# 6.1 asks for all images once for each container. That we read each once: tests/unit/
# test-audit-images.c counts by inotify.
image '{}'
ours 6.1 pass '6.1, images are counted'

swarm() { # MANAGERS-AS-JSON
    host
    put var/lib/docker/swarm/docker-state.json '{"ListenAddr": "10.0.0.1:2377"}'
    put var/lib/docker/swarm/state.json "$1"
}
nodes='a Ready Active Leader
b Ready Active Reachable'
swarm '[{}, {}]'
pass_if test "$(grep -c Leader <<<"$nodes")" -eq 1
said PASS '7.1, two managers'
ours 7.1 warn '7.1, two managers'
swarm '[{}, {}, {}]'
ours 7.1 pass '7.1, three managers'

# Documents

container
declared '{"Name": "/we\"b[1]{\\"}' '{}'
name=$(jq -r .Name "$root/var/lib/docker/containers/$id/config.v2.json")
printf '{"items": ["%s"]}\n' "${name#/}" >"$TMPDIR/theirs.json"
pass_if jq -e . "$TMPDIR/theirs.json" >/dev/null 2>&1
said WARN 'JSON, a name with quotes and brackets'
expect 'JSON, a name with quotes and brackets: a document' 0 '' oakum audit --json
json 'JSON, the name is kept' 'any(.findings[]; .subject == "container docker/we\"b[1]{\\")'
expect 'JSON, SARIF' 0 '' oakum audit --sarif
json 'JSON, SARIF has it, too' 'any(.runs[0].results[].locations[0].logicalLocations[0];
    .fullyQualifiedName == "container docker/we\"b[1]{\\")'
expect 'JSON, a part of the checks' 0 '' oakum audit --json --only containers --only docker-daemon
json 'JSON, a part is a document' '.schema == 1 and (.findings | length) > 20'
expect 'exit status, findings' 1 'findings of severity' oakum audit --severity low
expect 'exit status, none' 0 '' oakum audit --only 2.4 --severity low

# Of the tool itself

container
status 50 0 $all_caps 0
put proc/50/attr/apparmor/current unconfined
ours 5.5 fail 'in a container: another one'
ln -s 50 "$root/proc/self"
ours 5.5 info 'in a container: its own'
json 'in a container: it says so' '.findings[0].evidence[-1].value == "the container of this audit"'
find "$root" -name '*.sock' | grep -q . && result 1 'no socket of an engine is there'
ours 5.10 pass 'no socket of an engine is needed'

container
userns
mkdir -p "$root/var/lib/docker/100000.100000"
mv "$root/var/lib/docker/containers" "$root/var/lib/docker/100000.100000/"
put etc/docker/daemon.json '{"userns-remap": "default"}'
put "var/lib/docker/100000.100000/containers/$id/config.v2.json" '{"Name": "/mapped"}'
put "var/lib/docker/100000.100000/containers/$id/hostconfig.json" \
    '{"RestartPolicy": {"Name": "always"}}'
pass_if test -e "$root/var/lib/docker/containers/$id"
said WARN 'userns-remap, where it looks'
ours 5.15 warn 'userns-remap, what was asked is found'
json 'userns-remap, the name, too' '.findings[0].subject == "container docker/mapped"'

host
put proc/100/status "$(printf 'Name:\tdockerd\nUid:\t1000\t1000\t1000\t1000')"
ours 2.1 pass 'rootless docker'

while read -r engine cgroup; do
    container "$cgroup"
    status 50 0 $all_caps 0
    put proc/50/attr/apparmor/current unconfined
    ours 5.5 fail "$engine"
    jq -e --arg e "$engine" \
        '.findings[0].subject | startswith("container " + $e + "/")' "$out" >/dev/null
    result $? "$engine: it is named"
done <<END
containerd /system.slice/nerdctl-$id.scope
podman /machine.slice/libpod-$id.scope
cri-o /kubepods.slice/kubepods-besteffort.slice/crio-$id.scope
runc /system.slice/runc-$id.scope
END
exit $failed
