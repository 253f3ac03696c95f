#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kube-agent.test.sh - the agent as a container with exactly the rights of the chart's DaemonSet patches the kernel
# of its host under another container; without a capability it says what is missing
#
# The options of podman are made of the rendered manifest by kube_podman(), not by hand. Started by ci/shell-tests.sh:
# BUILD, OAKUM_KERNEL and TMPDIR are set. Prints "ok NAME" and "not ok NAME".
# shellcheck disable=SC2317,SC2016,SC2031 # functions are called through agent_case() and the trap; scripts of the machine
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$(mktemp -d)
# shellcheck source=demo/story.sh
. "$top/demo/story.sh"
# shellcheck source=tests/vm/debian/machine.sh
. "$top/tests/vm/debian/machine.sh"
# shellcheck source=tests/vm/agent-lib.sh
. "$top/tests/vm/agent-lib.sh"
# shellcheck source=tests/fleet/kube-lib.sh
. "$top/tests/fleet/kube-lib.sh"
finish() {
    [ -z "$machine_dir" ] || machine_kill || true
    story_stop
    rm -rf "$work"
}
trap finish EXIT
cd "$top"
if [ ! -x "$kube_go" ]; then
    echo "ok the agent with the DaemonSet's rights # SKIP needs $kube_go"
    exit 0
fi

# render - the chart's objects, one JSON a line, with this test's repository
render() {
    printf 'agent:\n  settings:\n    repository: %s/repository/\n    jitter: 0s\n    soak: 3s\n    retry: 10s\n    cves: "no"\n' "$url" \
        >"$work/values.yaml"
    "$(kube_render_program)" packaging/helm/oakum -f "$work/values.yaml" --json \
        --set-file "agent.root=$agent_repository/1.root.json" >"$work/chart.json"
}

# kube_podman CONTAINER [CAPABILITY-TAKEN-AWAY] - what the kubelet would ask an engine for, as podman's options
kube_podman() {
    jq -rs --arg name "$1" --arg without "${2:-}" '
        .[] | select(.kind == "DaemonSet").spec.template as $t | $t.spec as $s |
        ($s.initContainers + $s.containers | map(select(.name == $name))[0]) as $c | $c.securityContext as $x |
        (if $s.hostPID then "--pid=host" else empty end),
        (if $s.hostNetwork then "--network=host" else empty end),
        (if $x.privileged then "--privileged" else empty end),
        (if $x.readOnlyRootFilesystem then "--read-only", "--read-only-tmpfs=false" else empty end),
        (if $x.allowPrivilegeEscalation == false then "--security-opt=no-new-privileges" else empty end),
        (if $t.metadata.annotations["container.apparmor.security.beta.kubernetes.io/\($name)"] == "unconfined"
            then "--security-opt=apparmor=unconfined" else empty end),
        (if $x.runAsUser then "--user=\($x.runAsUser):\($x.runAsGroup // $x.runAsUser)" else empty end),
        ($x.capabilities.drop[]? | "--cap-drop=\(.)"),
        ($x.capabilities.add[]? | select(. != $without) | "--cap-add=\(.)"),
        ($c.volumeMounts[] as $m | $s.volumes[] | select(.name == $m.name) |
            (if .hostPath then .hostPath.path elif .configMap then "/root/maps/\(.configMap.name)/\($m.subPath)" else empty end) |
            "--volume=\(.):\($m.mountPath)\(if $m.readOnly then ":ro" else "" end)")' "$work/chart.json"
}

