#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Keys as a publisher meets them: oakum-repo key, passphrases, a terminal, a PKCS#11 token.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
repo=$(realpath "$BUILD")/oakum-repo
module=/usr/lib/softhsm/libsofthsm2.so
keys=$TMPDIR/keys
mkdir -m 700 "$keys"
cd "$keys" || exit 1
umask 077
unset CREDENTIALS_DIRECTORY
printf 'correct horse\nsecond line\n' >"$TMPDIR/good"
printf 'wrong horse\n' >"$TMPDIR/bad"
printf '\n' >"$TMPDIR/empty"

# Runs oakum-repo key without a terminal; compares the exit status and one line of what it said.
expect() { # NAME STATUS PATTERN ARGUMENT...
    local name=$1 status=$2 pattern=$3 got
    shift 3
    setsid "$repo" key "$@" >"$out" 2>"$err" </dev/null
    got=$?
    [ "$got" -eq "$status" ] && grep -qF -- "$pattern" "$out" "$err"
    result $? "$name"
}

# The same on a terminal of its own, where a person types LINES.
on_terminal() { # NAME STATUS PATTERN LINES ARGUMENT...
    local name=$1 status=$2 pattern=$3 lines=$4 got line words i asked=0
    shift 4
    printf -v words ' %q' "$repo" key "$@"
    : >"$out"
    # Whoever types waits for the question; what comes before it is dropped.
    while read -r line; do
        asked=$((asked + 1))
        for ((i = 0; i < 300; i++)); do
            [ "$(grep -o ' of [a-z]*\.pem: ' "$out" | wc -l)" -lt "$asked" ] || break
            sleep 0.1
        done
        printf '%s\n' "$line"
    done <<<"$lines" | script -qefc "$words" "$out" >"$err" 2>&1
    got=$?
    [ "$got" -eq "$status" ] && grep -qF -- "$pattern" "$out"
    result $? "$name"
}

expect 'key new makes a pair' 0 'wrote   root.pub; give it to those who list this key' \
    new root.pem --passphrase-file "$TMPDIR/good"
[ "$(stat -c %a root.pem root.pub | tr '\n' ' ')" = '600 644 ' ] &&
    grep -q 'BEGIN ENCRYPTED PRIVATE KEY' root.pem
result $? 'the private half is encrypted and for its owner alone'
jq -e '.keytype == "ed25519" and (.keyval.public | length) == 64' root.pub >"$out"
result $? 'the public half is what a root lists'
expect 'a key is never overwritten' 4 'root.pem: exists already; a key is never overwritten' \
    new root.pem --passphrase-file "$TMPDIR/good"
openssl pkey -in root.pem -passin 'pass:correct horse' -noout >"$out" 2>"$err"
result $? 'openssl opens it with the first line of the file'

id=$("$repo" key show root.pub --json | jq -r .keyid)
expect 'key show of a public half asks for nothing' 0 "keyid   $id" show root.pub
expect 'key show of the private half' 0 "keyid   $id" show root.pem \
    --passphrase-file "$TMPDIR/good"
expect 'a wrong passphrase' 4 "root.pem: the passphrase in $TMPDIR/bad is wrong" \
    show root.pem --passphrase-file "$TMPDIR/bad"
expect 'an empty line' 4 "$TMPDIR/empty: its first line is empty; it must be the passphrase" \
    show root.pem --passphrase-file "$TMPDIR/empty"
expect 'nobody to ask' 4 \
    'root.pem: its passphrase is needed; give --passphrase-file FILE, or run this on a terminal' \
    show root.pem
chmod 644 "$TMPDIR/good"
expect 'a passphrase that others can read' 4 \
    "$TMPDIR/good: others may read this passphrase; run: chmod 600 $TMPDIR/good" \
    show root.pem --passphrase-file "$TMPDIR/good"
