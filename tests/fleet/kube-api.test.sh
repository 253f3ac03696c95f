#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The node client against a real API server of Kubernetes (1.20, built of Debian's sources, tests/fleet/kube-lib.sh),
# with the account and the roles of our chart, looked at with kubectl: labels, condition, events, taint; what the
# account may not do; a new token; the server gone, dead and back; everything taken away again. The chart and the plain
# manifests are held to that server's own checks.
# shellcheck disable=SC2016,SC2181,SC2031 # texts with backquotes; a status is asked for beside what was said
set -u
: "${BUILD:?}" "${TMPDIR:?}"
BUILD=$(realpath "$BUILD") TMPDIR=$(realpath "$TMPDIR")
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/fleet/kube-lib.sh
. tests/fleet/kube-lib.sh
: >"$out"
: >"$err"

if [ "${1:-}" != inside ]; then
    for tool in etcd unshare ip jq openssl "$kube_go"; do
        if ! command -v "$tool" >/dev/null || [ "$(id -u)" -ne 0 ]; then
            echo "ok - the node client with a real API server # SKIP needs root and $tool"
            exit 0
        fi
    done
    kube_kubectl 2>"$err"
    result $? 'kubectl is at hand'
    server=$(kube_build 2>"$err") && [ -x "$server" ]
    result $? 'an API server is built of Debian'\''s sources'
    kube_render_program >"$out" 2>"$err"
    result $? 'the chart can be rendered'
    [ $failed -eq 0 ] || exit 1
    exec unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc \
        bash "$0" inside "$server"
fi
server=$2
ip link set lo up
work=$TMPDIR/kube
mkdir -p "$work"
kube_keys "$work" >"$out" 2>"$err" && kube_start "$work" "$server" 2>"$err"
result $? 'it starts on an empty etcd'
[ $failed -eq 0 ] || exit 1

export KUBECONFIG=$work/config HOME=$work
kubectl config set-cluster c --server=https://127.0.0.1:6443 --certificate-authority="$work/ca.crt" >/dev/null
kubectl config set-credentials admin --token=admin-token >/dev/null
kubectl config set-context c --cluster=c --user=admin >/dev/null
kubectl config use-context c >/dev/null

# until SECONDS COMMAND...
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >"$out" 2>"$err"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.3
    done
}

# --- the chart and the manifests, as this server judges them
kubectl create namespace oakum >"$out" 2>"$err"
result $? 'a namespace for the chart'
kube_render --kube v1.20.2 --set server.enabled=true --set server.database.existingSecret=db >"$work/all.yaml" 2>"$err" &&
    kubectl apply --dry-run=server --validate=true -f "$work/all.yaml" >"$out" 2>"$err" &&
    [ "$(grep -c 'server dry run' "$out")" -ge 17 ]
result $? 'the API server would take the whole chart, every member known'
# One member that nobody knows: the check would say so.
sed 's/hostPID: true/hostPIDs: true/' "$work/all.yaml" >"$work/bad.yaml"
! kubectl apply --dry-run=server --validate=true -f "$work/bad.yaml" >"$out" 2>"$err" && grep -q 'hostPIDs' "$err"
result $? 'and refuses one with a member that is not known'
for overlay in packaging/kustomize/base packaging/kustomize/overlays/taint; do
    kubectl kustomize "$overlay" >"$work/plain.yaml" 2>"$err" &&
        kubectl apply --dry-run=server --validate=true -f "$work/plain.yaml" >"$out" 2>"$err"
    result $? "$overlay is good too"
done

# --- the account, and nothing but what the chart gives it
kube_render --kube v1.20.2 >"$work/chart.yaml"
kubectl apply -f "$work/chart.yaml" >"$out" 2>"$err"
result $? 'the chart is applied'
new_token() { # FILE
    echo '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3607}}' |
        kubectl create --raw /api/v1/namespaces/oakum/serviceaccounts/oakum-node/token -f - |
        jq -r .status.token >"$1.new" && [ -s "$1.new" ] && mv "$1.new" "$1"
}
new_token "$work/token" 2>"$err"
result $? 'its account has a token, as the kubelet would ask for'
for name in node-1 node-2; do
    printf '{"apiVersion":"v1","kind":"Node","metadata":{"name":"%s","labels":{"theirs":"stays"}},"spec":{"taints":[{"key":"theirs","effect":"NoExecute"}]}}' $name
done | kubectl create -f - >"$out" 2>"$err"
result $? 'two nodes'

# --- an agent's word, and a process of its name
host=$work/host
mkdir -p "$host/run/oakum"
ln -s /proc "$host/proc"
cp "$(command -v sleep)" "$work/oakum"
"$work/oakum" 600 &
agent=$!
say() { # JQ-FILTER - changes what the agent says
    jq --argjson pid "$agent" --argjson now "$(date +%s)" "$1" "$work/said.json" >"$work/said.new" &&
        mv "$work/said.new" "$work/said.json" && cp "$work/said.json" "$host/run/oakum/.new" &&
        mv "$host/run/oakum/.new" "$host/run/oakum/node.json"
}
cp tests/fuzz/corpus/node-status/full.json "$work/said.json"
say '.agent = $pid | .findings = [] | .verdict = "ok" | .reboot = false | .deeds = [{at: $now, level: 3, step: "applied", by: "agent", why: ""}]'

