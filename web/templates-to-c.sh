#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Templates as rows { "name", "text" } of C; without what only people who edit them need.
set -eu
for file in "$@"; do
    name=${file##*/}
    printf '{ "%s",\n' "${name%.html}"
    sed -e '1{/^{{!/d}' -e 's/^\t*//' -e '/^$/d' -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$/\\n"/' "$file"
    printf '},\n'
done