# The programs with what they load, a shell, "install": what the image has of them, small enough for this machine.
image() {
    local root=$work/image file
    mkdir -p "$root"/{bin,etc/oakum,lib,proc,sys,dev,tmp,run/oakum,var/lib/oakum,usr/bin,lib/modules}
    : >"$root/etc/os-release" && : >"$root/etc/machine-id"
    strip -o "$root/usr/bin/oakum" "$BUILD/oakum" && strip -o "$root/usr/bin/oakum-node" "$BUILD/src/cli/oakum-node"
    cp -L /bin/dash "$root/bin/sh" && cp -L /usr/bin/install /usr/bin/cat "$root/usr/bin/"
    for file in $(ldd "$root"/usr/bin/* "$root/bin/sh" | grep -o '/[^ )]*so[^ )]*' | sort -u) \
        /lib/x86_64-linux-gnu/libnss_files.so.2; do
        [ ! -e "$file" ] || install -D "$(realpath "$file")" "$root$file"
    done
    printf 'root:x:0:0::/:/bin/sh\noakum:x:8444:8444::/:/bin/false\n' >"$root/etc/passwd"
    printf 'root:x:0:\noakum:x:8444:\n' >"$root/etc/group"
    tar -C "$root" --owner=0 --group=0 -cf "$work/image.tar" . && machine_put "$work/image.tar" /root/image.tar &&
        machine_run 'podman import -q /root/image.tar localhost/oakum-agent' 180
}

maps() {
    machine_run 'mkdir -p /root/maps/oakum-agent /root/maps/oakum-root /run/oakum /var/lib/oakum' &&
        jq -r 'select(.kind == "ConfigMap") | .data["oakum.conf"] // empty' "$work/chart.json" >"$work/oakum.conf" &&
        jq -r 'select(.kind == "ConfigMap") | .data["root.json"] // empty' "$work/chart.json" >"$work/root.json" &&
        machine_put "$work/oakum.conf" /root/maps/oakum-agent/oakum.conf &&
        machine_put "$work/root.json" /root/maps/oakum-root/root.json
}

pod() { # NAME WITHOUT COMMAND... - "-d" where NAME is agent
    local detach=--rm
    [ "$1" != agent ] || detach=-d
    machine_run "podman run $detach --name $1 $(kube_podman "$1" "$2" | while read -r o; do printf '%q ' "$o"; done) localhost/oakum-agent $(printf '%q ' "${@:3}")" 300
}
prepare() {
    pod prepare '' /bin/sh -ec "$(jq -r 'select(.kind == "DaemonSet").spec.template.spec.initContainers[] | select(.name == "prepare").args[0]' "$work/chart.json")"
}
other_container() {
    machine_run 'podman run -d --name other busybox sh -c "while :; do date +%s >/tmp/alive; sleep 1; done" &&
        podman inspect -f "{{.State.Pid}} {{.State.StartedAt}}" other >/root/other' 300
}
wait_log() { # TEXT - in the agent's log
    machine_run "for i in \$(seq 60); do podman logs agent 2>&1 | grep -q $(printf %q "$1") && exit 0; sleep 1; done
        podman logs agent 2>&1 | tail -n 30; exit 1" 200
}
applied() {
    machine_run 'for i in $(seq 90); do [ "$(cat /sys/kernel/livepatch/oakum_1/enabled 2>/dev/null)" = 1 ] &&
        [ "$(cat /sys/kernel/livepatch/oakum_1/transition)" = 0 ] && exit 0; sleep 1; done
        podman logs agent 2>&1 | tail -n 30; exit 1' 300
}
told() {
    machine_run 'for i in $(seq 60); do jq -e ".level == 1 and .state == \"applied\" and .agent > 0" /run/oakum/node.json && exit 0; sleep 1; done
        cat /run/oakum/node.json; exit 1' 200
}
# A pod of its own for the client: no rights at all, and it sees that the agent runs.
client_sees() {
    machine_run "podman run --rm --pid=host -v /run/oakum:/run/oakum:ro --read-only --cap-drop=all --security-opt=no-new-privileges \
        --user=8444:8444 localhost/oakum-agent /usr/bin/oakum-node show --node n1 | tee /dev/stderr | grep -q 'KernelLivePatched=True LevelApplied'"
}
undisturbed() {
    machine_run '[ "$(podman inspect -f "{{.State.Pid}} {{.State.StartedAt}}" other)" = "$(cat /root/other)" ] &&
        podman exec other sh -c "[ \$((\$(date +%s) - \$(cat /tmp/alive))) -le 5 ]"'
}
exact() {
    machine_run 'pid=$(podman inspect -f "{{.State.Pid}}" agent); cat /proc/$pid/status | grep -E "CapEff|NoNewPrivs|Seccomp:"
        [ "$(sed -n "s/^CapEff:\t//p" /proc/$pid/status)" = 00000004002900c4 ] &&
        [ "$(sed -n "s/^NoNewPrivs:\t//p" /proc/$pid/status)" = 1 ] && [ "$(sed -n "s/^Seccomp:\t//p" /proc/$pid/status)" = 2 ]'
}
remove_agent() {
    machine_run 'podman rm -f -t 5 agent; rm -rf /var/lib/oakum/* /run/oakum/*' 120
}
# CAPABILITY TEXT - the level stays out, and the log says which right is missing
without() {
    remove_agent && prepare && pod agent "$1" /usr/bin/oakum agent && wait_log "$2" &&
        machine_run '[ ! -e /sys/kernel/livepatch/oakum_1 ]'
}

agent_case "a level is built" agent_levels
agent_case "a repository is published" agent_publish 1
agent_case "a web server serves it" story_serve "$work/www"
agent_case "the chart is rendered" render
agent_case "a settled machine is at hand" machine_settled "$work/vm"
agent_case "the image is there" image
agent_case "and what ConfigMaps hold" maps
agent_case "another container runs" other_container
agent_case "without SYS_MODULE the level stays out, and the log says so" without SYS_MODULE SYS_MODULE
agent_case "the folders of the host are made" remove_agent
agent_case "the init container makes them" prepare
agent_case "the agent starts with the DaemonSet's rights" pod agent '' /usr/bin/oakum agent
agent_case "they are those, no new privileges, a seccomp filter" exact
agent_case "the level is in the kernel of the host" applied
agent_case "the node client's file says so" told
agent_case "the client sees it without a right" client_sees
agent_case "the other container did not notice" undisturbed
