# SPDX-License-Identifier: GPL-2.0-or-later
#
# judge.jq - one fix of a corpus: what came out, beside what its index expects
#
# Input: the document of "oakum-build make --json", or null. Arguments, all text: status (its exit
# status, or "compile" where the fix does not), expect and want (columns "expect" and "object_functions_changed" of INDEX.tsv).
# Output: outcome, verdict (OK, DIFFERS) and remarks, with tabs between.
#
# The index lists symbols by size, so that one which kept its size can be missing there: a symbol
# too many is a remark, one too few a difference.

# The cold part of a function is no symbol of its own to us.
def symbol: sub("\\.cold(\\.[0-9]+)?$"; "");

# "a/b.o:f,+g; c.o:h" as "a/b.o:f", "a/b.o:g", "c.o:h". What holds a parenthesis is a remark, and
# so is IDENTICAL.
def wanted:
    [$want | split(";")[] | capture("^ *(?<object>[^: ]+):(?<names>.*)$") | .object as $object |
        .names | split(",")[] |
        select((contains("(") or . == "IDENTICAL") | not) | $object + ":" + (ltrimstr("+") | symbol)]
    | unique;

def got(members): [.objects[]? | .object as $object | members[]? | $object + ":" + symbol] | unique;

def short: map(sub("^.*/"; "")) | join(" ");

# Functions that are replaced only because one that they call or inlined cannot be.
def climbed: [.objects[]? | .callers[]?] | length > 0;

def outcome:
    if $status == "0" then (if climbed then "patch-via-callers" else "patch" end)
    elif $status == "3" then "nothing-to-patch"
    elif $status == "4" then
        (if any(.refusals[]?; .rule == "no-fentry") then "refuse-no-fentry" else "refuse" end)
    elif $status == "124" then "timeout"
    elif $status == "compile" then "does-not-compile"
    else "failed" end;

# Any reason will do for "refuse". Where nothing is expected (mine.sh), any answer will do.
def expected: . == $expect or ($expect == "" and . != "failed" and . != "timeout") or ($expect == "refuse" and startswith("refuse"));

outcome as $outcome
| (wanted - got(.changed + .new)) as $missing
| (if $want == "" then [] else got(.changed) - wanted end) as $extra
| ([.refusals[]?.rule] | unique) as $rules
| [$outcome,
   (if ($outcome | expected) and ($missing == []) then "OK" else "DIFFERS" end),
   ([(if $missing == [] then empty else "missing: " + ($missing | short) end),
     (if $extra == [] then empty else "extra: " + ($extra | short) end),
     (if $rules == [] then empty else "rules: " + ($rules | join(" ")) end)] | join("; "))]
| join("\t")