client() { # VERB ARGUMENT...
    "$BUILD/oakum-node" "$1" --server https://127.0.0.1:6443 --ca "$work/ca.crt" --token-file "$work/token" "${@:2}"
}
node_is() { # JQ-FILTER [NODE]
    kubectl get node "${2:-node-1}" -o json | jq -e "$1"
}
# The server itself adds one to a node that is not ready.
taints='[.spec.taints[].key | select(. != "node.kubernetes.io/not-ready")]'
condition='(.status.conditions[] | select(.type == "KernelLivePatched"))'

client run --node node-1 --root "$host" --once >"$out" 2>"$err"
result $? 'one try succeeds'
node_is '.metadata.labels | ."oakum.dev/level" == "3" and ."oakum.dev/verdict" == "ok" and ."oakum.dev/state" == "applied" and
    ."oakum.dev/kernel-build" == "000102030405060708090a0b0c0d0e0f10111213" and ."oakum.dev/reboot" == "no" and
    ."oakum.dev/effective-version" == "6.1.176-1_deb12" and .theirs == "stays"' >"$out" 2>"$err"
result $? 'the labels are there, and those of others too'
[ "$(kubectl get nodes -l oakum.dev/level=3 -o name 2>"$err")" = node/node-1 ]
result $? 'nodes can be selected by them'
node_is "$condition | .status == \"True\" and .reason == \"LevelApplied\" and .message == \"level 3 is applied\"" >"$out" 2>"$err"
result $? 'the condition says that the kernel is patched'
kubectl get events -n default -o json 2>"$err" | tee "$out" | jq -e '.items | length == 1 and
    (.[0] | .reason == "KernelLevelApplied" and .type == "Normal" and .involvedObject.name == "node-1" and
    .source.component == "oakum" and .message == "level 3 was applied by agent")' >/dev/null
result $? 'and an event tells how'
kubectl describe node node-1 >"$out" 2>"$err" && grep -q 'KernelLivePatched *True' "$out" && grep -q KernelLevelApplied "$out"
result $? 'kubectl describe shows both to people'

# --- what the account may not do
as_account() {
    kubectl --kubeconfig /dev/null --server=https://127.0.0.1:6443 --certificate-authority="$work/ca.crt" \
        --token="$(cat "$work/token")" "$@"
}
allowed() { as_account auth can-i "$@" 2>>"$err"; }
: >"$err"
[ "$(allowed patch nodes)" = yes ] && [ "$(allowed patch nodes/status)" = yes ] && [ "$(allowed create events -n default)" = yes ]
result $? 'the account may patch a node, and tell events'
for what in 'list nodes' 'delete nodes' 'update nodes' 'create nodes' 'get secrets' 'list pods' 'create pods' \
    'get configmaps -n oakum' 'create events -n oakum' 'list events' 'create serviceaccounts/token' 'patch daemonsets.apps -n oakum'; do
    # shellcheck disable=SC2086
    [ "$(allowed $what)" = no ]
    result $? "it may not: $what"
done
! as_account get nodes >"$out" 2>"$err" && grep -q Forbidden "$err"
result $? 'the server enforces it'
kubectl delete clusterrolebinding oakum-node >"$out" 2>"$err"
until_true 20 sh -c "! '$BUILD/oakum-node' run --server https://127.0.0.1:6443 --ca '$work/ca.crt' --token-file '$work/token' --node node-1 --root '$host' --once"
"$BUILD/oakum-node" run --server https://127.0.0.1:6443 --ca "$work/ca.crt" --token-file "$work/token" --node node-1 \
    --root "$host" --once >"$out" 2>"$err"
[ $? -eq 6 ] && grep -q 'the cluster role of oakum-node is missing something: nodes "node-1" is forbidden' "$err"
result $? 'a missing role is told with its name, as not permitted'
kubectl apply -f "$work/chart.yaml" >"$out" 2>"$err"
result $? 'the role is back'

# --- the client that runs
until_true 20 client run --node node-1 --root "$host" --once
"$BUILD/oakum-node" run --server https://127.0.0.1:6443 --ca "$work/ca.crt" --token-file "$work/token" --node node-1 \
    --root "$host" --taint >"$work/client.log" 2>&1 &
