#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a host says to scanners, as levels come and go; read by validators and a scanner of others.
#
# OpenVEX is held against tests/vex/openvex.jq. CSAF (schema and mandatory tests), CycloneDX (schema)
# and package URLs are judged by packages of the npm registry, as in other-client.test.sh: by name
# and version, kept in OAKUM_CACHE (39 MB), skipped where neither has them. OVAL definitions are
# evaluated by oscap.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root repo=$TMPDIR/repo
run=$root/run/oakum db=$root/var/lib/oakum/cves.db
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/npm-lib.sh
. tests/cli/npm-lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh

mkdir -p "$repo"
printf '{}\n' >"$repo/1.root.json"
fresh_root
put proc/sys/kernel/hostname ship
put proc/version 'Linux version 6.1.0-50-amd64 (x) (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP Debian 6.1.140-1 (2026-07-02)'
put proc/modules 'ext4 1 0 - Live 0x0'
put etc/os-release 'VERSION_CODENAME=bookworm'
put boot/config-6.1.0-50-amd64 "$(printf 'CONFIG_NET=y\nCONFIG_UNIX=y')"
put lib/modules/6.1.0-50-amd64/modules.order kernel/drivers/usb/gadget/function/f_ncm.ko
mkdir -p "$root/usr/share/doc/linux-image-6.1.0-50-amd64" "$TMPDIR/src"/{net/unix,drivers/soundwire,arch/x86}
printf 'linux (6.1.140-1) bookworm; urgency=high\n\n  * amdgpu (CVE-2024-41008)\n' |
    gzip >"$root/usr/share/doc/linux-image-6.1.0-50-amd64/changelog.Debian.gz"
printf '\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 140\n' >"$TMPDIR/src/Makefile"
# shellcheck disable=SC2016 # Makefiles
{
    printf 'obj-$(CONFIG_UNIX) += unix/\n' >"$TMPDIR/src/net/Makefile"
    printf 'obj-$(CONFIG_UNIX) += unix.o\nunix-y := af_unix.o\n' >"$TMPDIR/src/net/unix/Makefile"
    printf 'obj-$(CONFIG_SOUNDWIRE) += soundwire/\n' >"$TMPDIR/src/drivers/Makefile"
    printf 'obj-y += cadence_master.o\n' >"$TMPDIR/src/drivers/soundwire/Makefile"
    printf '#\n' >"$TMPDIR/src/arch/x86/Makefile"
}

# shellcheck disable=SC2317 # called through expect
verify() { # FILE ARGUMENT...
    "$BUILD/oakum" vex verify --root "$root" "$@"
}

