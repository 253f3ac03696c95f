# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Browsers without a browser: read after api-lib.sh. Each has a jar of cookies; forms send the csrf of the page they stand on.
# shellcheck disable=SC2034,SC2154 # read, or set, by the tests

good='a long sentence for testing' # a password

# new_user NAME ROLE [PASSWORD] - which is not to be changed first
new_user() {
    printf '%s\n' "${3:-$good}" >"$work/password"
    do_server user add "$1" --role "$2" --password-file "$work/password" >"$out" 2>"$err"
}

# visit BROWSER PATH [CURL-ARGUMENT...] - the page in $out, headers in $work/headers, $status; redirects are not followed
visit() {
    local jar=$work/jar-$1 path=$2
    shift 2
    : >"$out"
    touch "$jar"
    status=$(curl -s --max-time 30 --path-as-is --cacert "$work/data/tls.pem" -o "$out" -D "$work/headers" \
        -w '%{http_code}' -b "$jar" -c "$jar" "$@" "$url$path" 2>"$err")
}

# submit BROWSER PATH FIELD=VALUE... - a form, from a page of ours, with the csrf of the page that was seen last in $csrf
submit() {
    local browser=$1 path=$2 field
    local -a fields=(--data-urlencode "csrf=${csrf:-}")
    shift 2
    for field; do fields+=(--data-urlencode "$field"); done
    visit "$browser" "$path" -H "Origin: $url" "${fields[@]}"
}

# The csrf of the page in $out.
take_csrf() {
    csrf=$(sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$out" | head -1)
}

# sign_in BROWSER NAME [PASSWORD] [TO]
sign_in() {
    visit "$1" /login
    take_csrf
    submit "$1" /login "name=$2" "password=${3:-$good}" "to=${4:-}"
}

cookie() { # BROWSER - the secret of its session
    awk '$6 == "__Host-oakum" { print $7 }' "$work/jar-$1"
}

# give BROWSER SECRET - plants it
give() {
    printf '#HttpOnly_127.0.0.1\tFALSE\t/\tTRUE\t0\t__Host-oakum\t%s\n' "$2" >"$work/jar-$1"
}

# leads STATUS PATH - to there
leads() {
    [ "$status" = "$1" ] && [ "$(header_of Location)" = "$2" ] && return
    echo "status $status to '$(header_of Location)', not $1 to '$2'" >>"$err"
    return 1
}

shows() { # TEXT - on the last page
    grep -qF -- "$1" "$out" && return
    { echo "not on the page: $1"; sed 's/<[^>]*>//g;/^$/d' "$out" | head -30; } >>"$err"
    return 1
}

# signed_in BROWSER [NAME] - as the account page tells
signed_in() {
    visit "$1" /account
    [ "$status" = 200 ] && { [ -z "${2:-}" ] || shows "<dd>$2</dd>"; }
}

# code SECRET [STEPS] - of an authenticator, so many steps later; in Node, for want of another TOTP
code() {
    node -e '
        const crypto = require("crypto"), [, secret, steps] = process.argv
        const bits = [...secret].map(c => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("")
        const key = Buffer.from(bits.match(/.{8}/g).map(b => parseInt(b, 2)))
        const at = Buffer.alloc(8)
        at.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + Number(steps || 0)))
        const mac = crypto.createHmac("sha1", key).update(at).digest(), o = mac[19] & 15
        console.log(String((mac.readUInt32BE(o) & 0x7fffffff) % 1000000).padStart(6, "0"))' "$@"
}
