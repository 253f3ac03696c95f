#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Signing in at an OpenID provider: a real one (npm oidc-provider), with curl as the browser; and one that lies.
# shellcheck disable=SC2154 # set by the libraries
set -u
: "${BUILD:?}" "${TMPDIR:?}"
. tests/cli/lib.sh
. tests/cli/npm-lib.sh
. tests/fleet/api-lib.sh
. tests/fleet/sign-in-lib.sh

what='signing in at an OpenID provider'
needs_node "$what"
needs_lock "$what" oidc-provider tests/fleet/oidc
provider_pid=''
trap 'api_end; provider_end' EXIT

# A port that is free now: the provider must know beforehand where it leads back to.
free_port() {
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}

provider_start() { # PROGRAM [ARGUMENT...] - its $issuer
    mkfifo "$work/provider-in"
    node "$@" <"$work/provider-in" >"$work/issuer" 2>"$work/provider.log" &
    provider_pid=$!
    exec {provider_in}>"$work/provider-in"
    until_true test -s "$work/issuer"
    issuer=$(cat "$work/issuer")
}

# shellcheck disable=SC2317 # called by the trap
provider_end() {
    [ -z "$provider_pid" ] || { kill "$provider_pid"; wait "$provider_pid"; exec {provider_in}>&-; } 2>/dev/null
    provider_pid=''
    rm -f "$work/provider-in"
}

# serve NAME PROGRAM [SETTING...] - a server that knows the provider that PROGRAM is
serve() {
    local listen program=$2
    work=$TMPDIR/$1
    shift 2
    mkdir -p "$work/data" "$work/answers"
    : >"$work/answers.tsv"
    listen=127.0.0.1:$(free_port)
    provider_start "$program" "https://$listen/oidc/callback" || return
    printf '%s\n' 'a secret: with & odd/letters+' >"$work/secret"
    chmod 600 "$work/secret"
    printf '%s\n' "listen = $listen" "data = $work/data" "database = sqlite:$work/data/fleet.db" \
        "url = https://$listen" "oidc-issuer = $issuer" 'oidc-client = oakum' \
        "oidc-secret-file = $work/secret" 'oidc-admin = admins' 'oidc-viewer = staff' \
        'oidc-operator = operators' "$@" >"$work/server.conf"
    do_server init --json >"$work/init.json" 2>"$err" && api_run
}

# away BROWSER URL [CURL-ARGUMENT...] - a page of the provider, with the same jar
away() {
    local at=$2 browser=$1
    shift 2
    url='' visit "$browser" "$at" "$@"
}

location() { header_of Location; }

