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

api_start web
result $? 'a server starts'
token=$(new_token all read hosts rollouts approve admin)

call GET / && answers 200 && shows '<h1>Overview</h1>'
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
call GET / -H 'Oakum-Part: main' && answers 200 && shows '<h1>Overview</h1>' && ! shows '<html'
result $? 'a part of a page is what is within <main>'

style=$(curl -s --cacert "$work/data/tls.pem" -H "Authorization: Bearer $token" "$url/" | grep -o '/assets/app\.[0-9a-f]*\.css')
token='' && call GET "$style" && answers 200 && [ "$(header_of Cache-Control)" = 'public, max-age=31536000, immutable' ]
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
