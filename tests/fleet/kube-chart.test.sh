#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The chart: its values by its schema, both ways; what the pods may do, read from what is rendered; the plain manifests
# are the chart's; the agent's image is built without a network and started. "--write" makes the plain manifests again.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
BUILD=$(realpath "$BUILD") TMPDIR=$(realpath "$TMPDIR")
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/fleet/kube-lib.sh
. tests/fleet/kube-lib.sh
: >"$out"
: >"$err"

if [ "${1:-}" = --write ]; then
    kube_plain >packaging/kustomize/base/oakum.yaml
    exit
fi
for tool in jq python3 "$kube_go"; do
    if ! command -v "$tool" >/dev/null; then
        echo "ok - the chart # SKIP needs $tool"
        exit 0
    fi
done
chart() { # ARGUMENT... - its objects as JSON lines
    kube_render --json "$@" >"$TMPDIR/objects" 2>"$err"
}
has() { # JQ-FILTER - over the list of all objects
    jq -se "$1" "$TMPDIR/objects" >"$out" 2>"$err"
}
chart --set server.enabled=true
result $? 'the chart is rendered'
has '[.[] | .kind] | sort == ["ClusterRole", "ClusterRole", "ClusterRoleBinding", "ClusterRoleBinding", "ConfigMap", "ConfigMap",
    "ConfigMap", "DaemonSet", "Deployment", "Job", "NetworkPolicy", "PersistentVolumeClaim", "PodDisruptionBudget", "Role",
    "RoleBinding", "Service", "ServiceAccount", "ServiceAccount"]'
result $? 'it makes these objects'
ds='(.[] | select(.kind == "DaemonSet").spec.template.spec)'
has "$ds | .containers[0] | .name == \"agent\" and (.securityContext | .privileged == false and .allowPrivilegeEscalation == false and
    .readOnlyRootFilesystem and .seccompProfile.type == \"RuntimeDefault\" and .capabilities.drop == [\"ALL\"] and
    (.capabilities.add | sort) == [\"DAC_READ_SEARCH\", \"SETGID\", \"SETUID\", \"SYSLOG\", \"SYS_ADMIN\", \"SYS_MODULE\", \"SYS_PTRACE\"])"
result $? 'the agent has these capabilities, and is not privileged'
has "$ds | .containers[1] | .name == \"node\" and (.securityContext | .runAsNonRoot and .runAsUser == 8444 and
    (.capabilities | has(\"add\") | not) and .capabilities.drop == [\"ALL\"] and .allowPrivilegeEscalation == false)"
result $? 'the node client has none'
has "$ds | .automountServiceAccountToken == false and ([.initContainers[], .containers[] | select(any(.volumeMounts[]; .name == \"account\")).name] == [\"node\"])"
result $? 'it alone has a token'
has "$ds | [.volumes[] | select(.hostPath).hostPath.path] | sort == [\"/etc/machine-id\", \"/etc/os-release\", \"/lib/modules\", \"/run/oakum\", \"/sys\", \"/var/lib/oakum\"]"
result $? 'these folders of the host are mounted, no root and no /run'
has '[.[] | select(.kind == "Deployment").spec.template.spec | .securityContext.runAsNonRoot, .automountServiceAccountToken == false,
    ([.containers[], .initContainers[] | .securityContext | .capabilities.drop == ["ALL"] and .readOnlyRootFilesystem] | all)] | all'
result $? 'the server is not root and has no capability'
chart --set node.taint=true && has "$ds | .containers[1].command == [\"/usr/bin/oakum-node\", \"run\", \"--taint\"]"
result $? 'a taint only where it is asked for'
chart --set node.enabled=false && has 'all(.[]; .kind != "ClusterRole") and ('"$ds"' | .containers | length == 1)'
result $? 'without the client there is no role'
chart --set server.enabled=true --set server.database.existingSecret=db && ! grep -q 'postgresql://' "$TMPDIR/objects" &&
    has '.[] | select(.kind == "Deployment").spec.template.spec.initContainers[0].env[1].valueFrom.secretKeyRef == {name: "db", key: "url"}'
result $? 'the database comes from a Secret and stands in no ConfigMap'
chart --kube v1.20.2 --set server.enabled=true && has 'any(.[]; .apiVersion == "policy/v1beta1")'
result $? 'an older server gets the API that it has'
! chart --set server.enabled=true --set server.replicas=2 && grep -q 'set server.accessMode=ReadWriteMany' "$err"
result $? 'two servers on one volume of one node are refused, with advice'
! "$(kube_render_program)" packaging/helm/oakum >"$out" 2>"$err" && grep -q 'name the repository of levels' "$err"
result $? 'without a repository nothing is made'
kube_render --notes --set server.enabled=true >"$out" 2>"$err" && grep -q 'reboot-sentinel=/run/oakum/reboot-required' "$out"
result $? 'the notes name the sentinel for kured'
kube_plain >"$TMPDIR/plain" 2>"$err" && diff -u packaging/kustomize/base/oakum.yaml "$TMPDIR/plain" >"$out"
result $? 'the plain manifests are the chart'\''s'

# --- the schema
cat >"$TMPDIR/values.py" <<'END'
import json, sys
try:
    import jsonschema, yaml
except ImportError:
    sys.exit(77)
schema = json.load(open("packaging/helm/oakum/values.schema.json"))
values = yaml.safe_load(open("packaging/helm/oakum/values.yaml"))
for path, value in (a.split("=", 1) for a in sys.argv[1:]):
    at = values
    *keys, last = path.split(".")
    for key in keys:
        at = at[key]
    at[last] = json.loads(value)
jsonschema.Draft7Validator.check_schema(schema)
errors = [".".join(map(str, e.absolute_path)) + ": " + e.message for e in jsonschema.Draft7Validator(schema).iter_errors(values)]
print("\n".join(errors))
sys.exit(1 if errors else 0)
END
python3 "$TMPDIR/values.py" >"$out" 2>"$err"
status=$?
if [ $status -eq 77 ]; then
    echo 'ok - values by their schema # SKIP needs python3-jsonschema and python3-yaml'
else
    result $status 'the values of the chart keep to its schema'
    for bad in 'agent.capabilities=["SYS_BOOT"]' 'agent.privileged=true' 'agent.image.digest="sha256:1"' 'node.taint="yes"' \
        'agent.maxUnavailable="0%"' 'server.replicas=0' 'agent.settings={"repository":"a\nhealth = /bin/x"}' 'agent.settings={"A b":"c"}'; do
        python3 "$TMPDIR/values.py" "$bad" >"$out" 2>"$err"
        [ $? -eq 1 ]
        result $? "refused: $bad"
    done
    python3 "$TMPDIR/values.py" 'agent.settings={"repository":"https://a/","soak":"10m","poll":3600}' 'agent.maxUnavailable=1' >"$out" 2>"$err"
    result $? 'settings and numbers are fine'
fi
exit $failed
