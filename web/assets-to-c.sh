#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# assets-to-c.sh DIR - what browsers fetch, as rows of struct asset (src/fleet/web/assets.h).
set -eu
cd "$1"

bytes() { # NAME FILE
    printf 'static const unsigned char %s[] = {\n' "$1"
    od -An -v -tu1 "$2" | sed 's/  */,/g; s/^,//; s/$/,/'
    printf '};\n'
}

type_of() {
    case $1 in
    *.css) echo 'text/css; charset=utf-8' ;;
    *.js) echo 'text/javascript; charset=utf-8' ;;
    *.svg) echo 'image/svg+xml' ;;
    *) echo "$1: of what type is this?" >&2 && return 1 ;;
    esac
}

first() { # PATTERN - the name of the one file that fits; nothing where none does
    find . -name "$1" -printf '%f\n' | head -1
}

rows='' n=0
for file in *; do
    n=$((n + 1))
    gzip -9nc "$file" >"../$n.gz"
    bytes "asset_$n" "$file"
    bytes "asset_${n}_gz" "../$n.gz"
    case $file in app.*) forever=true ;; *) forever=false ;; esac
    rows+="{ \"$file\", \"$(type_of "$file")\", \"\\\"$(sha256sum <"$file" | cut -c1-20)\\\"\", $forever, "
    rows+="asset_$n, sizeof(asset_$n), asset_${n}_gz, sizeof(asset_${n}_gz) },"$'\n'
done
printf 'const struct asset web_assets[] = {\n%s{ 0 },\n};\n' "$rows"
printf 'const char web_style[] = "%s", web_script[] = "%s";\n' "$(first 'app.*.css')" "$(first 'app.*.js')"