# status NAME CVE STATUS [JUSTIFICATION]
status() {
    expect "$1" 0 '' oakum vex --cve "$2" --json
    json "$1: $3${4:+, $4}" ".statements | length == 1 and .[0].status == \"$3\"
        and .[0].justification == ${4:+\"}${4:-null}${4:+\"}"
}

expect 'a host of which nothing is known' 3 'nothing to state: no CVE database' oakum vex --write
[ ! -e "$run/vex.openvex.json" ]
result $? 'has no document'

# Without a database: from the level alone.
one=$(level 1 $build_id)
sed -i 's/CVE-2026-1/CVE-2025-38236/g' "$one/manifest.json"
mkdir -p "$root/var/lib/oakum/levels/$build_id/1"
cp "$one"/* "$root/var/lib/oakum/levels/$build_id/1/"
status 'a level on the disk' CVE-2025-38236 affected
loaded oakum_1 1 0 do_exit,1
status 'a level in the kernel' CVE-2025-38236 fixed
expect 'is told' 0 'version 1' oakum vex --write
expect 'without a database, and says so' 0 'no CVE database: only what levels close is known' oakum vex
rm -r "$root/sys/kernel/livepatch/oakum_1"

# With one.
expect 'a database' 0 'is compiled' "$BUILD/oakum-repo" cves tests/cves/records --output "$db" \
    --source "$TMPDIR/src"
status 'exposed' CVE-2025-38236 affected
status 'fixed by the package' CVE-2024-41008 fixed
status 'not built' CVE-2024-38635 not_affected vulnerable_code_not_present
status 'never there' CVE-2020-36791 not_affected vulnerable_code_not_present
status 'a module that a user may have loaded' CVE-2026-31617 affected
put etc/modprobe.d/oakum.conf 'install f_ncm /bin/false'
status 'a module that nobody can load' CVE-2026-31617 not_affected vulnerable_code_not_in_execute_path
expect 'a CVE that nobody knows' 1 'CVE-2000-0001: neither the CVE database nor a level' \
    oakum vex --cve CVE-2000-0001
expect 'no id' 2 "--cve 'x': an id is like" oakum vex --cve x
expect 'no format' 2 "--format 'spdx': openvex, csaf, cyclonedx or oval" oakum vex --format spdx
expect 'all of them' 0 '' oakum vex --all --json
json 'have a status' '.statements | length > 12 and all(.status | IN("affected", "fixed", "not_affected"))'
expect 'the default' 0 '' oakum vex --json
json 'leaves out what a version alone settles' '.statements | map(.cve)
    | index("CVE-2024-26581") == null and index("CVE-2024-41008") and index("CVE-2024-38635")'

# The files, and the auditor.
put etc/oakum/oakum.conf "$(printf 'repository = %s\nvex = openvex csaf cyclonedx oval' "$repo")"
expect 'all formats' 0 'signed, in /run/oakum' oakum vex --write
cp "$run/vex.openvex.json" "$TMPDIR/exposed.json"
jq -e '.version == 2 and .author == "oakum on ship"' "$TMPDIR/exposed.json" >"$out" 2>"$err"
result $? 'another content is another version'
expect 'again' 0 'version 2' oakum vex --write
cmp "$run/vex.openvex.json" "$TMPDIR/exposed.json" >"$out" 2>"$err"
result $? 'the same content is the same file'
[ "$(stat -c %a "$root/var/lib/oakum/vex/key.pem" "$run"/vex.* | sort -u | tr '\n' ' ')" = '600 644 ' ]
result $? 'documents are for all, the key is not'
for name in openvex.json csaf.json cdx.json; do
    expect "vex.$name is verified" 0 'statements compared with this moment, 0 differ' \
        verify "$run/vex.$name"
done

loaded oakum_1 1 0 do_exit,1
expect 'a level that came since' 1 'CVE-2025-38236  was affected, is fixed: patched-live' \
    verify "$run/vex.openvex.json"
expect 'is told' 0 '1 of 1 functions redirected' oakum vex --write
expect 'and verified' 0 'function  vmlinux:do_exit, redirected when it was signed, and now' \
    verify "$run/vex.openvex.json"
grep -q "manifest  sha256 $(sha256sum <"$one/manifest.json" | cut -d ' ' -f 1), the same on this disk" "$out"
result $? 'down to the manifest'
expect 'as a document' 0 '' verify "$run/vex.openvex.json" --json
json 'it has the chain' '.compared_with_host and .differences == [] and (.chain | length == 1)
    and (.chain[0] | .cve == "CVE-2025-38236" and .status == "fixed" and .level == 1 and .manifest_here
    and .functions == [{object: "vmlinux", name: "do_exit", sympos: 0, redirected: true, redirected_now: true}])'
mkdir "$TMPDIR/audit"
cp "$run"/vex.* "$TMPDIR/audit/"
mv "$root/sys/kernel/livepatch/oakum_1/vmlinux/do_exit,1" "$root/sys/kernel/livepatch/oakum_1/vmlinux/x,1"
expect 'a function that is gone' 1 'redirected when it was signed, NOT now' \
    verify "$run/vex.openvex.json"
rm -r "$root/sys/kernel/livepatch/oakum_1"
expect 'a level that was taken back' 1 'CVE-2025-38236  was fixed, is affected: exposed' \
    verify "$run/vex.openvex.json"
expect 'is told' 0 'level         none in the kernel' oakum vex --write
status 'and exposed again' CVE-2025-38236 affected
expect 'an old document' 1 'not what was signed: it was changed, or is of another moment' \
    verify "$TMPDIR/audit/vex.openvex.json" --envelope "$run/vex.dsse.json"

# Somewhere else, with the key alone.
expect 'the public key' 0 'BEGIN PUBLIC KEY' oakum vex --public-key
cmp "$out" "$TMPDIR/audit/vex.pub" 2>"$err"
result $? 'is the one that signed'
printf '\4\0\0\0\24\0\0\0\3\0\0\0GNU\0%s' 'another, 20 bytes...' >"$root/sys/kernel/notes"
expect 'on another machine' 0 'another kernel runs here' verify \
    "$TMPDIR/audit/vex.openvex.json" --key "$TMPDIR/audit/vex.pub"
grep -q 'function  vmlinux:do_exit, redirected when it was signed$' "$out"
result $? 'what was signed is there'
expect 'but not what is now' 4 'is not the kernel that runs here: ask on that host' verify \
    "$TMPDIR/audit/vex.openvex.json" --host-evidence --key "$TMPDIR/audit/vex.pub"
openssl genpkey -algorithm ed25519 2>/dev/null | openssl pkey -pubout >"$TMPDIR/other.pub"
expect 'another key' 1 'the signature is not of key' verify \
    "$TMPDIR/audit/vex.openvex.json" --key "$TMPDIR/other.pub"
sed -i '0,/"status":"affected"/s//"status":"fixed"/' "$TMPDIR/audit/vex.openvex.json"
expect 'a changed document' 1 'not what was signed' verify \
    "$TMPDIR/audit/vex.openvex.json" --key "$TMPDIR/audit/vex.pub"

# As docs/formats/vex.md says it is done without oakum.
jq -j .payload "$run/vex.dsse.json" | base64 -d >"$TMPDIR/payload"
{
    printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(wc -c <"$TMPDIR/payload")"
    cat "$TMPDIR/payload"
} >"$TMPDIR/signed"
jq -r '.signatures[0].sig' "$run/vex.dsse.json" | base64 -d >"$TMPDIR/sig"
openssl pkeyutl -verify -pubin -inkey "$run/vex.pub" -rawin -in "$TMPDIR/signed" \
    -sigfile "$TMPDIR/sig" >"$out" 2>"$err"
result $? 'OpenSSL verifies the signature'
jq -r '.subject[] | "\(.digest.sha256)  \(.name)"' "$TMPDIR/payload" >"$TMPDIR/sums"
[ "$(wc -l <"$TMPDIR/sums")" -eq 4 ] && (cd "$run" && sha256sum -c "$TMPDIR/sums") >"$out" 2>"$err"
result $? 'sha256sum verifies the four documents'
openssl pkey -in "$root/var/lib/oakum/vex/key.pem" -pubout 2>"$err" | cmp - "$run/vex.pub" >"$out"
result $? 'OpenSSL reads the key'

# OpenVEX.
jq -r -f tests/vex/openvex.jq "$run/vex.openvex.json" >"$out" 2>"$err" && [ ! -s "$out" ]
result $? 'OpenVEX is as its specification says'
jq 'del(.author) | .version = 0 | .statements[0].status = "x" | .statements[1].products = []' \
    "$run/vex.openvex.json" | jq -r -f tests/vex/openvex.jq >"$out" 2>"$err"
[ "$(grep -cE '^(author|version|CVE-[0-9-]*: (status|no product))$' "$out")" -eq 4 ]
result $? 'and what is not so is found'

# OVAL: the scanner looks at the host, so one file gives another result as the level comes.
oval() { # NAME RESULT
    OSCAP_PROBE_ROOT=$root oscap oval eval --skip-validation --id oval:oakum:def:20250038236 \
        "$run/vex.oval.xml" >"$out" 2>"$err"
    grep -q "oval:oakum:def:20250038236: $2" "$out"
    result $? "oscap: $1: $2"
}
if command -v oscap >/dev/null; then
    oscap oval validate "$run/vex.oval.xml" >"$out" 2>"$err"
    result $? 'oscap: the definitions are valid'
    oval 'exposed' true
    loaded oakum_1 1 0 do_exit,1
    put run/oakum/cvelist "$(printf 'CVE-2024-1\nCVE-2025-38236')"
    oval 'patched-live' false
    put sys/kernel/livepatch/oakum_1/transition 1
    oval 'some tasks run the old code' true
    put sys/kernel/livepatch/oakum_1/transition 0
    put run/oakum/cvelist CVE-2025-382360
    oval 'a level that does not close it' true
    put run/oakum/cvelist CVE-2025-38236
    rm -r "$root/sys/kernel/livepatch/oakum_1"
    oval 'a list that nobody cleared' true
    sed -i 's/6.1.140-1/6.1.141-1/' "$root/proc/version"
    oval 'another kernel' false
    sed -i 's/6.1.141-1/6.1.140-1/' "$root/proc/version"
else
    printf 'ok - oscap # SKIP it is not installed: apt-get install openscap-scanner\n'
fi

# Validators of others.
what='validators of CSAF and CycloneDX'
needs_node "$what"
[ "$major" -ge 20 ] || skip "$what" "Node.js $major is too old, 20 is needed"
needs_modules "$what" @secvisogram/csaf-validator-lib --omit=optional --omit=peer \
    @secvisogram/csaf-validator-lib@2.0.10 @cyclonedx/cyclonedx-library@10.3.0 ajv@8.20.0 \
    ajv-formats@3.0.1 packageurl-js@2.0.1
valid() { # NAME ARGUMENT...
    node tests/vex/validate.mjs "$NODE_PATH" "${@:2}" >"$out" 2>"$err"
    result $? "$1"
}
valid 'CSAF: schema and every mandatory test' csaf "$run/vex.csaf.json"
grep -qE '^4[0-9] checks, 0 errors' "$out"
result $? 'they were run'
valid 'CycloneDX: schema' cyclonedx "$run/vex.cdx.json"
valid 'package URLs' purl 'pkg:deb/debian/linux-image-6.12.9%2Bbpo-amd64@6.12.9-1~bpo12%2B1?arch=amd64' \
    "$(jq -r '.statements[0].products[1]["@id"]' "$run/vex.openvex.json")"
diff - "$out" >"$err" <<'END'
deb debian linux-image-6.12.9+bpo-amd64 6.12.9-1~bpo12+1 amd64
deb debian linux 6.1.140-1 source
2 checks, 0 errors
END
result $? 'are read as they are meant'
for file in csaf.json cdx.json; do
    jq 'del(.document.tracking.version) | .specVersion = "0" | .vulnerabilities[0].cve = "x"' \
        "$run/vex.$file" >"$TMPDIR/broken.json"
    kind=${file%.json}
    ! node tests/vex/validate.mjs "$NODE_PATH" "${kind/cdx/cyclonedx}" "$TMPDIR/broken.json" >"$out" 2>"$err"
    result $? "$kind: a broken one is not valid"
done
exit $failed
