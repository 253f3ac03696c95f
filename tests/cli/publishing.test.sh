#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Publishing while others look: readers by HTTP and from the directory see the old or the new
# repository, never a mix and never a failure; of two publishers one waits, or says so.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
www=$TMPDIR/www keys=$TMPDIR/keys busy=$TMPDIR/busy
list=kernels/x86_64/$(printf 'a%.0s' {1..40})/levels.json
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/repo-lib.sh
. tests/cli/repo-lib.sh

repo() {
    "$BUILD/oakum-repo" "$@" --quiet >"$out" 2>"$err"
}

publish() {
    repo sign "$www" --keys "$keys"
}

add() { # NUMBER
    local to
    to=$(level "$1")
    repo add "$www" "$to/oakum_$1.ko" "$to/manifest.json"
}

# nginx on a free port; sets $url and $server
serve() { # DIRECTORY
    local port conf=$TMPDIR/nginx
    mkdir "$conf"
    for _ in {1..20}; do
        port=$((20000 + RANDOM % 20000))
        cat >"$conf/nginx.conf" <<END
user root;
daemon off;
worker_processes 1;
pid $conf/pid;
events { }
http {
    access_log off;
    client_body_temp_path $conf/body;
    proxy_temp_path $conf/proxy;
    fastcgi_temp_path $conf/fastcgi;
    uwsgi_temp_path $conf/uwsgi;
    scgi_temp_path $conf/scgi;
    server {
        listen 127.0.0.1:$port;
        root $1;
    }
}
END
        nginx -e "$conf/log" -c "$conf/nginx.conf" 2>/dev/null &
        server=$!
        url=http://127.0.0.1:$port
        for _ in {1..50}; do
            kill -0 $server 2>/dev/null || break
            ! curl -sf --noproxy '*' -o /dev/null "$url/timestamp.json" || return 0
            sleep 0.1
        done
    done
    return 1
}
server=
trap '[ -z "$server" ] || kill $server' EXIT
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

# Reads again and again until the file "stop" is there. Each line of its log is "good" and how many
# levels it saw, or "bad" and why.
read_on() { # NAME URL FRESH
    local st=$TMPDIR/$1 said
    rm -rf "$st" && mkdir "$st.got"
    until [ -e "$TMPDIR/stop" ]; do
        if [ "$3" = fresh ] || [ ! -e "$st/root.json" ]; then
            rm -rf "$st"
            "$BUILD/oakum-tuf" --metadata-dir "$st" init "$TMPDIR/root.json"
        fi
        if said=$("$BUILD/oakum-tuf" --metadata-dir "$st" --metadata-url "$2" \
            --target-base-url "$2/targets" --target-dir "$st.got" --target-name "$list" \
            download 2>&1); then
            echo "good $(grep -o '"level":' "$st.got"/*levels.json | wc -l)"
        else
            echo "bad $said"
        fi
    done >"$TMPDIR/$1.log"
}

# All good, at least five, and never fewer levels than before.
judge() { # NAME WHAT
    awk '$1 != "good" || $2 < last { print; bad = 1 } { last = $2; n++ }
         END { print n " times"; exit bad || n < 5 }' "$TMPDIR/$1.log" >"$out" 2>"$err"
    result $? "$2: $(tail -n 1 "$out")"
}

repo init "$www" --keys "$keys" --no-passphrase && add 1 && publish
result $? 'a repository'
cp "$www/1.root.json" "$TMPDIR/root.json"
cp -a "$www" "$busy"
serve "$www"
result $? 'nginx serves it'

# Somebody holds the lock of another one, longer than a publisher waits.
flock "$busy/.lock" sleep 14 &
while flock -n "$busy/.lock" true; do sleep 0.05; done
"$BUILD/oakum-repo" refresh "$busy" --keys "$keys" >"$TMPDIR/busy.out" 2>"$TMPDIR/busy.err" &
waiting=$!

read_on http "$url" follow &
readers=($!)
read_on http-fresh "$url" fresh &
readers+=($!)
read_on files "$www" follow &
readers+=($!)

# A reader that reads while keys change hands twice starts again; so there is a pause after each.
rotate() { # ROLE
    "$BUILD/oakum-repo" key new "$keys/next-$1.pem" --no-passphrase >"$out" 2>"$err" &&
        repo rotate "$www" --role "$1" --remove "$keys/$1.pub" --add "$keys/next-$1.pub" && publish
    result $? "other keys of $1 while they read"
    sleep 1
}

rotate timestamp
for n in 2 3; do
    { add $n && publish && repo refresh "$www" --keys "$keys"; }
    result $? "level $n while they read"
done
for role in snapshot targets root; do rotate $role; done
{ repo promote "$www" aaaaaaaa/2 stable && publish; }
result $? 'a promotion while they read'
{ repo withdraw "$www" aaaaaaaa/3 --why hangs && publish; }
result $? 'a withdrawal while they read'

# Two publishers, eight times each: all of it happens, one after the other.
before=$(jq .signed.version "$www/timestamp.json")
for who in one two; do
    for _ in {1..8}; do
        "$BUILD/oakum-repo" refresh "$www" --keys "$keys" --quiet || echo failed
    done >"$TMPDIR/publisher-$who" 2>&1 &
    readers+=($!)
done
wait "${readers[3]}" "${readers[4]}"
! grep -h failed "$TMPDIR"/publisher-* >"$out" &&
    [ "$(jq .signed.version "$www/timestamp.json")" -eq $((before + 16)) ]
result $? 'two publishers at once: all sixteen publishings'
{ add 4 && publish; }
result $? 'level 4 while they read'
touch "$TMPDIR/stop"
wait "${readers[@]:0:3}"
judge http 'a reader by HTTP never failed'
judge http-fresh 'a reader by HTTP from the first root never failed'
judge files 'a reader of the directory never failed'
rm "$TMPDIR/stop"
read_once() { # the same again, once more
    { sleep 0.2 && touch "$TMPDIR/stop"; } &
    read_on "$@"
}
read_once last "$url" fresh
[ "$(tail -n 1 "$TMPDIR/last.log")" = 'good 4' ]
result $? 'what was published last is what is read last'

wait $waiting
[ $? -eq 75 ] && grep -qF "$busy: another publisher is at work; try again later" "$TMPDIR/busy.err"
result $? 'a publisher that waited for ten seconds says who is at work'
"$BUILD/oakum-repo" verify "$www" >"$out" 2>"$err"
result $? 'the repository is sound'
exit $failed
