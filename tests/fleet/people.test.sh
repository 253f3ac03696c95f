#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# People as they meet the server: who may do what, by which cookie, and what somebody who means ill does at the door.
# curl is the browser. Once over SQLite and once over PostgreSQL. Without a socket: store-people.c.
# shellcheck disable=SC2154,SC2317 # set by the libraries; called by the trap
set -u
: "${BUILD:?}" "${TMPDIR:?}"
. tests/cli/lib.sh
. tests/fleet/postgres.sh
. tests/fleet/api-lib.sh
. tests/fleet/sign-in-lib.sh
trap 'api_end; postgres_stop' EXIT

roles='viewer operator approver admin'
declare -A may=(
    [viewer]='read metrics' [operator]='read metrics hosts rollouts' [approver]='read metrics approve'
    [admin]='read metrics hosts rollouts approve admin'
)

tell() { # STATUS NAME
    result "$1" "$round: $2"
}

# ask BROWSER METHOD PATH [CURL-ARGUMENT...] - the API, with the cookie alone
ask() {
    local method=$2 browser=$1 path=$3
    shift 3
    visit "$browser" "$path" -X "$method" "$@"
}

# tell_api BROWSER METHOD PATH [JSON] - with the session's csrf, which $csrf is
tell_api() {
    ask "$1" "$2" "$3" -H "Oakum-Csrf: $csrf" -H 'Content-Type: application/json' ${4:+--data-binary "$4"}
}

# enter BROWSER NAME [PASSWORD] - all the way, and takes the session's csrf
enter() {
    rm -f "$work/jar-$1"
    sign_in "$@" && [ "$status" = 303 ] && signed_in "$1" "$2" && take_csrf
}

user_id() { # NAME
    do_server user list --json | jq -r --arg n "$1" '.users[] | select(.name == $n) | .id'
}

# matrix_wrong ROLE KIND - holds statuses to the table: each line of routes.tsv has METHOD, PATH and scope
matrix_wrong() {
    local n=0 method path scope status code body want
    while IFS=$'\t' read -r method path scope <&3 && read -r status <&4; do
        n=$((n + 1)) code='' body=''
        [ ! -s "$work/answer-$n" ] || { IFS= read -r -d '' body <"$work/answer-$n"; }
        [[ ! $body =~ \"code\":\ ?\"([a-z-]+)\" ]] || code=${BASH_REMATCH[1]}
        case $2 in
        nobody) want=401:token ;;
        no-csrf)
            [ "$method" != GET ] || continue
            want=403:csrf
            ;;
        *) [[ " ${may[$1]} " = *" $scope "* ]] && want=open || want=403:scope ;;
        esac
        [ "$scope" ] || want=open
        [ "$want" != open ] && [ "$status:$code" = "$want" ] && continue
        [ "$want" = open ] && [ "$status" != 000 ] && [ "$status" != 401 ] && [ "$status" != 403 ] &&
            [ "${status:0:1}" != 5 ] && continue
        echo "$1 $2: $method $path: $status $code, not $want"
    done 3<"$work/routes.tsv" 4<"$work/statuses"
    [ "$n" = "$(wc -l <"$work/routes.tsv")" ] && [ "$n" -gt 50 ] || echo "$1 $2: $n answers"
}

# ask_all [HEADER...] - each route of the description, over one connection
ask_all() {
    local method path _ header n=0
    rm -f "$work"/answer-*
    while IFS=$'\t' read -r method path _; do
        n=$((n + 1))
        printf 'url = "%s%s"\nrequest = %s\ncacert = "%s"\noutput = "%s"\n' "$url" "${path//\{*\}/none}" "$method" \
            "$work/data/tls.pem" "$work/answer-$n"
        for header; do printf 'header = "%s"\n' "$header"; done
        # A stream does not end by itself.
        printf 'silent\nmax-time = %s\nwrite-out = "%%{http_code}\\n"\nnext\n' "$([[ $path = */stream ]] && echo 2 || echo 30)"
    done <"$work/routes.tsv" | sed '$d' | curl --config - >"$work/statuses" 2>>"$err"
}

