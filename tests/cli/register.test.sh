#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host registers with a real server over TLS, on a tree of files: by a CA, by a fingerprint, by neither;
# with tokens that are no good; again where it was interrupted; and what by hand is held.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root repo=$TMPDIR/repo
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh
# shellcheck source=tests/fleet/swarm.sh
. tests/fleet/swarm.sh
# shellcheck source=tests/fleet/server.sh
. tests/fleet/server.sh

touch "$out" "$err"
mkdir -p "$repo" "$swarm"
printf '{}\n' >"$repo/1.root.json"
trap swarm_end EXIT
fleet=$root/var/lib/oakum/fleet

expect 'no server is named' 2 '--server URL is required' oakum register --token oakum-enrol-1
fresh_root
put etc/machine-id 0123456789abcdef0123456789abcdef
put proc/sys/kernel/hostname web-17
expect 'a server without TLS elsewhere' 2 'must begin with https://' \
    oakum register --server http://fleet.example.org --token oakum-enrol-1
expect 'no token at all' 2 'not a token' oakum register --server https://127.0.0.1:1 --token x
expect 'no token' 2 '--token or --token-file: one of them' \
    oakum register --server https://127.0.0.1:1
expect 'two tokens' 2 '--token or --token-file: one of them' \
    oakum register --server https://127.0.0.1:1 --token oakum-enrol-1 --token-file /dev/null
expect 'a tag that is none' 2 "--tag 'a b'" \
    oakum register --server https://127.0.0.1:1 --token oakum-enrol-1 --tag 'a b'
expect 'a CA and a fingerprint' 2 'one of them' \
    oakum register --server https://127.0.0.1:1 --token oakum-enrol-1 --ca a --fingerprint b
expect 'nobody answers' 75 'https://127.0.0.1:1' \
    oakum register --server https://127.0.0.1:1 --token oakum-enrol-1
[ ! -e "$fleet/enrolled.json" ] && [ "$(stat -c %a "$fleet/host.pem")" = 600 ]
result $? 'it is not registered then, and its key is for its owner alone'
key=$(sha256sum <"$fleet/host.pem")

server_make one '' && server_do one init >"$out" 2>"$err" && server_start one && swarm_token one default
result $? 'a server'
url=$(server_url one)
expect 'its certificate is no CA of this host' 1 'certificate' oakum register --server "$url" --token "$enrol_token"
expect 'a fingerprint of another certificate' 1 'nothing was sent' oakum register --server "$url" \
    --token "$enrol_token" --fingerprint "$(printf 'ab%.0s' {1..32})"
expect 'a token that the server does not know' 4 'does not know this token' oakum register \
    --server "$url" --token "${enrol_token%???}xyz" --ca "$(server_ca one)"
[ ! -e "$fleet/enrolled.json" ]
result $? 'it is not registered after all of these'

expect 'by the CA' 0 'ring       default' oakum register --server "$url/" --token "$enrol_token" \
    --ca "$(server_ca one)" --name web-17.example.org
[ "$(sha256sum <"$fleet/host.pem")" = "$key" ]
result $? 'with the key that was made at the first try'
expect 'once more' 4 'already' oakum register --server "$url" --token "$enrol_token"
id=$(jq -r .host "$fleet/enrolled.json")
swarm_api_token one && api one GET "/api/v1/hosts/$id" && jq -e --arg id "$id" \
    '.host == $id or .id == $id' "$out" >/dev/null
result $? 'the server knows the host'
expect 'its status' 0 "fleet      ring default of $url" oakum status
expect 'as a document' 0 '' oakum status --json
json 'the document tells where' '.fleet.server != null and .fleet.ring == "default" and
    .fleet.reported == null and .fleet.refused == null'

# An answer that was lost: the host does it all again with the same key.
rm "$fleet/enrolled.json"
expect 'again, as if the answer had been lost' 0 "$id" oakum register --server "$url" \
    --token "$enrol_token" --ca "$(server_ca one)" --json
json 'as a document' '.result == "registered" and .ring == "default"'
expect 'unregister' 0 "oakum fleet hosts revoke $id" oakum unregister
[ ! -e "$fleet" ]
result $? 'nothing of it is left'
expect 'unregister again' 3 'registered with no' oakum unregister

fingerprint=$(openssl x509 -in "$(server_ca one)" -noout -fingerprint -sha256 | sed 's/.*=//')
printf '%s\n' "$enrol_token" >"$TMPDIR/token"
expect 'by the fingerprint, as openssl shows it' 0 'registered with' oakum register --server "$url" \
    --token-file "$TMPDIR/token" --fingerprint "$fingerprint"
jq -e '.pinned and .ca' "$fleet/enrolled.json" >/dev/null && grep -q BEGIN "$fleet/ca.pem"
result $? 'the certificate is kept'
[ "$(jq -r .host "$fleet/enrolled.json")" != "$id" ]
result $? 'it is another host now: another key'

# A whole audit is told with the next report, one of a few checks is not.
oakum audit --only kernel-sysctl >"$out" 2>&1
[ ! -e "$root/var/lib/oakum/audit.json" ]
result $? 'an audit of a part is not kept'
oakum audit --json >"$out" 2>"$err"
jq -e --slurpfile kept "$root/var/lib/oakum/audit.json" '.score.percent == $kept[0].score' "$out" >/dev/null
result $? 'the score of a whole one is kept'

exit $failed