chmod 600 "$TMPDIR/good"
"$repo" key show root.pem --passphrase-file - <"$TMPDIR/good" >"$out" 2>"$err" && grep -q "$id" "$out"
result $? 'a passphrase from standard input'
mkdir "$TMPDIR/credentials"
cp "$TMPDIR/good" "$TMPDIR/credentials/passphrase"
CREDENTIALS_DIRECTORY=$TMPDIR/credentials expect 'a passphrase that systemd passes' 0 "$id" \
    show root.pem
chmod 640 root.pem
expect 'a key that others can read' 4 'root.pem: others may read this private key; run: chmod 600' \
    show root.pem --passphrase-file "$TMPDIR/good"
chmod 600 root.pem
rm root.pub
expect 'key pub makes the public half again' 0 "keyid   $id" pub root.pem \
    --passphrase-file "$TMPDIR/good"
grep -q ed25519 root.pub
result $? 'and writes it'

expect 'a key for a timer is not encrypted' 0 'scheme  ed25519' new online.pem --no-passphrase
grep -q 'BEGIN PRIVATE KEY' online.pem
result $? 'and says so in its file'
expect 'an ECDSA key' 0 'scheme  ecdsa-sha2-nistp256' new ec.pem --no-passphrase \
    --scheme ecdsa-sha2-nistp256
expect 'an RSA key' 0 'scheme  rsassa-pss-sha256' new rsa.pem --no-passphrase \
    --scheme rsassa-pss-sha256
expect 'an unknown scheme' 2 "unknown scheme 'dsa'; take ed25519" new x.pem --no-passphrase \
    --scheme dsa
expect 'another name' 2 'x.key: the name must end in .pem' new x.key
expect 'both or neither' 2 '--passphrase-file and --no-passphrase exclude each other' \
    new x.pem --no-passphrase --passphrase-file "$TMPDIR/good"

on_terminal 'a new passphrase is typed twice' 0 'wrote   typed.pub' $'a word\na word' \
    new typed.pem
! grep -q 'a word' "$out"
result $? 'and not shown'
on_terminal 'two that differ' 4 'typo.pem: the two passphrases differ; nothing was made' \
    $'a word\na ward' new typo.pem
[ ! -e typo.pem ] && [ ! -e typo.pub ]
result $? 'make nothing'
on_terminal 'a wrong one is asked for again' 0 'scheme  ed25519' $'a ward\na word' show typed.pem

export SOFTHSM2_CONF=$TMPDIR/softhsm2.conf
mkdir "$TMPDIR/tokens"
printf 'directories.tokendir = %s\n' "$TMPDIR/tokens" >"$SOFTHSM2_CONF"
{
    softhsm2-util --init-token --free --label oakum --so-pin 5678 --pin 1234 &&
        pkcs11-tool --module "$module" --token-label oakum --login --pin 1234 --keypairgen \
            --key-type EC:prime256v1 --label targets
} >"$out" 2>"$err"
result $? 'a token with a key'
uri="pkcs11:token=oakum;object=targets?module-path=$module"
expect 'a key in a token' 0 'scheme  ecdsa-sha2-nistp256' new targets.p11 --pkcs11 "$uri"
[ "$(cat targets.p11)" = "$uri" ] && grep -q 'BEGIN PUBLIC KEY' targets.pub
result $? 'is a reference and a public half'
expect 'key show of a reference' 0 'scheme  ecdsa-sha2-nistp256' show targets.p11
expect 'a token that is not there' 1 'no such token; is it plugged in?' new none.p11 \
    --pkcs11 "pkcs11:token=none;object=targets?module-path=$module"
expect 'a reference has its own name' 2 'x.pem: the name must end in .p11' new x.pem --pkcs11 "$uri"

# Hosts run no code of tokens: the program does not ask the loader for it.
readelf -d "$(dirname "$repo")/oakum" >"$out"
! grep -q 'NEEDED.*p11-kit' "$out" && grep -q 'NEEDED.*libc' "$out"
result $? 'oakum does not link p11-kit'
exit $failed
