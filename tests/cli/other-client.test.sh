#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Another client of The Update Framework, tuf-js, reads what oakum-repo publishes, and oakum-tuf
# reads what its library of metadata writes. Both by HTTP.
#
# Debian 12 has no client of the present format, so the packages come from the npm registry, by name
# and version, into OAKUM_CACHE (1 to 13 MB). Wanted are Node.js 18 or newer and npm; on a plain
# Debian: apt-get install nodejs npm (54 MB, which is why ci/packages.txt does not ask for them).
set -u
: "${BUILD:?}" "${TMPDIR:?}"
www=$TMPDIR/www keys=$TMPDIR/keys
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# shellcheck source=tests/cli/npm-lib.sh
. tests/cli/npm-lib.sh

# The newest versions that this Node.js can run.
versions_for() { # MAJOR
    if [ "$1" -ge 20 ]; then
        echo tuf-js@5.0.1 @tufjs/models@4.1.1
    else
        echo tuf-js@3.0.1 @tufjs/models@3.0.1
    fi
}

needs_node 'another client'
# shellcheck disable=SC2046 # two words
needs_modules 'another client' tuf-js $(versions_for "$major")

# serve DIRECTORY - sets $url
serve() {
    local port=$TMPDIR/port
    stop
    rm -f "$port"
    node tests/other-client/serve.js "$1" "$port" &
    server=$!
    for _ in {1..100}; do
        [ ! -f "$port" ] || break
        sleep 0.1
    done
    url=http://127.0.0.1:$(cat "$port")
}

stop() {
    [ -z "${server:-}" ] || kill "$server"
    server=
}
trap stop EXIT

# A state is a directory NAME.tuf-js or NAME.oakum with its downloads beside.
start() { # NAME ROOT
    mkdir "$TMPDIR/$1.tuf-js" "$TMPDIR/$1.tuf-js.got" "$TMPDIR/$1.oakum.got"
    cp "$2" "$TMPDIR/$1.tuf-js/root.json"
    "$BUILD/oakum-tuf" --metadata-dir "$TMPDIR/$1.oakum" init "$2"
}

tuf_js() { # NAME TARGET...
    node tests/other-client/read.js "$TMPDIR/$1.tuf-js" "$url" "$url/targets" \
        "$TMPDIR/$1.tuf-js.got" "${@:2}" >"$out" 2>"$err"
}

oakum_tuf() { # NAME TARGET...
    local target names=()
    for target in "${@:2}"; do names+=(--target-name "$target"); done
    "$BUILD/oakum-tuf" --metadata-dir "$TMPDIR/$1.oakum" --metadata-url "$url" \
        --target-base-url "$url/targets" --target-dir "$TMPDIR/$1.oakum.got" "${names[@]}" \
        download >"$out" 2>"$err"
}

# Both find the targets, and the same bytes.
both() { # WHAT NAME TARGET...
    local what=$1 name=$2
    shift
    tuf_js "$@"
    result $? "$what: tuf-js reads it"
    oakum_tuf "$@"
    result $? "$what: oakum-tuf reads it"
    diff -r "$TMPDIR/$name.tuf-js.got" "$TMPDIR/$name.oakum.got" >"$out" 2>"$err" &&
        [ "$(find "$TMPDIR/$name.oakum.got" -type f | wc -l)" -ge $(($# - 1)) ]
    result $? "$what: the same bytes"
}

# What oakum-repo writes.

build_id=$(printf 'a%.0s' {1..40})
kernel=kernels/x86_64/$build_id

repo() {
    "$BUILD/oakum-repo" "$@" --quiet >"$out" 2>"$err"
}

level() { # NUMBER
    local to=$TMPDIR/level-$1
    TITLE='Größe "x"' tests/made-level.sh "$to" "$1" "$build_id" &&
        repo add "$www" "$to/oakum_$1.ko" "$to/manifest.json"
}

# Other keys of this kind sign for a role.
hand_over() { # ROLE SCHEME
    "$BUILD/oakum-repo" key new "$keys/new-$1.pem" --no-passphrase --scheme "$2" >"$out" 2>"$err" &&
        repo rotate "$www" --role "$1" --remove "$keys/$1.pub" --add "$keys/new-$1.pub" &&
        repo sign "$www" --keys "$keys"
}

repo init "$www" --keys "$keys" --no-passphrase && level 1 && level 2 &&
    repo sign "$www" --keys "$keys"
result $? 'a repository is made'
serve "$www"
start old "$www/1.root.json"
both 'levels' old "$kernel/levels.json" "$kernel/1/oakum_1.ko.zst" "$kernel/2/oakum_2.ko.zst"
while read -r role scheme; do
    hand_over "$role" "$scheme"
    result $? "other keys of $role, $scheme"
    both "other keys of $role" old "$kernel/levels.json"
done <<'END'
timestamp ed25519
snapshot ecdsa-sha2-nistp256
targets rsassa-pss-sha256
root ecdsa-sha2-nistp256
END
repo withdraw "$www" aaaaaaaa/2 --why 'it hangs: "ö"' && level 3 && repo sign "$www" --keys "$keys"
result $? 'a level is withdrawn'
both 'a withdrawn level' old "$kernel/levels.json" "$kernel/3/oakum_3.ko.zst"
grep -q '"why":"it hangs' "$TMPDIR"/old.tuf-js.got/*levels.json
result $? 'a withdrawn level: tuf-js sees why'
start new "$www/1.root.json"
both 'all of it, from the first root' new "$kernel/levels.json" "$kernel/3/oakum_3.ko.zst"

# What @tufjs/models writes: keys of three kinds in each role, two of which must sign.

names=(alpha/{one,two,three,four,five,six,seven,eight,nine}.bin)
while read -r kind text; do
    there=$TMPDIR/$kind
    node tests/other-client/write.js "$kind" "$there" >"$out" 2>"$err"
    result $? "another's repository: $text"
    serve "$there"
    start "$kind" "$there/1.root.json"
    both "$text" "$kind" "${names[@]}"
    start "short-$kind" "$there/1.root.json"
    # Its snapshot has no hashes of delegated roles: only signatures are left to tell.
    for file in "$there"/*b*-*.json "$there"/a%2F*.json; do
        [ ! -f "$file" ] || jq '.signatures |= .[:1]' "$file" >"$file.new" && mv "$file.new" "$file"
    done 2>/dev/null
    ! tuf_js "short-$kind" "${names[@]}" && ! oakum_tuf "short-$kind" "${names[@]}" &&
        grep -q '1 of 2' "$err"
    result $? "$text: one signature of two is refused by both"
done <<'END'
prefixes bins by prefixes of hashes, below a role with patterns
succinct succinct hash bins
plain names that need quoting, without consistent snapshots
END
exit $failed