test_matrix() {
    local role wrong=''
    call GET /api/v1/openapi.json && jq -r '.paths | to_entries[] | .key as $p | .value | to_entries[] |
        [(.key | ascii_upcase), $p, (.value.security[0].token[0] // "")] | @tsv' "$out" >"$work/routes.tsv"
    cut -f1,2 "$work/routes.tsv" | grep -c . >"$out"
    ask_all; wrong=$(matrix_wrong nobody nobody)
    echo "$wrong" >"$err" && [ -z "$wrong" ]
    tell $? 'no route but the description knows nobody'
    ask_all 'Cookie: __Host-oakum=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'; wrong=$(matrix_wrong nobody nobody)
    echo "$wrong" >"$err" && [ -z "$wrong" ]
    tell $? 'nor a cookie that was made up'
    for role in $roles; do
        new_user "the-$role" "$role" && enter "$role" "the-$role"
        tell $? "$role: signs in"
        ask_all "Cookie: __Host-oakum=$(cookie "$role")"; wrong=$(matrix_wrong "$role" no-csrf)
        echo "$wrong" >"$err" && [ -z "$wrong" ]
        tell $? "$role: the cookie alone changes nothing, whatever the route"
        ask_all "Cookie: __Host-oakum=$(cookie "$role")" "Oakum-Csrf: $csrf"; wrong=$(matrix_wrong "$role" all)
        echo "$wrong" >"$err" && [ -z "$wrong" ]
        tell $? "$role: each route is open to the role, or is refused"
    done
}

# What is only for some, as a page.
test_pages() {
    local role path scope wrong=''
    for role in $roles; do
        while read -r path scope; do
            visit "$role" "$path"
            if [[ " ${may[$role]} " = *" $scope "* ]]; then
                [ "$status" = 200 ] || wrong+=" $role:$path:$status"
            else
                [ "$status" = 403 ] || wrong+=" $role:$path:$status"
            fi
        done <<END
/ read
/hosts read
/rollouts read
/stop read
/rollouts/new rollouts
/enrolment hosts
/users admin
/tokens admin
/webhooks admin
/audit admin
END
    done
    echo "$wrong" >"$err" && [ -z "$wrong" ]
    tell $? 'pages are open to the same roles as the API'
    visit viewer /account && take_csrf
    submit viewer /users name=mallory role=admin
    [ "$status" = 403 ] && [ -z "$(user_id mallory)" ]
    tell $? 'a viewer makes nobody an admin by the form either'
    tell_api viewer PATCH "/api/v1/users/$(user_id the-viewer)" '{"role": "admin"}'
    answers 403 scope && visit viewer /account && shows '<dd>viewer</dd>'
    tell $? 'nor oneself'
}

test_csrf() {
    local other=$csrf site
    enter viewer the-viewer && other=$csrf
    enter operator the-operator
    ask operator POST /api/v1/stop -H "Oakum-Csrf: $csrf" -H "Origin: $url" -H 'Content-Type: application/json' -d '{"why": "a test"}'
    answers 200
    tell $? 'csrf: by the header, from a page of ours'
    ask operator DELETE /api/v1/stop -H "Oakum-Csrf: $other"
    answers 403 csrf
    tell $? "csrf: another person's is refused"
    ask operator DELETE /api/v1/stop -H "Oakum-Csrf: ${csrf%?}"
    answers 403 csrf
    tell $? 'csrf: a part of it is refused'
    ask operator DELETE "/api/v1/stop?csrf=$csrf"
    answers 403 csrf
    tell $? 'csrf: in the address it does not count'
    ask operator POST /api/v1/stop -H 'Content-Type: text/plain' -d "csrf=$csrf"
    answers 403 csrf
    tell $? 'csrf: nor in a body that is no form'
    ask operator DELETE /api/v1/stop -H "Oakum-Csrf: $csrf" -H 'Origin: https://evil.example'
    answers 403 origin
    tell $? 'csrf: a foreign Origin is refused'
    ask operator DELETE /api/v1/stop -H "Oakum-Csrf: $csrf" -H "Origin: $url.evil.example"
    answers 403 origin
    tell $? 'csrf: so is one that begins like ours'
    ask operator DELETE /api/v1/stop -H "Oakum-Csrf: $csrf" -H 'Origin: null'
    answers 403 origin
    tell $? 'csrf: and one of nowhere'
    for site in cross-site same-site; do
        ask operator DELETE /api/v1/stop -H "Oakum-Csrf: $csrf" -H "Sec-Fetch-Site: $site"
        answers 403 origin
        tell $? "csrf: Sec-Fetch-Site $site is refused"
    done
    call GET /api/v1/stop -H "Cookie: __Host-oakum=$(cookie operator)" && [ "$(jq .stopped "$out")" = true ]
    tell $? 'csrf: nothing of it lifted the stop'
    submit operator /stop do=lift sure=yes
    [ "$status" = 303 ] && call GET /api/v1/stop -H "Cookie: __Host-oakum=$(cookie operator)" && [ "$(jq .stopped "$out")" = false ]
    tell $? 'csrf: by the field of a form'
    csrf='' submit operator /logout
    signed_in operator the-operator
    tell $? 'csrf: nobody is signed out by another site'
    visit fresh /login
    take_csrf
    visit fresh /login -H 'Origin: https://evil.example' --data-urlencode "csrf=$csrf" -d name=the-viewer --data-urlencode "password=$good"
    [ "$status" = 403 ] && [ -z "$(cookie fresh)" ]
    tell $? 'csrf: nor signed in'
    visit fresh /login -H 'Sec-Fetch-Site: cross-site' --data-urlencode "csrf=$csrf" -d name=the-viewer --data-urlencode "password=$good"
    [ "$status" = 403 ] && [ -z "$(cookie fresh)" ]
    tell $? 'csrf: whichever way the browser tells'
}

test_cookie() {
    local set planted full
    rm -f "$work/jar-a"
    visit a /login
    [ -z "$(cookie a)" ]
    tell $? 'who has not signed in has no session'
    take_csrf
    submit a /login name=the-viewer "password=$good"
    set=$(header_of Set-Cookie)
    echo "$set" >>"$err"
    [[ $set =~ ^__Host-oakum=[A-Za-z0-9_-]{43}\;\ Path=/\;\ Secure\;\ HttpOnly\;\ SameSite=Lax$ ]]
    tell $? 'the cookie is Secure, HttpOnly, SameSite, of the whole host and of no other'
    ! grep -qF "$(cookie a)" "$out" "$work/log"
    tell $? 'its secret is neither on the page nor in the log'
    planted=BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
    give v "$planted"
    sign_in v the-viewer && [ "$(cookie v)" != "$planted" ] && signed_in v the-viewer
    tell $? 'who signs in gets another secret than the browser had'
    give thief "$planted"
    ! signed_in thief && leads 303 /login?to=/account
    tell $? 'one that was planted is never signed in'
    enter mallory the-operator && full=$(cookie mallory)
    give v "$full"
    sign_in v the-viewer && signed_in v the-viewer && [ "$(cookie v)" != "$full" ]
    tell $? "over the session of somebody else one's own is another"
    ! signed_in mallory
    tell $? 'and that one has ended'
    full=$(cookie v)
    visit v /account && take_csrf
    submit v /logout
    cp "$work/headers" "$work/out-headers"
    give v "$full"
    ! signed_in v && grep -qi '^set-cookie: __Host-oakum=;.*Max-Age=0' "$work/out-headers"
    tell $? 'signing out ends it at the server, not only in the browser'
    visit v / -H "Cookie: __Host-oakum=$(cookie a); __Host-oakum=x"
    leads 303 /login
    tell $? 'two cookies of the name are none'
    enter v the-viewer
    database "UPDATE sessions SET seen_s = seen_s - 3601, made_s = made_s - 3601 WHERE person = '$(user_id the-viewer)'"
    ! signed_in v
    tell $? 'a session ends an hour after it was used'
    enter v the-viewer
    database "UPDATE sessions SET made_s = made_s - 43201 WHERE person = '$(user_id the-viewer)'"
    ! signed_in v
    tell $? 'and after twelve hours in any case'
}

try() { # BROWSER NAME PASSWORD ADDRESS
    rm -f "$work/jar-$1"
    visit "$1" /login --interface "$4"
    take_csrf
    visit "$1" /login --interface "$4" -H "Origin: $url" --data-urlencode "csrf=$csrf" --data-urlencode "name=$2" --data-urlencode "password=$3"
}

# further KEY - as if six more had been wrong, so that the wait is longer than what is asked within it
further() {
    database "UPDATE lockouts SET failures = failures + 6 WHERE key LIKE '$1 %'"
}

locked() {
    [ "$status" = 429 ] && grep -qE 'too many wrong tries: wait [0-9]+ seconds' "$out" && [ "$(header_of Retry-After)" -gt 0 ]
}

test_brute_force() {
    local i
    new_user victim viewer
    ok=0
    for i in {1..4}; do
        { try b victim "wrong $i wrong" 127.0.0.2 && [ "$status" = 401 ] && shows 'the name or the password is wrong'; } || ok=1
    done
    tell "$ok" 'wrong passwords are told so'
    further pair
    try b victim 'wrong again wrong' 127.0.0.2 && [ "$status" = 401 ] && try b victim "$good" 127.0.0.2 && locked && [ -z "$(cookie b)" ]
    tell $? 'after five even the right one waits, and is told how long'
    try b VICTIM "$good" 127.0.0.2 && locked
    tell $? 'in capitals too'
    visit b /login --interface 127.0.0.2 && take_csrf
    visit b /login --interface 127.0.0.2 -H "Origin: $url" -H 'X-Forwarded-For: 198.51.100.7' --data-urlencode "csrf=$csrf" -d name=victim \
        --data-urlencode "password=$good"
    locked
    tell $? 'and with an address that the browser only claims'
    try c victim "$good" 127.0.0.3 && [ "$status" = 303 ] && signed_in c victim
    tell $? 'its owner comes in from elsewhere'
    try b the-viewer "$good" 127.0.0.2 && [ "$status" = 303 ]
    tell $? 'and another person from there'
    ok=0
    for i in {1..19}; do
        { try b "guess-$i" 'summer is over' 127.0.0.4 && [ "$status" = 401 ]; } || ok=1
    done
    tell "$ok" 'names that nobody has are answered as others are'
    database "UPDATE lockouts SET failures = failures + 6 WHERE key = 'network 127.0.0.4'"
    try b guess-20 'summer is over' 127.0.0.4 && [ "$status" = 401 ] && try b the-viewer "$good" 127.0.0.4 && locked
    tell $? 'after twenty an address waits, whatever the name'
    try c the-viewer "$good" 127.0.0.5 && [ "$status" = 303 ]
    tell $? 'another address does not'
    database "DELETE FROM lockouts"
}

# What a person who knows the password, and not the code, can try.
test_codes_by_force() {
    local i
    for i in {1..4}; do
        try b "$1" "$good" 127.0.0.6 && leads 303 /login/code && visit b /login/code --interface 127.0.0.6 && take_csrf
        visit b /login/code --interface 127.0.0.6 -H "Origin: $url" --data-urlencode "csrf=$csrf" -d code=00000x
        [ "$status" = 401 ] || return
    done
    further pair
    try b "$1" "$good" 127.0.0.6 && visit b /login/code --interface 127.0.0.6 && take_csrf
    visit b /login/code --interface 127.0.0.6 -H "Origin: $url" --data-urlencode "csrf=$csrf" -d code=00000x
    try b "$1" "$good" 127.0.0.6 && locked
}

# A moment with some seconds of its thirty left, so that a code is not old before it is asked for.
early() {
    while [ $(($(date +%s) % 30)) -gt 12 ]; do sleep 0.5; done
}

test_totp() {
    local secret once before
    new_user tess admin && enter t tess
    submit t /account/totp/begin && leads 303 /account/totp
    visit t /account/totp && take_csrf && secret=$(sed -n 's/.*id="secret">\([A-Z2-7]*\)<.*/\1/p' "$out")
    [ "${#secret}" = 32 ] && shows "secret=$secret" && shows '<svg class="qr"'
    tell $? 'totp: a page shows the secret, as text, as an address and as a picture'
    submit t /account/totp code=000000x
    [ "$status" = 401 ] && shows 'the code does not fit'
    tell $? 'totp: a wrong code sets nothing up'
    early
    before=$(cookie t)
    submit t /account/totp "code=$(code "$secret" -1)"
    [ "$status" = 200 ] && grep -oE '[a-z2-9]{4}(-[a-z2-9]{4}){3}' "$out" | sort -u >"$work/recovery" &&
        [ "$(wc -l <"$work/recovery")" = 10 ]
    tell $? 'totp: the right one does; ten recovery codes are shown'
    [ "$(cookie t)" != "$before" ] && give old "$before" && ! signed_in old && signed_in t tess
    tell $? 'totp: the session has another secret since'
    rm -f "$work/jar-t"
    sign_in t tess && leads 303 /login/code && before=$(cookie t) && visit t /account && leads 303 /login?to=/account &&
        ask t GET /api/v1/info && answers 401
    tell $? 'totp: the password alone is no sign-in'
    visit t /login/code && take_csrf
    submit t /login/code "code=$(code "$secret" -1)"
    [ "$status" = 401 ] && shows 'the code is not the right one'
    tell $? 'totp: the code that set it up is not taken again'
    once=$(code "$secret")
    submit t /login/code "code=$once"
    [ "$status" = 303 ] && signed_in t tess && [ "$(cookie t)" != "$before" ]
    tell $? 'totp: with a code she is in, under another secret'
    rm -f "$work/jar-t"
    sign_in t tess && visit t /login/code && take_csrf && submit t /login/code "code=$once"
    [ "$status" = 401 ] && ! signed_in t
    tell $? 'totp: a code is not taken twice'
    once=$(head -1 "$work/recovery")
    submit t /login/code "code=${once^^}"
    [ "$status" = 303 ] && signed_in t tess && shows '9 recovery codes left'
    tell $? 'totp: a recovery code is'
    rm -f "$work/jar-t"
    sign_in t tess && visit t /login/code && take_csrf && submit t /login/code "code=$once"
    [ "$status" = 401 ] && ! signed_in t
    tell $? 'totp: once'
    database 'DELETE FROM lockouts'
    test_codes_by_force tess
    tell $? 'totp: a right password does not make room for more wrong codes'
    database 'DELETE FROM lockouts'
}

grow_old() { # NAME - the last proof was a while ago
    database "UPDATE sessions SET proved_s = proved_s - 901 WHERE person = '$(user_id "$1")'"
}

test_prove() {
    local before
    enter p the-admin && grow_old the-admin
    tell_api p POST /api/v1/users '{"name": "late", "role": "viewer"}'
    answers 403 prove-again && [ -z "$(user_id late)" ]
    tell $? 'prove: an old session changes no rights by the API'
    submit p /users name=late role=viewer
    [ "$status" = 303 ] && [[ $(header_of Location) = /prove* ]] && [ -z "$(user_id late)" ]
    tell $? 'prove: nor by the form, which leads to where a proof is given'
    visit p /users -H "Origin: $url" -H "Referer: $url/users?a=b" --data-urlencode "csrf=$csrf" -d name=late -d role=viewer
    [[ $(header_of Location) = /prove\?to=/users* ]]
    tell $? 'prove: and from there back'
    visit p /users -H "Origin: $url" -H "Referer: https://evil.example/users" --data-urlencode "csrf=$csrf" -d name=late -d role=viewer
    leads 303 /prove
    tell $? 'prove: but to no other site'
    ask p GET /api/v1/users && answers 200
    tell $? 'prove: looking needs none'
    submit p /prove 'password=a wrong password'
    [ "$status" = 401 ] && tell_api p POST /api/v1/users '{"name": "late", "role": "viewer"}' && answers 403 prove-again
    tell $? 'prove: a wrong password proves nothing'
    before=$(cookie p)
    submit p /prove "password=$good" 'to=//evil.example/'
    leads 303 / && [ "$(cookie p)" != "$before" ] && give old "$before" && ! signed_in old
    tell $? 'prove: the right one does, under another secret, and leads to no other site'
    visit p /account && take_csrf
    tell_api p POST /api/v1/users '{"name": "late", "role": "viewer"}'
    answers 201 && [ -n "$(user_id late)" ]
    tell $? 'prove: then it is done'
    rm -f "$work/jar-p"
    sign_in p tess && visit p /login/code && take_csrf && submit p /login/code "code=$(sed -n 3p "$work/recovery")" && signed_in p tess && take_csrf
    grow_old tess
    submit p /prove "password=$good"
    [ "$status" = 401 ]
    tell $? 'prove: who has a second factor shows that; the password is not enough'
    submit p /prove "code=$(sed -n 4p "$work/recovery")"
    leads 303 /
    tell $? 'prove: and the code is'
    database 'DELETE FROM lockouts'
}

token_of() { # BROWSER NAME SCOPES - made by who is signed in there; the secret in $made
    tell_api "$1" POST /api/v1/tokens "{\"name\": \"$2\", \"scopes\": $3}"
    made=$(member token)
    [ "$status" = 201 ] && [ -n "$made" ]
}

with() { # TOKEN METHOD PATH [JSON]
    local token=$1
    shift
    if [ $# -gt 2 ]; then send "$@"; else call "$@"; fi
}

test_two_persons() {
    local one two id
    enter x the-admin && token_of x mine-1 '["rollouts"]' && one=$made && token_of x mine-2 '["read", "approve", "rollouts"]' && two=$made
    tell $? 'two persons: an admin has two tokens'
    with "$one" POST /api/v1/rollouts '{"name": "mine", "level": 4, "approval": true}' && answers 201 && id=$(member id) &&
        with "$one" POST "/api/v1/rollouts/$id/submit" && [ "$(member phase)" = pending-approval ]
    tell $? 'two persons: with one a rollout is made'
    with "$two" POST "/api/v1/rollouts/$id/approve"
    answers 409 && [[ $(member detail) = *'who is the same person, created the rollout'* ]]
    tell $? 'two persons: the other one is the same person'
    tell_api x POST "/api/v1/rollouts/$id/approve"
    answers 409 && [[ $(member detail) = *'the same person'* ]]
    tell $? 'two persons: and so is the session'
    visit x /account && take_csrf && submit x "/rollouts/$id/approve"
    [ "$status" != 200 ] && with "$two" GET "/api/v1/rollouts/$id" && [ "$(member phase)" = pending-approval ]
    tell $? 'two persons: by the page as well'
    enter y the-approver && tell_api y POST "/api/v1/rollouts/$id/approve"
    answers 200 && [ "$(member phase)" = scheduled ] && [ "$(member approved_by)" = user:the-approver ]
    tell $? 'two persons: another person approves it'
    enter x the-admin && tell_api x POST /api/v1/rollouts '{"name": "again", "level": 4, "approval": true}' && id=$(member id) &&
        tell_api x POST "/api/v1/rollouts/$id/submit" && [ "$(member phase)" = pending-approval ] && with "$two" POST "/api/v1/rollouts/$id/approve"
    answers 409 && [[ $(member detail) = *'the same person'* ]]
    tell $? "two persons: nor does one's token approve what one's session made"
}

test_disabled() {
    local id made_token
    new_user gone admin && enter g gone && token_of g of-gone '["read", "admin"]' && made_token=$made && id=$(user_id gone)
    with "$made_token" GET /api/v1/users && answers 200
    tell $? 'kept out: a session and a token work'
    enter x the-admin && tell_api x PATCH "/api/v1/users/$id" '{"role": "viewer"}' && answers 200 && with "$made_token" GET /api/v1/users && answers 403 scope &&
        ! signed_in g && enter g gone && ! token_of g more '["admin"]'
    tell $? 'kept out: with a lesser role the session ends, and the token may less'
    enter x the-admin && tell_api x PATCH "/api/v1/users/$id" '{"disabled": true}' && answers 200
    ! signed_in g
    tell $? 'kept out: the session has ended'
    with "$made_token" GET /api/v1/info && answers 401
    tell $? 'kept out: the token as well'
    sign_in g gone
    [ "$status" = 401 ] && shows 'the name or the password is wrong'
    tell $? 'kept out: signing in is answered as a wrong password is'
    enter x the-admin && tell_api x PATCH "/api/v1/users/$id" '{"disabled": false}' && enter g gone
    tell $? 'let in again'
    tell_api x PATCH "/api/v1/users/$(user_id the-admin)" '{"role": "viewer"}'
    answers 403 csrf
    enter x the-admin && tell_api x PATCH "/api/v1/users/$(user_id the-admin)" '{"role": "viewer"}'
    answers 409 && [[ $(member detail) = 'this is you:'* ]]
    tell $? 'nobody changes the own role'
    database 'DELETE FROM lockouts'
}

test_password() {
    local before
    new_user polly viewer && enter p1 polly && enter p2 polly && before=$(cookie p2)
    submit p2 /account/password "old=$good" 'new=another long sentence' 'again=another long sentense'
    [ "$status" = 400 ] && shows 'not the same both times'
    tell $? 'password: two different ones are none'
    submit p2 /account/password 'old=not the old one' 'new=another long sentence' 'again=another long sentence'
    [ "$status" = 401 ]
    tell $? 'password: the old one is asked for'
    submit p2 /account/password "old=$good" 'new=another long sentence' 'again=another long sentence'
    leads 303 /account && [ "$(cookie p2)" != "$before" ] && signed_in p2 polly
    tell $? 'password: it is changed, under another secret'
    ! signed_in p1
    tell $? 'password: everywhere else she is signed out'
    give p1 "$before" && ! signed_in p1
    tell $? 'password: the secret from before is worth nothing'
    do_server user add newcomer --role viewer --generate >"$work/made" 2>>"$err"
    sign_in n newcomer "$(cat "$work/made")"
    leads 303 /login/password && before=$(cookie n) && visit n / && leads 303 /login
    tell $? 'password: one that was told is good for choosing another one, and nothing else'
    visit n /login/password && take_csrf && submit n /login/password "old=$(cat "$work/made")" "new=$good" "again=$good"
    leads 303 / && signed_in n newcomer && give n2 "$before" && ! signed_in n2
    tell $? 'password: then she is in'
    database 'DELETE FROM lockouts'
}

test_verbs() {
    local made
    do_server user add vera --role viewer --generate >"$out" 2>"$err" && made=$(cat "$out") && [ "${#made}" = 29 ]
    tell $? 'user add: a password is made and told once'
    ! do_server user add VERA --role viewer --generate >"$out" 2>"$err" &&
        grep -q 'name: there is a person with it' "$err"
    tell $? 'user add: a name is of one person'
    ! do_server user add wanda --role viewer </dev/null >"$out" 2>"$err" &&
        [ -z "$(user_id wanda)" ]
    tell $? 'user add: nobody is there without a password'
    printf 'wandawanda12\n' >"$work/password"
    ! do_server user add wanda --role king --password-file "$work/password" >"$out" 2>"$err" &&
        grep -q 'must be viewer, operator, approver or admin' "$err"
    tell $? 'user add: nor with a role that is none'
    do_server user list >"$out" 2>"$err" && grep -qE '^vera +viewer +active +no ' "$out" && do_server user list --json >"$out" && ! grep -q argon2 "$out"
    tell $? 'user list'
    new_user willy viewer && enter w willy
    do_server user role willy operator >"$out" 2>"$err" && ! signed_in w && enter w willy && shows '<dd>operator</dd>'
    tell $? 'user role'
    do_server user disable willy >"$out" 2>"$err" && ! signed_in w && sign_in w willy && [ "$status" = 401 ]
    tell $? 'user disable'
    do_server user enable willy >"$out" 2>"$err" && enter w willy
    tell $? 'user enable'
    printf 'one more long sentence\n' >"$work/password"
    do_server user password willy --password-file "$work/password" >"$out" 2>"$err" && ! signed_in w && enter w willy 'one more long sentence'
    tell $? 'user password'
    do_server user reset-totp tess >"$out" 2>"$err" && ! signed_in t && enter t tess && shows '<dt>Second factor</dt><dd>none</dd>'
    tell $? 'user reset-totp'
    do_server user delete willy >"$out" 2>"$err" && ! signed_in w && [ -z "$(user_id willy)" ] && sign_in w willy && [ "$status" = 401 ]
    tell $? 'user delete'
    ! do_server user role nobody-such admin >"$out" 2>"$err" &&
        grep -q 'there is no such person' "$err"
    tell $? 'a person who is none is not there'
    do_server user delete tess >"$out" 2>"$err" && do_server user delete gone >>"$out" 2>>"$err"
    for verb in disable delete; do
        ! do_server user "$verb" the-admin >"$out" 2>"$err" &&
            grep -q 'this is the last admin who can sign in' "$err"
        tell $? "user $verb: not the last admin"
    done
    token=$(new_token audit admin) && call GET '/api/v1/audit?limit=1000'
    token=''
    ok=0
    for verb in create role disable enable password delete reset-totp; do
        jq -e --arg a "user.$verb" '.entries | any(.action == $a and .who == "console")' "$out" >/dev/null || { echo "user.$verb" >>"$err"; ok=1; }
    done
    tell "$ok" 'each of them is in the log of actions'
    jq -e '.entries | any(.action == "user.sign-in-failed")' "$out" >/dev/null && ! grep -qF "$good" "$out" && ! grep -qF "$made" "$out" &&
        ! grep -qF "$good" "$work/log"
    tell $? 'and so is who failed; no password is in any log'
}

test_redirects() {
    local to wrong=''
    for to in https://evil.example //evil.example '/\evil.example' '\\evil.example' /%2f%2fevil.example /%5cevil.example 'javascript:alert(1)' \
        $'/\tevil' $'/x\r\nSet-Cookie: a=b' '/x%0d%0aSet-Cookie:a=b' 'evil.example' '/./' '/../x' '/a//b' /login /logout '/login/code' \
        '@evil.example' '/x{y}' $'/\xe2\x80\xae'; do
        rm -f "$work/jar-r"
        sign_in r the-viewer "$good" "$to"
        leads 303 / && ! grep -qi '^set-cookie: a' "$work/headers" && [ "$(grep -ci '^location' "$work/headers")" = 1 ] || wrong+=" form:$to"
        visit r "/login?to=$(jq -rn --arg t "$to" '$t | @uri')"
        leads 303 / && ! grep -qi '^set-cookie: a' "$work/headers" || wrong+=" query:$to"
    done
    echo "$wrong" >>"$err" && [ -z "$wrong" ]
    tell $? 'to: leads to no other site, and into no header'
    rm -f "$work/jar-r"
    sign_in r the-viewer "$good" '/hosts?ring=canary&x=%3Cb%3E'
    leads 303 '/hosts?ring=canary&x=%3Cb%3E'
    tell $? 'to: leads to a page of ours'
    rm -f "$work/jar-r"
    visit r '/hosts?ring=a%26b&to=//evil.example'
    [ "$status" = 303 ] && [[ $(header_of Location) = /login\?to=/hosts* ]] && visit r "$(header_of Location)" && take_csrf &&
        submit r /login name=the-viewer "password=$good" "to=$(sed -n 's/.*name="to" value="\([^"]*\)".*/\1/p' "$out" | sed 's/&amp;/\&/g')" &&
        leads 303 '/hosts?ring=a%26b&to=//evil.example'
    tell $? 'to: who asks for a page comes to it, with all of its address'
    rm -f "$work/jar-r"
    visit r '//evil.example/%2e%2e'
    [[ $(header_of Location) != *//evil* ]] && visit r '/x%0d%0aSet-Cookie:%20a=b' && ! grep -qi '^set-cookie: a' "$work/headers"
    tell $? 'to: nor does an address that is asked for itself'
}

test_scripts() {
    local evil="\"'><script>alert(1)</script>" field wrong=''
    for field in name password to csrf other; do
        visit s /login
        take_csrf
        [ "$field" != csrf ] || csrf=$evil
        submit s /login "$field=$evil"
        grep -qF '<script>alert' "$out" && wrong+=" $field"
        [ "$status" = 401 ] || wrong+=" $field:$status"
    done
    visit s /login
    take_csrf
    submit s /login "name=$evil" "password=$evil" "to=$evil"
    grep -qF '&lt;script&gt;' "$out" && ! grep -qF '<script>alert' "$out" || wrong+=' all'
    visit s "/login?to=$(jq -rn --arg t "/$evil" '$t | @uri')&out=$(jq -rn --arg t "$evil" '$t | @uri')&error=$(jq -rn --arg t "$evil" '$t | @uri')"
    ! grep -qF '<script>alert' "$out" || wrong+=' query'
    visit s "/no-such-page/$(jq -rn --arg t "$evil" '$t | @uri')"
    ! grep -qF '<script>alert' "$out" || wrong+=' path'
    echo "$wrong" >>"$err" && [ -z "$wrong" ]
    tell $? 'a script in a field of the login page comes back as text, or not at all'
    visit s /login
    ! grep -qF "script>alert" "$out"
    tell $? 'and does not stay'
    new_user scripted viewer && enter s scripted && rm -f "$work/jar-s" && visit s /login && take_csrf &&
        visit s /login -A "<script>alert(2)</script>" -H "Origin: $url" --data-urlencode "csrf=$csrf" -d name=scripted --data-urlencode "password=$good" &&
        signed_in s && shows '&lt;script&gt;alert(2)' && ! grep -qF '<script>alert' "$out"
    tell $? "nor does one in the browser's name"
    database 'DELETE FROM lockouts'
}

all_of_it() { # ROUND DATABASE
    round=$1 token=''
    api_start "people-$1" "$2"
    tell $? 'the server runs'
    [ -n "$port" ] || return
    test_matrix
    test_pages
    test_csrf
    test_cookie
    test_brute_force
    test_totp
    test_prove
    test_two_persons
    test_disabled
    test_password
    test_redirects
    test_scripts
    test_verbs
    api_end
}

if ! command -v node >/dev/null; then
    printf 'ok - people # SKIP no node, which makes the codes\n'
    exit 0
fi
if command -v sqlite3 >/dev/null; then
    database() { sqlite3 -cmd '.timeout 10000' "$work/data/fleet.db" "$1" >>"$out" 2>>"$err"; }
    all_of_it sqlite ''
else
    printf 'ok - people over SQLite # SKIP no sqlite3; on Debian: apt-get install sqlite3\n'
fi
if postgres_start; then
    database() { psql -q "$OAKUM_TEST_POSTGRES" -c "$1" >>"$out" 2>>"$err"; }
    all_of_it postgresql "$OAKUM_TEST_POSTGRES"
else
    printf 'ok - people over PostgreSQL # SKIP there is no PostgreSQL\n'
fi
exit "$failed"
