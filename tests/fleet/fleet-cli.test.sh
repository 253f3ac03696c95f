#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# "oakum fleet": login, every verb, names in the place of ids, exit statuses, terminals, files.
# shellcheck disable=SC2154,SC2317 # set by the libraries; called by until_true
set -u
: "${BUILD:?}" "${TMPDIR:?}"
. tests/cli/lib.sh
. tests/fleet/api-lib.sh
trap 'hook_end; api_end; [ -z "$watcher" ] || kill "$watcher" 2>/dev/null' EXIT
watcher=''
export HOME=$TMPDIR/home
mkdir -p "$HOME"
unset OAKUM_FLEET_URL OAKUM_FLEET_TOKEN OAKUM_FLEET_CA XDG_CONFIG_HOME

# fleet STATUS VERB... - its exit status is what it should be
fleet() {
    local want=$1 got
    shift
    "$oakum" fleet "$@" >"$out" 2>"$err" </dev/null
    got=$?
    [ "$got" = "$want" ] || { echo "exit status $got, not $want" >>"$err" && false; }
}
says() { grep -qF -- "$1" "$out" "$err"; }

fleet 2 hosts list && says 'no server is known: oakum fleet login https://SERVER:8443'
result $? 'without a login it says what to do'
api_start cli '' && all=$(new_token all read hosts rollouts approve admin)
result $? 'a server is there'
fingerprint=$(jq -r .fingerprint "$work/init.json")

printf '%s\n' "$all" >"$TMPDIR/token"
fleet 2 login ftp://x --token-file "$TMPDIR/token" && says 'say https://SERVER:PORT'
result $? 'a URL that is none is refused'
echo nonsense >"$TMPDIR/bad"
fleet 2 login "$url" --token-file "$TMPDIR/bad" && says 'begins with oakum-api-'
result $? 'a token that is none is refused'
fleet 1 login "$url" --token-file "$TMPDIR/token"
result $? 'a certificate that nobody knows is refused'
fleet 1 login "$url" --token-file "$TMPDIR/token" --fingerprint "${fingerprint//[0-9]/a}" && says 'nothing was sent'
result $? 'another fingerprint is refused'
[ ! -e "$HOME/.config/oakum/fleet.json" ]
result $? 'nothing of it was kept'
printf 'oakum-api-0000000000000000-%064d\n' 0 >"$TMPDIR/bad"
fleet 6 login "$url" --token-file "$TMPDIR/bad" --fingerprint "$fingerprint"
result $? 'a token that the server does not know is refused'
fleet 0 login "$url/" --token-file "$TMPDIR/token" --fingerprint "$(sed 's/../&:/g; s/:$//' <<<"${fingerprint^^}")" &&
    says 'next: oakum fleet overview'
result $? 'login by the fingerprint'
[ "$(stat -c %a "$HOME/.config/oakum/fleet.json")" = 600 ]
result $? 'nobody else can read the token'
fleet 0 info && says sqlite
result $? 'it is remembered'
chmod 644 "$HOME/.config/oakum/fleet.json"
fleet 4 info && says 'chmod 600 it'
result $? 'a login that others may read is refused'
fleet 0 login "$url" --token-file "$TMPDIR/token" --ca "$work/data/tls.pem" && [ "$(stat -c %a "$HOME/.config/oakum/fleet.json")" = 600 ]
result $? 'login by the certificate of who signs'

fleet 0 enrol-tokens create 'for web' --ring canary --tag az=1 --uses 50 --expires 30d &&
    enrol=$(cat "$out") && grep -qx 'oakum-enrol-[0-9a-f]*-[0-9a-f]*' "$out" && says 'oakum register --server URL --token TOKEN'
result $? 'an enrolment token, alone on standard output'
fleet 2 enrol-tokens create x --expires soon && says 'must be like 12h, 30d or 4w'
result $? 'a time that is none is refused'
for i in 1 2 3; do new_host "$i" "$enrol" "web-$i" && report "$i" "$host" 1 "web-$i" && hosts[i]=$host; done
new_host 4 "$enrol" twin && new_host 5 "$enrol" twin && new_host 6 "$enrol" $'evil\e[2J\u009b31m' && report 6 "$host" 1 $'evil'
fleet 0 hosts list && says web-1 && says '6.1.0-18-amd64' && [ "$(wc -l <"$out")" = 7 ]
result $? 'hosts as a table'
! grep -q $'\e' "$out"
result $? 'no colours in a file'
fleet 0 hosts list --ring canary --not-silent --level 3 --cve CVE-2026-1 --sort -name --limit 2 && [ "$(wc -l <"$out")" = 3 ] && says 'there are more'
result $? 'filters, order and limit'
fleet 0 hosts list --silent && says none && [ ! -s "$out" ]
result $? 'none is said, and nothing printed'
fleet 0 --json hosts list && jq -e '.schema == 1 and (.hosts | length) == 6' "$out" >/dev/null
result $? '--json is one document'
fleet 2 hosts list --level x && says 'level: must be a whole number'
result $? 'what the server finds wrong is said'
fleet 0 hosts show web-2 && says "${hosts[2]}" && fleet 0 hosts show "${hosts[2]}" && says web-2
result $? 'a host by its name, or its id'
fleet 1 hosts show nobody && says "there is no host 'nobody'"
result $? 'a host that is none'
fleet 4 hosts show twin && says "is the name of 2: say which id"
result $? 'a name of two is not guessed'
fleet 0 hosts change web-1 --ring default --tag role=db --tag az=2 && fleet 0 --json hosts show web-1 &&
    [ "$(jq -c '[.ring, .tags]' "$out")" = '["default",["az=2","role=db"]]' ]
