# SPDX-License-Identifier: GPL-2.0-or-later
# One line of Meson's testlog.json to TAP lines "ok - LABEL/PROGRAM: case". A program that failed
# without naming a case (a crash, a sanitizer's finding, a timeout) is one failed case.
($prefix + "/" + (.name | sub(".* / "; ""))) as $program
| [(.stdout // "") | split("\n")[] | select(test("^(not )?ok\\b"))
   | capture("^(?<ok>(not )?ok) *[0-9]* *(- )?(?<what>.*)")
   # cmocka's way to say that a test skipped itself; only tests of a real kernel do.
   | if .what | startswith("# SKIP ") then
       {ok: "ok", what: "\(.what | ltrimstr("# SKIP ")) # SKIP the store lacks the kernel it is about, or this is not root"}
     else . end] as $cases
| ($cases | any(.ok == "not ok")) as $named
| ($cases[] | "\(.ok) - \($program): \(.what)"),
  (if .result == "SKIP" then "ok - \($program) # SKIP the program says so"
   elif .result != "OK" then
     (((.stdout // "") + (.stderr // "")) | split("\n")[] | "    " + .),
     (if $named then empty else "not ok - \($program): \(.result), status \(.returncode)" end)
   elif ($cases | length) == 0 then "not ok - \($program): names no test case"
   else empty end)
