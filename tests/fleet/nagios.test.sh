#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check_oakum, as Nagios calls it: a host of files, a fleet by a real server, and all that may go wrong on
# the way there.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/fleet/api-lib.sh
. tests/fleet/api-lib.sh
export HOME=$TMPDIR
: >"$err"
trap 'api_end' EXIT
unset OAKUM_FLEET_URL OAKUM_FLEET_TOKEN OAKUM_FLEET_CA
export OAKUM=$oakum
plugin=packaging/nagios/check_oakum

# plugin STATUS LINE-REGEX [ARGUMENT...] - exactly one line, of text and figures, and that status
plugin() {
    local want=$1 line=$2 got
    shift 2
    "$plugin" "$@" >"$out" 2>"$err"
    got=$?
    [ "$got" = "$want" ] || { echo "exit status $got, not $want" >>"$err" && return 1; }
    [ "$(wc -l <"$out")" = 1 ] && grep -qxE -- "$line" "$out" && [ ! -s "$err" ]
}

# Guidelines: label=value[UOM];[warn];[crit];[min];[max]
figures_are_well_formed() {
    local figure range='(~|-?[0-9.]+)?:?-?[0-9.]*'
    figure="[a-z_]+=-?[0-9.]+[a-z%]*(;$range){0,2}(;[0-9.]*){0,2}"
    sed -n 's/^[^|]* | //p' "$out" | grep -qxE "$figure( $figure)*"
}

"$plugin" -h >"$out" 2>"$err" && grep -q '^usage: check_oakum' "$out"
result $? 'help'
plugin 0 'check_oakum of oakum [0-9.]+' -V
result $? 'version'
plugin 3 "OAKUM UNKNOWN - --nonsense: there is no such option; see check_oakum -h" --nonsense
result $? 'an option that is none'
plugin 3 "OAKUM UNKNOWN - -w: needs a value; see check_oakum -h" -w
result $? 'a value that is missing'
plugin 3 "OAKUM UNKNOWN - --timeout 'soon': must be seconds" -t soon
result $? 'a time that is none'
OAKUM=$TMPDIR/none plugin 3 'OAKUM UNKNOWN - the program oakum is not installed'
result $? 'no program'
printf '#!/bin/sh\nexec sleep 30\n' >"$TMPDIR/slow" && chmod +x "$TMPDIR/slow"
OAKUM=$TMPDIR/slow plugin 2 'OAKUM CRITICAL - no answer within 1 s' -t 1
result $? 'no answer in time'

# This machine, whatever it is: one line, and the status that it names.
"$plugin" >"$out" 2>"$err"
case $?:$(cat "$out") in
0:'OAKUM OK - '* | 1:'OAKUM WARNING - '* | 2:'OAKUM CRITICAL - '* | 3:'OAKUM UNKNOWN - '*) [ "$(wc -l <"$out")" = 1 ] ;;
*) false ;;
esac
result $? 'a host'
plugin 3 "OAKUM UNKNOWN - --warning 'x': must be hours, 0 to 87600" -w x
result $? 'a threshold of a host that is none'
plugin 3 'OAKUM UNKNOWN - -f and -C are of a fleet: say -H URL too' -f "$TMPDIR/token"
result $? 'a token without a fleet'

api_start nagios '' && all=$(new_token all read hosts rollouts approve admin) && token=$(new_token watch read)
result $? 'a server is there'
(umask 077 && printf '%s\n' "$token" >"$TMPDIR/token")
fleet=(-H "$url" -f "$TMPDIR/token" -C "$work/data/tls.pem")
plugin 0 'OAKUM FLEET OK - 0 hosts \| hosts=0;.*' "${fleet[@]}" && figures_are_well_formed
result $? 'a quiet fleet'
! grep -qF "$token" "$out" "$err" "$work/log"
result $? 'the token is nowhere'
plugin 3 "OAKUM FLEET UNKNOWN - --warning '101': must be percent, 0 to 100" "${fleet[@]}" -w 101
result $? 'a threshold of a fleet that is none'

token=$all
send POST /api/v1/rollouts '{"name": "spring", "level": 4}' && id=$(member id) && call POST "/api/v1/rollouts/$id/submit" &&
    call POST "/api/v1/rollouts/$id/start" && call POST "/api/v1/rollouts/$id/pause"
plugin 1 'OAKUM FLEET WARNING - rollout spring is paused: paused by a person; 0 hosts \| .*' "${fleet[@]}" && figures_are_well_formed
result $? 'a rollout that is paused warns'
call POST "/api/v1/rollouts/$id/stop"
plugin 2 'OAKUM FLEET CRITICAL - rollout spring is halted: stopped by a person; 0 hosts \| .*' "${fleet[@]}"
result $? 'one that is halted is critical'
send POST /api/v1/stop '{"why": "bad | level"}'
plugin 2 'OAKUM FLEET CRITICAL - emergency stop by token:all: bad \? level; .*' "${fleet[@]}" && figures_are_well_formed
result $? 'the emergency stop is critical, and its reason cannot make figures'

chmod 644 "$TMPDIR/token"
plugin 3 "OAKUM UNKNOWN - $TMPDIR/token: others may read the token in it: chmod 600" "${fleet[@]}"
result $? 'a token that others may read'
chmod 600 "$TMPDIR/token"
plugin 3 "OAKUM UNKNOWN - $TMPDIR/none: cannot be read" -H "$url" -f "$TMPDIR/none"
result $? 'a token that is not there'
plugin 3 'OAKUM UNKNOWN - a fleet needs a token: -f FILE' -H "$url"
result $? 'no token'
(umask 077 && printf 'oakum-api-0000000000000000-%064d\n' 0 >"$TMPDIR/bad")
plugin 3 'OAKUM FLEET UNKNOWN - .*' -H "$url" -f "$TMPDIR/bad" -C "$work/data/tls.pem"
result $? 'a token that the server does not take is no news of the fleet'
plugin 2 'OAKUM FLEET CRITICAL - .*' -H "$url" -f "$TMPDIR/token"
result $? 'a certificate that nobody vouches for is critical'
api_end
plugin 2 'OAKUM FLEET CRITICAL - .*' "${fleet[@]}" -t 20
result $? 'a server that is gone is critical'
exit "$failed"
