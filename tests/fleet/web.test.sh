#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The dashboard without a browser: pages, their headers, what is served beside them. With a browser: tests/web.
# shellcheck disable=SC2154 # set by the libraries
set -u
: "${BUILD:?}" "${TMPDIR:?}"
. tests/cli/lib.sh
. tests/fleet/api-lib.sh
trap api_end EXIT

shows() { # TEXT - the last page
    grep -qF -- "$1" "$out"
}

# A person's session, as the server makes it: pages know cookies alone.
sign_in() { # NAME ROLE - sets $cookie
    local secret now
    do_server user add "$1" --role "$2" --password-file <(echo 'correct horse battery') >/dev/null 2>>"$err" || return
    secret=$(openssl rand -hex 22 | cut -c1-43) now=$(date +%s)
    cookie="__Host-oakum=$secret"
    sqlite3 -cmd '.timeout 10000' "$work/data/fleet.db" "INSERT INTO sessions (id, secret, person, csrf, state, peer, agent,
        made_s, seen_s, proved_s) SELECT '$(openssl rand -hex 8)', '$(printf %s "$secret" | sha256sum | cut -c1-64)', id,
        '$(openssl rand -hex 22 | cut -c1-43)', 2, '127.0.0.1', 'test', $now, $now, $now FROM users WHERE name = '$1'" 2>>"$err"
}

get() { # PATH [CURL-ARGUMENT...] - as that person
    local path=$1
    shift
    call GET "$path" -H "Cookie: $cookie" "$@"
}

api_start web && sign_in anna admin
result $? 'a server starts, and somebody is signed in'
token=''

get / && answers 200 && shows '<h1>Overview</h1>'
result $? 'the overview is a page'
[ "$(header_of Content-Type)" = 'text/html; charset=utf-8' ]
result $? 'of HTML'
case $(header_of Content-Security-Policy) in
*unsafe*) false ;;
"default-src 'none'; script-src 'self'; "*"frame-ancestors 'none'"*) true ;;
*) false ;;
esac
result $? 'with a policy that lets no foreign and no inline script run'
[ "$(header_of X-Frame-Options)" = DENY ] && [ "$(header_of X-Content-Type-Options)" = nosniff ] &&
    [ "$(header_of Cache-Control)" = no-store ] && [ "$(header_of Referrer-Policy)" = same-origin ]
result $? 'and the other headers of safety'
get / -H 'Oakum-Part: main' && answers 200 && shows '<h1>Overview</h1>' && ! shows '<html'
result $? 'a part of a page is what is within <main>'

call GET / && answers 303 && case $(header_of Location) in /login*) true ;; *) false ;; esac
result $? 'whoever is not signed in is led to where that is done'

get / && style=$(grep -o '/assets/app\.[0-9a-f]*\.css' "$out")
call GET "$style" && answers 200 && [ "$(header_of Cache-Control)" = 'public, max-age=31536000, immutable' ]
result $? 'the style needs nobody signed in, and is kept for a year'
cp "$out" "$work/plain.css"
call GET "$style" -H 'Accept-Encoding: gzip' && [ "$(header_of Content-Encoding)" = gzip ] &&
    gzip -dc "$out" | cmp - "$work/plain.css"
result $? 'it comes compressed to whom that pleases'
call GET "$style" -H "If-None-Match: $(header_of ETag)" && answers 304
result $? 'and once'
call GET /assets/none.css && answers 404
result $? 'a file that is not there is not there'

api_end
exit "$failed"