client=$!
say '.level = 2 | .withheld = 1 | .verdict = "critical" | .findings = [{id: "transition", verdict: "critical", text: "task 17 (mysqld) holds level 3 up"}]'
until_true 20 node_is "$condition | .status == \"False\" and .reason == \"LevelWithheld\""
result $? 'a change is told by itself'
until_true 20 node_is "$taints == [\"theirs\", \"oakum.dev/kernel-critical\"]"
result $? 'a critical node has the taint that was asked for, beside those of others'
until_true 20 sh -c "kubectl get events -n default -o json | jq -e '[.items[] | select(.reason == \"KernelTransitionStalled\")] | length == 1 and (.[0] | .type == \"Warning\" and .message == \"task 17 (mysqld) holds level 3 up\")'"
result $? 'a stall is an event that names the task'
say '.level = 3 | .withheld = 0 | .verdict = "ok" | .findings = [] | .reboot = true | .deeds += [{at: $now, level: 3, step: "settled", by: "agent", why: ""}]'
until_true 20 node_is "$taints == [\"theirs\"] and .metadata.labels.\"oakum.dev/reboot\" == \"needed\""
result $? 'the taint goes with its reason'
kubectl label node node-1 --overwrite oakum.dev/level=99 >"$out" 2>"$err" && say '.cves = 7' &&
    until_true 20 node_is '.metadata.labels."oakum.dev/level" == "3"'
result $? 'what somebody else wrote there does not stay'

# --- no API server
kill -KILL "$(cat "$work/server.pid")"
say '.level = 4 | .newest = 4 | .deeds += [{at: $now, level: 4, step: "reverted", by: "guard", why: "oops in do_it"}]'
until_true 30 grep -q 'next try in 5 s' "$work/client.log"
result $? 'a dead API server is told, and tried again'
kill -0 $client
result $? 'the client lives'
kube_start "$work" "$server" 2>"$err"
result $? 'the server is back'
until_true 60 node_is '.metadata.labels."oakum.dev/level" == "4"'
result $? 'what happened in between is told'
until_true 20 sh -c "kubectl get events -n default -o json | jq -e '[.items[] | select(.reason == \"KernelLevelReverted\")] | length == 1 and .[0].message == \"level 4 was taken back by guard: oops in do_it\"'"
result $? 'its events too'
grep -q 'the API server answers again' "$work/client.log"
result $? 'and the client says that it is over'
kill -STOP "$(cat "$work/server.pid")"
say '.level = 5 | .newest = 5'
sleep 2
kill -CONT "$(cat "$work/server.pid")"
until_true 60 node_is '.metadata.labels."oakum.dev/level" == "5"'
result $? 'a server that hangs for a while costs nothing'

# --- tokens
cp "$work/token" "$work/old"
kubectl -n oakum delete serviceaccount oakum-node >"$out" 2>"$err" && kubectl apply -f "$work/chart.yaml" >"$out" 2>"$err"
result $? 'the account is made anew: its tokens are worth nothing'
# For some seconds the server remembers a token that was good.
until_true 60 sh -c "! kubectl --kubeconfig /dev/null --server=https://127.0.0.1:6443 --certificate-authority='$work/ca.crt' --token='$(cat "$work/token")' get node node-1"
say '.level = 6 | .newest = 6'
until_true 60 grep -q 'status 401' "$work/client.log"
result $? 'the old token is refused'
new_token "$work/token" 2>"$err" && until_true 60 node_is '.metadata.labels."oakum.dev/level" == "6"'
result $? 'a new one in its file is used, without a restart'

# --- the agent goes
kill $agent
wait $agent 2>/dev/null
until_true 90 node_is "$condition | .status == \"Unknown\" and .reason == \"AgentNotRunning\""
result $? 'a node whose agent is gone is unknown'
before=$(kubectl get events -n default -o json | jq '.items | length')
kill -TERM $client
wait $client
result $? 'the client ends when it is asked to'
client run --node node-1 --root "$host" --once >"$out" 2>"$err" &&
    [ "$(kubectl get events -n default -o json | jq '.items | length')" = "$before" ]
result $? 'a restarted client tells nothing twice'
client run --node node-9 --root "$host" --once >"$out" 2>"$err"
[ $? -ne 0 ] && grep -q 'nodes "node-9" not found' "$err"
result $? 'a node that left the cluster is told so'

# --- and everything goes
client run --node node-2 --root "$host" --once >"$out" 2>"$err"
result $? 'the second node has labels too'
"$BUILD/oakum-node" remove --all --server https://127.0.0.1:6443 --ca "$work/ca.crt" --token-file "$work/token" >"$out" 2>"$err"
[ $? -eq 6 ]
result $? 'the daemon'\''s account cannot take them all away'
grep -A30 'name: oakum-cleanup$' "$work/chart.yaml" >/dev/null &&
    echo '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}' |
    kubectl create --raw /api/v1/namespaces/oakum/serviceaccounts/oakum-cleanup/token -f - 2>"$err" |
    jq -r .status.token >"$work/token" && client remove --all >"$out" 2>"$err"
result $? 'the hook'\''s account can'
for name in node-1 node-2; do
    node_is '(.metadata.labels | keys | map(select(startswith("oakum.dev/"))) == []) and .metadata.labels.theirs == "stays" and
        ([.status.conditions[]? | select(.type == "KernelLivePatched")] == []) and '"$taints"' == ["theirs"]' $name >"$out" 2>"$err"
    result $? "$name is as if we had never been there"
done
exit $failed
