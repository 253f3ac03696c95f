#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Documents keep to schemas: ours to those that are published (docs/formats/schemas), SARIF to the one
# that the SARIF kit for JavaScript has (2.1.0-rtm.5). Another's program judges: ajv, from npm.
# shellcheck disable=SC2119 # the arguments of these functions are theirs
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh
# shellcheck source=tests/cli/container-lib.sh
. tests/cli/container-lib.sh
# shellcheck source=tests/cli/npm-lib.sh
. tests/cli/npm-lib.sh

for file in docs/formats/schemas/*.schema.json; do
    jq -e '."$schema" == "https://json-schema.org/draft/2020-12/schema" and .title' "$file" >"$out" 2>"$err"
    result $? "$file is a schema"
done
needs_node 'documents keep to their schemas'
needs_modules 'documents keep to their schemas' ajv-draft-04 ajv@8.17.1 ajv-draft-04@1.0.0 \
    ajv-formats@3.0.1 @microsoft/jest-sarif@1.0.0-beta.0

keeps() { # SCHEMA WHAT
    node tests/other-client/schemas.js "$1" "$TMPDIR/document" >"$out" 2>"$err"
    result $? "$2"
}

# document SCHEMA WHAT VERB ARGUMENT...
document() {
    local schema=$1 what=$2
    shift 2
    oakum "$@" >"$TMPDIR/document" 2>/dev/null
    keeps "$schema" "$what"
}

published() { # NAME
    printf 'docs/formats/schemas/%s.schema.json\n' "$1"
}

all() { # WHAT
    document "$(published audit)" "$1: audit" audit --json
    document sarif "$1: audit, SARIF" audit --sarif
    document "$(published containers)" "$1: containers" containers --json
    document "$(published modules)" "$1: modules" modules --json
}

root=/
all 'this machine'
# shellcheck disable=SC2034 # read by oakum()
root=$TMPDIR/root
container
put etc/docker/daemon.json '{"hosts": ["tcp://0.0.0.0:2375"]}'
mounts '100 90 254:1 /etc /x y ro - ext4 /dev/vda1 rw' '101 90 0:40 / /host-run rw - tmpfs tmpfs rw'
put proc/50/net/sockstat 'TCP: inuse 1 orphan 0'
put proc/50/net/tcp "  sl  local_address rem_address   st
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 9"
declared "{\"Name\": \"/a\\\"b[c]\\u001b\", \"NetworkSettings\": {\"Ports\": {\"80/tcp\": [
    {\"HostIp\": \"\", \"HostPort\": \"8080\"}]}}}" '{"Privileged": true}'
put sys/fs/cgroup/system.slice/docker-aa/x x
put proc/modules 'overlay 163840 1 - Live 0x0
sctp 425984 0 libcrc32c, Live 0x0'
put lib/modules/6.1.0-50-amd64/modules.dep 'k/sctp.ko:'
all 'a container'
document "$(published containers)" 'one container' containers --json docker:'a"b[c]?'
jq -e '.container | .security.ports[0] and .published[0].host_port == 8080' "$TMPDIR/document" >"$out" 2>"$err"
result $? 'one container: it has what there is to describe'
printf '{"schema": 1, "accepted": [{"id": "2.7", "reason": "lab", "expires": "2999-12-31"}]}\n' \
    >"$TMPDIR/baseline.json"
document "$(published audit)" 'an accepted finding' audit --json --baseline "$TMPDIR/baseline.json"
document sarif 'an accepted finding, SARIF' audit --sarif --baseline "$TMPDIR/baseline.json"

# The judge can say no.
damaged() { # SCHEMA WHERE FILTER ARGUMENT...
    oakum audit "${@:4}" | jq "$3" >"$TMPDIR/document"
    node tests/other-client/schemas.js "$1" "$TMPDIR/document" >"$out" 2>"$err"
    [ $? -eq 1 ] && grep -qF "$2:" "$err"
    result $? "what does not keep to it is found: $2"
}
damaged "$(published audit)" /findings/0/verdict '.findings[0].verdict = "maybe"' --json
damaged "$(published audit)" /score '.score.new = 1' --json
damaged sarif /runs/0/results/0/level '.runs[0].results[0].level = "loud"' --sarif
exit $failed
