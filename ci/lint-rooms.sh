#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The rules of the tree that no compiler knows. Each rule is one test case; a finding is printed as
# "file:line: text". docs/HACKING.md says why they exist.
set -u
cd "$(dirname "$0")/.." || exit 1
. ci/lib.sh

# A room, and the rooms it may call.
rooms='
base
elf     base
kernel  base elf
build   base elf kernel
trust   base
host    base kernel trust
node    base trust
agent   base trust host
audit   base host
fleet   base trust
guest
cli     base elf kernel build trust host agent audit node
server  base trust fleet cli
'
c_lines_max=600 header_lines_max=150

code=$(mktemp)
trap 'rm -f "$code"' EXIT
sources | xargs -d '\n' awk -f ci/strip-c.awk >"$code"
status=0
shopt -s lastpipe # rule() at the end of a pipe sets our status

# Passes where the rule's findings (standard input) are none.
rule() { # NAME
    local found
    found=$(cat)
    if [ -z "$found" ]; then
        printf 'ok - %s\n' "$1"
    else
        printf '%s\nnot ok - %s\n' "$found" "$1"
        status=1
    fi
}

# grep, for which finding nothing is fine.
find_code() { # PATTERN [FOLDER-PATTERN]
    grep -P "$1" "$code" | grep -E "^${2:-}" || true
}

includes_against_rooms() {
    grep -E '^src/[a-z]+/[^:]*:[0-9]+:[ ]*#[ ]*include "' "$code" |
        awk -v table="$rooms" '
            BEGIN {
                n = split(table, lines, "\n")
                for (i = 1; i <= n; i++) {
                    m = split(lines[i], word, " ")
                    for (k = 1; k <= m; k++)
                        allowed[word[1] "/" word[k]] = 1
                }
            }
            {
                split($0, at, ":")
                split(at[1], path, "/")
                split($0, quoted, "\"")
                split(quoted[2], target, "/")
                if (quoted[2] !~ /\//)
                    print $0 ": name the room: \"" path[2] "/" quoted[2] "\""
                else if (!((path[2] "/" target[1]) in allowed))
                    print $0 ": " path[2] " may not call " target[1]
            }'
}

too_long() {
    sources | while read -r file; do
        lines=$(wc -l <"$file")
        case $file in
        *.h) max=$header_lines_max ;;
        *) max=$c_lines_max ;;
        esac
        [ "$lines" -le "$max" ] || printf '%s: %d lines, at most %d\n' "$file" "$lines" "$max"
    done
}

without_license() {
    { sources && scripts; } | while read -r file; do
        head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "$file"
    done
}

# "#ifndef OAK_KERNEL_STORE_H" in src/kernel/store.h, "OAK_TEST_H" elsewhere.
wrong_guards() {
    sources | grep '\.h$' | while read -r file; do
        name=${file#src/}
        [ "$name" != "$file" ] || name=$(basename "$file")
        guard=OAK_$(printf '%s' "$name" | tr 'a-z/.-' 'A-Z___')
        grep -q "^#ifndef $guard\$" "$file" || echo "$file: its guard should be $guard"
    done
}

# A descriptor that a child inherits is a hole; the flag may stand on one of the next two lines.
without_cloexec() {
    awk -F: '
        function report() { if (pending != "" && age++ >= 2) { print pending; pending = "" } }
        { report() }
        /[^A-Za-z_.>](open|openat|socket|accept4|pipe2|memfd_create|epoll_create1|inotify_init1)\(/ &&
            !/^src[^:]*:[0-9]+:(static|int) / { pending = $0; age = 0 }
        /CLOEXEC/ { pending = "" }' "$code" | grep -E '^src/' || true
}

tests_without_row() {
    local file name
    for file in tests/unit/test-*.c tests/fuzz/fuzz-*.c; do
        [ -f "$file" ] || continue
        name=$(basename "$file" .c)
        grep -qE "'${name#*-}'|'$name.c'" "$(dirname "$file")/meson.build" ||
            echo "$file: no row in meson.build"
    done
    for file in tests/fuzz/fuzz-*.c; do
        name=$(basename "$file" .c)
        [ -n "$(ls -A "tests/fuzz/corpus/${name#fuzz-}" 2>/dev/null)" ] || echo "$file: no seeds"
    done
}

includes_against_rooms | rule "rooms call only the rooms below them"
too_long | rule "files are short"
without_license | rule "files name their licence"
wrong_guards | rule "headers are guarded by their path"
find_code ':.*//' | rule "comments are /* */"
sources | xargs -d '\n' grep -nwE 'TODO|FIXME|XXX' | rule "nothing is left to do later"
find_code '\b(strtol|strtoul|strtoll|strtoull|atoi|atol|sprintf|vsprintf|strcpy|strcat|strtok|gets|alloca|system|popen|mktemp|tmpnam)\(' |
    rule "no function that cannot be used safely"
find_code '\b(printf|puts|vprintf|putchar|perror)\(|\bstd(out|err)\b' 'src/[^:]*' | grep -vE '^src/(cli/|server/|agent/say\.c)' |
    rule "only cli prints, and the daemon in one place"
find_code '(?<![_a-z])_?exit\(' 'src/[^:]*' | grep -vE '^src/(cli/main-|base/process\.c|agent/child\.c)' |
    rule "only main ends the program"
find_code '[^a-z_0-9](pipe|accept|dup|epoll_create|inotify_init|creat)\(' 'src/[^:]*' |
    rule "descriptors are made with flags"
without_cloexec | rule "descriptors close on exec"
tests_without_row | rule "every test is built and every fuzz target has seeds"
exit $status