# at_provider BROWSER WHO[:GROUP,...] - from the page that oidc/start led to, to the address that leads back, in $back
at_provider() {
    local i at=$back
    for ((i = 0; i < 8; i++)); do
        away "$1" "$at"
        if [ "$status" = 200 ]; then
            away "$1" "$at" --data-urlencode "who=$2"
        fi
        at=$(location)
        [[ $at = /* ]] && at=$issuer$at
        [[ $at != "$url"/oidc/callback* ]] || break
    done
    back=$at
    [[ $back = "$url"/oidc/callback* ]]
}

edited() { # SCRIPT TEXT - as sed does it
    printf '%s\n' "$2" | sed "$1"
}

begin() { # BROWSER [TO] [MORE]
    visit "$1" "/oidc/start?to=${2:-/}${3:-}"
    back=$(location)
    [ "$status" = 303 ] && [[ $back = "$issuer"/* ]]
}

come_back() { # BROWSER - follows $back
    visit "$1" "${back#"$url"}"
}

# through BROWSER WHO[:GROUP,...] [TO] - the whole way
through() {
    begin "$1" "${3:-/}" && at_provider "$1" "$2" && come_back "$1"
}

logged() { # TEXT - why a sign-in failed, as the log says
    until_true grep -q "event=oidc.failed .*$1" "$work/log"
}

real_provider() {
    visit a /login
    shows '/oidc/start?to=%2F'
    result $? 'the sign-in page leads to the provider'
    begin a /account && [[ $back = *response_type=code* && $back = *code_challenge_method=S256* &&
        $back = *state=* && $back = *nonce=* && $back != *secret* ]]
    result $? 'with a code challenge, a state and a nonce'
    grep -qP '__Host-oakum-oidc\t' "$work/jar-a" && ! grep -q "$(edited 's/.*[?&]state=\([^&]*\).*/\1/' "$back")" "$work/jar-a"
    result $? 'the state lies sealed in the browser'
    at_provider a ada:admins,staff && come_back a && leads 303 /account && cp "$work/headers" "$work/came" &&
        signed_in a ada && shows '<dd>admin</dd>'
    result $? 'who is in the group of admins is one, and is where she wanted to be'
    # By the header: curl 7.88 reads its jar once more before it writes it, so a cookie that was ended comes back.
    grep -q '^Set-Cookie: __Host-oakum-oidc=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0' "$work/came" &&
        [ "$(grep -c '^Set-Cookie: __Host-oakum-oidc=' "$work/came")" = 1 ] && signed_in a ada
    result $? 'the browser is told to forget the state, and keeps the session'
    shows 'none: you sign in at your provider'
    result $? 'she has no password here'
    visit a "${back#"$url"}"
    [ "$status" = 401 ] && signed_in a ada
    result $? 'the same answer once more is refused, and takes nobody away'
    through b ben:staff && leads 303 / && signed_in b ben && shows '<dd>viewer</dd>'
    result $? 'another person by another group'
    visit b /users
    [ "$status" = 403 ]
    result $? 'who may do less'
    through c cid:others
    [ "$status" = 401 ] && shows 'no access here' && ! signed_in c
    result $? 'a person of no group is let in nowhere'
    do_server user list >"$out" 2>"$err"
    grep -q ada "$out" && grep -q ben "$out" && ! grep -q cid "$out"
    result $? 'and is nobody here'
    rm -f "$work/jar-b"
    through b ben:operators && signed_in b ben && shows '<dd>operator</dd>'
    result $? 'the role follows the groups at each sign-in'
    do_server user disable ben >"$out" 2>"$err" && ! signed_in b && rm -f "$work/jar-b" && through b ben:operators
    [ "$status" = 401 ] && ! signed_in b
    result $? 'who is disabled here stays out, whatever the provider says'
    new_user local admin && rm -f "$work/jar-c" && through c local:admins
    [ "$status" = 401 ] && ! signed_in c && logged 'there is a person with it'
    result $? 'a name at the provider does not open the account of that name here'
}

proof() {
    begin a /account '&again=1' && [[ $back = *prompt=login* && $back = *max_age=0* ]]
    result $? 'a proof is asked for at the provider, even of who is signed in there'
    local before
    before=$(cookie a)
    at_provider a ada:admins && come_back a && leads 303 /account && signed_in a ada && [ "$(cookie a)" != "$before" ]
    result $? 'and gives the browser a new secret'
    visit a /login && visit a /account && take_csrf && submit a /logout && leads 303 '/login?out=1' && visit a '/login?out=1' &&
        shows 'href="/oidc/end"' && visit a /oidc/end && [[ $(location) = "$issuer"/session/end?client_id=oakum* ]]
    result $? 'whoever signs out here is shown where to sign out there'
    ! signed_in a
    result $? 'and is signed out'
}

# What an attacker does with a flow that is not his.
misuse() {
    local mine code
    rm -f "$work"/jar-*
    begin a && at_provider a eve:staff && mine=$back
    visit b "${mine#"$url"}"
    [ "$status" = 401 ] && ! signed_in b && logged 'did not begin to sign in'
    result $? 'an answer in a browser that asked nothing signs nobody in'
    begin b && visit b "${mine#"$url"}"
    [ "$status" = 401 ] && ! signed_in b && logged 'not to what this browser asked'
    result $? "nor the answer to another browser's question"
    begin b && at_provider b ben:staff
    code=$(edited 's/.*[?&]code=\([^&]*\).*/\1/' "$mine")
    visit b "/oidc/callback?$(edited "s/.*?//; s/code=[^&]*/code=$code/" "$back")"
    [ "$status" = 401 ] && ! signed_in b && logged 'does not take the code'
    result $? 'a code of another sign-in does not fit the verifier'
    begin b && at_provider b bob:staff && back=$back'&state=x' && come_back b
    [ "$status" = 401 ] && ! signed_in b && logged 'state twice'
    result $? 'a state that is there twice is none'
    begin b && at_provider b bob:staff && back=$(edited 's/iss=[^&]*/iss=https%3A%2F%2Fevil.example/' "$back") && come_back b
    [ "$status" = 401 ] && ! signed_in b && logged 'of another provider'
    result $? 'an answer that another provider sends is not taken (mix-up)'
    begin b && at_provider b bob:staff && back=$(edited 's/[&?]iss=[^&]*//' "$back") && come_back b
    [ "$status" = 401 ] && ! signed_in b
    result $? 'nor one that does not say who sends it, where the provider says that it does'
    begin b && visit b "/oidc/callback?error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E&state=x"
    [ "$status" = 401 ] && ! grep -q 'script>alert' "$out" && ! grep -q access_denied "$out"
    result $? 'what the provider says of an error is shown to nobody'
    begin b && sed -i 's/\(__Host-oakum-oidc\t\)\(.\{40\}\)./\1\2A/' "$work/jar-b" && at_provider b bob:staff && come_back b
    [ "$status" = 401 ] && ! signed_in b
    result $? 'a state that was changed is none'
    for mine in 'https://evil.example/' '//evil.example' '/%5Cevil.example' '/login' '%2F%252f%252fevil' 'javascript:alert(1)'; do
        rm -f "$work/jar-b"
        begin b "$mine" && at_provider b bob:staff && come_back b
        leads 303 / || { echo "to=$mine" >>"$err" && break; }
    done
    leads 303 /
    result $? 'nobody is led to another site afterwards'
}

algorithms() {
    local id
    for id in es:ES256 ed:EdDSA; do
        api_end
        sed -i "s/^oidc-client = .*/oidc-client = oakum-${id%:*}/" "$work/server.conf"
        api_run && rm -f "$work/jar-a" && through a zoe:staff && signed_in a zoe
        result $? "tokens signed with ${id#*:} are taken"
    done
    chmod 644 "$work/secret"
    api_end
    ! timeout 20 "$server" run --settings "$work/server.conf" >"$out" 2>"$err" </dev/null && grep -q 'others may read it' "$err"
    result $? 'a secret that others may read is refused'
}

lying_provider() {
    local lie n=0 bad=() before
    rm -f "$work"/jar-*
    new_user root admin
    through a x && leads 303 / && signed_in a mallory
    result $? 'a token of the provider that will lie is taken while it does not'
    visit a "${back#"$url"}"
    curl -s "$issuer/lies" | jq -r '.[] | select(. != "")' >"$work/lies"
    while read -r lie; do
        curl -s "$issuer/lie?$lie" | grep -q true || bad+=("$lie: not known")
        rm -f "$work/jar-b"
        through b x
        [ "$status" = 401 ] && ! signed_in b && [ -z "$(cookie b)" ] || bad+=("$lie")
        n=$((n + 1))
    done <"$work/lies"
    printf '%s\n' "${bad[@]}" >>"$err"
    [ "${#bad[@]}" = 0 ] && [ "$n" -ge 40 ]
    result $? "tokens that are wrong in $n ways sign nobody in"
    curl -s "$issuer/lie?" >"$out"
    do_server user list >"$out" 2>"$err" && [ "$(grep -c viewer "$out")" = 1 ]
    result $? 'and make nobody'
    before=$(curl -s "$issuer/count" | jq .keys)
    curl -s "$issuer/lie?kid-unknown" >"$out"
    for _ in 1 2 3 4 5; do rm -f "$work/jar-b" && through b x; done
    [ "$(($(curl -s "$issuer/count" | jq .keys) - before))" -le 1 ]
    result $? 'a key that nobody knows has the keys fetched once a minute at most'
    curl -s "$issuer/lie?" >"$out"
    # The code of this provider stays good, the browser has its cookie still: the state is used nonetheless.
    rm -f "$work/jar-b" && begin b && away b "$back" && back=$(location) && cp "$work/jar-b" "$work/jar-kept" && come_back b &&
        signed_in b mallory && cp "$work/jar-kept" "$work/jar-b" && come_back b
    [ "$status" = 401 ] && ! signed_in b && logged 'used already'
    result $? 'a state is good once, also with the cookie kept'
    ! grep -q 'a secret: with' "$work/log" && ! grep -qE 'eyJ[A-Za-z0-9_-]{20}' "$work/log"
    result $? 'neither the secret nor a token stands in the log'
}

away_provider() {
    begin a
    provider_end
    [ "$status" = 303 ]
    api_end && api_run
    visit c /oidc/start
    [ "$status" = 503 ] && shows 'cannot be reached right now'
    result $? 'a provider that is away is told'
    new_user local viewer && sign_in c local && leads 303 / && signed_in c local
    result $? 'passwords are good then, too'
}

serve real tests/fleet/oidc/provider.mjs
result $? 'a server and a provider start' || exit 1
real_provider
proof
misuse
algorithms
api_end
provider_end
serve liar tests/fleet/oidc/liar.mjs
result $? 'and a provider that lies'
lying_provider
away_provider
exit "$failed"
