#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Manual pages hold what the programs can do: each verb of "oakum fleet" and of oakum-server, and each of
# their options, both ways.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/fleet/api-lib.sh
. tests/fleet/api-lib.sh
: >"$err"

# said PROGRAM... - "VERB" and "VERB --option" lines, from what --help prints
said() {
    local verb
    "$@" --help | sed -n '/^verbs:/,/^$/s/^  \([a-z][a-z-]*\( [a-z][a-z-]*\)\{0,1\}\) .*/\1/p' | while read -r verb; do
        printf '%s\n' "$verb"
        # shellcheck disable=SC2086 # the words of a verb
        "$@" $verb --help | sed -n "/^options:/,/^\$/s/^  \(-[a-z], \)\{0,1\}\(--[a-z0-9-]*\).*/$verb \2/p"
    done | sort
}

# written PAGE - the same from a page that has an item a verb, and within it an item an option
written() {
    awk '
        /^\.It Cm / {
            verb = ""
            for (i = 3; i <= NF && $i ~ /^[a-z][a-z-]*$/; i++)
                verb = verb (verb == "" ? "" : " ") $i
            print verb
        }
        /^\.It Fl / && verb != "" {
            line = $0
            if (match(line, /Fl -[a-z0-9-]+/))
                print verb " --" substr(line, RSTART + 4, RLENGTH - 4)
            else if (match(line, /, -[a-z0-9-]+/))
                print verb " --" substr(line, RSTART + 3, RLENGTH - 3)
        }' "$1" | sort -u
}

said "$oakum" fleet >"$TMPDIR/said" 2>>"$err" && [ "$(wc -l <"$TMPDIR/said")" -gt 80 ]
result $? 'oakum fleet tells its verbs and options'
written docs/man/oakum-fleet.1 >"$TMPDIR/written"
diff "$TMPDIR/said" "$TMPDIR/written" >"$out"
result $? 'docs/man/oakum-fleet.1 has each of them, and no other'

# This page tells of options in the text; so it is looked for their names.
said "$server" >"$TMPDIR/said" 2>>"$err"
while read -r verb; do
    option=${verb##* --}
    if [ "$option" = "$verb" ]; then
        grep -qE "^\.(It|Ss|Nm|Op|Cm).*\b$verb\b|Cm $verb\b" docs/man/oakum-server.8 || echo "$verb"
    else
        grep -qE -- "Fl -$option\b" docs/man/oakum-server.8 || echo "$verb"
    fi
done <"$TMPDIR/said" >"$out"
[ ! -s "$out" ] && [ -s "$TMPDIR/said" ]
result $? 'docs/man/oakum-server.8 has the verbs of oakum-server and their options'
exit "$failed"
