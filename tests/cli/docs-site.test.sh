#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The documents as a site: builds without a warning, no link leads nowhere, nothing is loaded from elsewhere, the
# manual pages are there, and the pictures are those of their descriptions.
set -u
: "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
: >"$out"
: >"$err"
if ! command -v mkdocs >/dev/null || ! command -v mandoc >/dev/null; then
    echo 'ok - the site # SKIP there is no mkdocs (package mkdocs), or no mandoc'
    exit 0
fi
site=$TMPDIR/site
BUILD=$TMPDIR docs/site.sh >"$out" 2>"$err"
result $? 'it builds, and a warning would end it'
[ -s "$site/index.html" ] && [ -s "$site/man/oakum-fleet.1.html" ] && [ -s "$site/guide-operator.html" ]
result $? 'documents and manual pages are there'
for page in docs/man/*.[1-8]; do
    [ -s "$site/man/$(basename "$page").html" ] || echo "$page"
done >"$out"
[ ! -s "$out" ]
result $? 'every manual page'

# link FROM TO lines, without those that go elsewhere
find "$site" -name '*.html' ! -name 404.html | while read -r file; do
    grep -oE '(href|src)="[^"]*"' "$file" | sed -E 's/^[a-z]+="//; s/"$//' |
        grep -vE '^([a-z]+:|//|$)' | sort -u | sed "s#^#$file #"
done >"$TMPDIR/links"
[ "$(wc -l <"$TMPDIR/links")" -gt 500 ]
result $? 'it has links'
while read -r file link; do
    path=${link%%#*} anchor=''
    path=${path%%\?*}
    case $link in *'#'*) anchor=${link#*#} ;; esac
    target=$file
    [ -z "$path" ] || target=$(dirname "$file")/$path
    [ ! -d "$target" ] || target=$target/index.html
    if [ ! -e "$target" ]; then
        echo "${file#"$site"/}: $link"
    elif [ -n "$anchor" ] && [[ $target = *.html ]] && ! grep -qF "id=\"$anchor\"" "$target"; then
        echo "${file#"$site"/}: no such place: $link"
    fi
done <"$TMPDIR/links" >"$out"
[ ! -s "$out" ]
result $? 'none of them leads nowhere'

{
    grep -rhoE '<(script|link|img|iframe|source)[^>]*(src|href)="(https?:)?//[^"]*"' "$site" --include='*.html'
    grep -rhoE '(url\(["'"'"']?|@import +["'"'"']?)(https?:)?//[^)]*' "$site" --include='*.css'
} >"$out"
[ ! -s "$out" ]
result $? 'nothing is loaded from another server'

if command -v dot >/dev/null; then
    for picture in docs/pictures/*.dot; do
        # The program that drew it writes its version into it.
        dot -Tsvg "$picture" | grep -o '<text[^>]*>[^<]*' | sed 's/.*>//' | sort >"$TMPDIR/want"
        grep -o '<text[^>]*>[^<]*' "${picture%.dot}.svg" | sed 's/.*>//' | sort | diff "$TMPDIR/want" - || echo "$picture"
    done >"$out" 2>"$err"
    [ ! -s "$out" ]
    result $? 'pictures are drawn of their descriptions'
fi
exit "$failed"