result $? 'a host is changed'
fleet 0 hosts history web-1 && says AT && fleet 0 cves hosts CVE-2026-1 && says web-2
result $? 'history, and hosts of a CVE'
fleet 0 hosts trust web-3 && fleet 0 hosts revoke web-3 && says 'it needs a new key' && fleet 0 hosts list --revoked && says web-3
result $? 'a host is trusted, and revoked'
for verb in overview counts rings levels 'decisions list' 'decisions show default' 'enrol-tokens list' 'tokens list' info openapi stopped; do
    # shellcheck disable=SC2086 # words
    fleet 0 $verb && fleet 0 --json $verb && jq -e . "$out" >/dev/null
    result $? "$verb"
done

fleet 0 tokens create reader --scope read --expires 12h && reader=$(cat "$out")
result $? 'a token for the API'
OAKUM_FLEET_TOKEN=$reader fleet 0 rings && OAKUM_FLEET_TOKEN=$reader fleet 6 tokens list
result $? 'a token in the environment; not permitted is 6'
fleet 0 tokens revoke reader && fleet 0 enrol-tokens revoke 'for web' && fleet 1 tokens revoke none
result $? 'tokens are revoked by their names'

fleet 2 rollouts create && says 'say a file, or --name'
result $? 'a rollout of nothing is refused'
fleet 0 --json rollouts create --name first --level 4 --ring canary --tag az=1 --stage 1 --stage 50% --stage az=1 --soak 10m --success 90 \
    --min-reports 1 --patience 24h --step --max-failed 2 --max-failed-percent 10 --on-failure stop --max-transition-ms 5000 --max-gap-us 900 \
    --max-in-flight 7 --windows 'Mon-Fri 22:00-04:00' --timezone Europe/Berlin --spread az --approval && jq -e '.specification |
    .level == 4 and .where.rings == ["canary"] and .where.tags == ["az=1"] and (.stages | map(.count // .percent // .tag)) == [1, 50, "az=1"] and
    (.stages[2] | .soak == "10m" and .success == 90 and (.patience == "24h" or .patience == "1d") and .next == "pause") and .budget.failed == 2 and
    .budget.action == "stop" and .impact.gap_us == 900 and .max_in_flight == 7 and .timezone == "Europe/Berlin" and .spread == "az" and .approval' \
    "$out" >/dev/null
result $? 'each option reaches the specification'
fleet 0 rollouts submit first && fleet 4 rollouts approve first && fleet 0 rollouts cancel first
result $? 'commands by the name; what is refused is 4'
printf '{"name": "second", "level": 4, "stages": [{"percent": 100}]}' >"$TMPDIR/spec.json"
fleet 0 rollouts create "$TMPDIR/spec.json" && says 'next: oakum fleet rollouts submit' && fleet 0 rollouts cancel second
result $? 'from a file'
"$oakum" fleet rollouts create - --name third --go <"$TMPDIR/spec.json" >"$out" 2>"$err" && says running && says 'next: oakum fleet rollouts watch'
result $? 'from standard input, with another name, started'
fleet 2 rollouts create --name x --level y && fleet 2 rollouts create --name x --max-failed many && fleet 2 rollouts create --name x --soak soon && says 'soak'
result $? 'what is wrong is said'
fleet 0 rollouts list --phase running && says third && fleet 0 rollouts show third && says running
result $? 'rollouts are listed and shown'
assigned() { fleet 0 rollouts hosts third && says web-2; }
until_true assigned && fleet 0 rollouts hosts third --outcome waiting --stage 1
result $? 'its hosts'
fleet 0 rollouts watch third --once && says 'third: running, stage 1'
result $? 'a line for a file'
"$oakum" fleet rollouts watch third >"$TMPDIR/watched" 2>&1 &
watcher=$!
until_true grep -q running "$TMPDIR/watched" && fleet 0 rollouts pause third && until_true grep -q paused "$TMPDIR/watched" &&
    fleet 0 rollouts resume third && fleet 0 rollouts stop third
wait "$watcher"
[ $? = 4 ] && grep -q 'halted: stopped by a person' "$TMPDIR/watched"
result $? 'watching tells each change, and ends with 4 where it was halted'
watcher=''
script -qec "'$oakum' fleet rollouts watch third" /dev/null >"$out" 2>"$err" </dev/null
grep -q 'stage 1 .*\[' "$out" && grep -q $'\e\[31m' "$out"
result $? 'on a terminal a bar a stage, with colours'
NO_COLOR=1 script -qec "'$oakum' fleet hosts list" /dev/null >"$out" 2>"$err" </dev/null
! grep -q $'\e' "$out" && ! grep -q $'\xc2\x9b' "$out" && grep -q 'evil?\[2J?31m\|evil' "$out"
result $? 'what a host calls itself steers no terminal'
fleet 0 rollouts take-back third
result $? 'it is taken back'

fleet 0 stop 'a bad level' && says 'oakum fleet unstop' && fleet 0 overview && says stopped && fleet 0 unstop
result $? 'the emergency stop'
fleet 0 events && says rollout.created && fleet 0 --json events && jq -e '.events | length > 3' "$out" >/dev/null
result $? 'events'
fleet 0 --json events --follow --after 0 --count 3 && [ "$(jq -s 'length' "$out")" = 3 ]
result $? 'events as they happen, a document a line'
"$oakum" fleet events -f --count 1 >"$TMPDIR/events" 2>&1 &
watcher=$!
happen() { fleet 0 hosts change web-1 --ring canary && sleep 0.3 && ! kill -0 "$watcher" 2>/dev/null; }
until_true happen && grep -q host.changed "$TMPDIR/events"
result $? 'and from now on'
watcher=''
fleet 0 audit list --limit 5 && says 'token:all' && fleet 0 audit verify && says yes
result $? 'the log of actions'

hook_start
hook=http://127.0.0.1:$hook_port/ok
fleet 0 webhooks create "$hook" --event 'rollout.*' --event host.failed && [ "$(wc -c <"$out")" = 65 ]
result $? 'a webhook, its secret alone on standard output'
came() { [ -e "$work/hooks/1.body" ]; }
fleet 0 webhooks test "$hook" && until_true came && fleet 0 webhooks list && says "$hook" && fleet 0 webhooks show "$hook"
result $? 'it is called, listed, shown, by its URL'
delivered() { fleet 0 webhooks deliveries "$hook" && says delivered; }
until_true delivered
result $? 'its deliveries'
fleet 0 webhooks change "$hook" --off && says no && fleet 0 webhooks change "$hook" --on --event '*' && fleet 0 webhooks delete "$hook" && fleet 1 webhooks show "$hook"
result $? 'it is changed, and deleted'
fleet 2 webhooks create http://example.com/ --event '*' && says 'must begin with https://'
result $? 'a URL that is not https is refused'
hook_end

fleet 0 users create anna --role operator && [ "$(wc -c <"$out")" -ge 30 ] && grep -q 'shown this once' "$err"
result $? 'a person, the password alone on standard output'
fleet 0 users list && says anna && fleet 0 users show anna && says operator && fleet 0 users change anna --role approver && says approver
result $? 'people are listed, shown, and given another role, by name'
fleet 0 users reset-password anna && [ "$(wc -c <"$out")" -ge 30 ] && fleet 0 users change anna --disable && grep -qE '^disabled +yes$' "$out"
result $? 'a password is made anew, and a person kept out'
fleet 0 users delete anna && fleet 1 users show anna && says "there is no person 'anna'"
result $? 'a person is deleted'
fleet 0 whoami && says token:
result $? 'who am I'

# Every call of the API has a verb: the verbs' table names each route's path. But those that a token cannot make.
"$oakum" fleet openapi | jq -r '.paths | keys[]' | grep -v '^/api/v1/me/' | sed 's/{[^}]*}/{}/g' | sort >"$TMPDIR/routes"
{ cat src/cli/fleet/*.c; for word in submit approve start pause resume stop take-back cancel; do echo "\"/api/v1/rollouts/{}/$word\""; done; } |
    grep -o '/api/v1/[^"?]*' | sed 's/{[^}]*}/{}/g; s,/%s$,/{},' | sort -u >"$TMPDIR/verbs"
comm -23 "$TMPDIR/routes" "$TMPDIR/verbs" >"$out"
[ ! -s "$out" ]
result $? 'there is a verb for every call'

kill "$server_pid" && wait "$server_pid" 2>/dev/null
server_pid=''
fleet 75 rings
result $? 'a server that is not there is 75'
fleet 0 logout && [ ! -e "$HOME/.config/oakum/fleet.json" ] && fleet 3 logout && fleet 2 rings
result $? 'logout'
exit "$failed"
