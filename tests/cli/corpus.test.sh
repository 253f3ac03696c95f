#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How "make corpus" judges: a builder of our own that answers by the name of the fix.
set -u
: "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
corpus=$TMPDIR/corpus
mkdir -p "$TMPDIR/build" "$corpus/one"

cat >"$TMPDIR/build/oakum-build" <<'EOT'
#!/bin/bash
# The fix is the last argument; its text is a status and the document to print.
case $* in
'kernel list --json') echo '{"kernels": [{"package_version": "1", "reference": "k:1"}]}' ;;
'kernel list --available --json') echo '{"available": []}' ;;
*) read -r status document <"${!#}" && echo "$document" && echo "the reason" >&2
    [ "$status" = hang ] && sleep 60
    exit "$status" ;;
esac
EOT
chmod +x "$TMPDIR/build/oakum-build"

printf 'file\tbase\tcve\tobject_functions_changed\texpect\n' >"$corpus/INDEX.tsv"
fix() { # NAME BASE EXPECT WANT STATUS DOCUMENT
    printf 'one/%s.patch\t%s\tnone\t%s\t%s\n' "$1" "$2" "$4" "$3" >>"$corpus/INDEX.tsv"
    echo "$5 $6" >"$corpus/one/$1.patch"
}

# One line of the table, its seconds left out.
expect() { # NAME LINE
    sed -E 's/ +/ /g; s/ [0-9.]+ s / s /; s/ $//' "$TMPDIR/table" >"$out"
    grep -qxF -- "$2" "$out"
    result $? "$1"
}

doc='{"objects": [{"object": "a/x.o", "changed": ["f", "g.cold"], "new": ["h"]}], "refusals": []}'
fix all 1 patch 'a/x.o:f,g,+h' 0 "$doc"
fix extra 1 patch 'a/x.o:f; b/y.o:same-size(not byte-compared)' 0 "$doc"
fix missing 1 patch 'a/x.o:f,k; b/y.o:f' 0 "$doc"
fix same 1 nothing-to-patch 'a/x.o:IDENTICAL' 3 '{"objects": []}'
fix entry 1 refuse '' 4 '{"objects": [], "refusals": [{"rule": "no-fentry"}, {"rule": "x"}]}'
fix other 1 refuse-no-fentry '' 4 '{"objects": [], "refusals": [{"rule": "x"}]}'
fix callers 1 patch-via-callers '' 0 '{"objects": [{"object": "a/x.o", "callers": ["f"]}]}'
fix broken 1 patch '' 1 ''
fix hangs 1 patch '' hang ''
fix elsewhere 2 patch '' 0 "$doc"

BUILD=$TMPDIR/build TIMEOUT=5 JOBS=10 tests/corpus/run.sh "$corpus" >"$TMPDIR/table" 2>"$err"
[ $? -eq 1 ]
result $? 'a difference sets the status'
expect 'all symbols' 'OK all patch s'
expect 'a changed symbol too many is a remark' 'OK extra patch s extra: x.o:g'
expect 'a symbol too few is a difference' 'DIFFERS missing patch s missing: x.o:k y.o:f; extra: x.o:g'
expect 'nothing to patch' 'OK same nothing-to-patch s'
expect 'any refusal is one' 'OK entry refuse-no-fentry s expected refuse; rules: no-fentry x'
expect 'but not that refusal' 'DIFFERS other refuse s expected refuse-no-fentry; rules: x'
expect 'callers' 'OK callers patch-via-callers s'
expect 'a failure shows its last words' 'DIFFERS broken failed s expected patch; the reason'
expect 'a hang ends' 'DIFFERS hangs timeout s expected patch;'
expect 'a kernel that cannot be had' 'SKIP elsewhere - s the archive has no kernel 2'
grep -qF '5 of 9 fixes as expected (55.6 %), 4 differ, 1 skipped' "$out"
result $? 'the sum'
BUILD=$TMPDIR/build tests/corpus/run.sh "$corpus" /all /same >"$TMPDIR/table" 2>"$err"
result $? 'some of the fixes'
exit $failed
