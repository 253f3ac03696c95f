#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host and Debian's nginx, set up as docs/serving.md says: what is asked for, certificates,
# redirects, proxies, mirrors.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root repo=$TMPDIR/repo keys=$TMPDIR/keys log=$TMPDIR/access.log
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh
export no_proxy=127.0.0.1

publish() { # LEVEL
    local dir
    dir=$(level "$1" "$build_id")
    "$BUILD/oakum-repo" add "$repo" "$dir"/oakum_*.ko "$dir/manifest.json" --quiet &&
        "$BUILD/oakum-repo" sign "$repo" --keys "$keys" --quiet
}

# Certificates: our CA, another one, and the server's.
certificates() {
    local ca
    for ca in ca other; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
            -subj "/CN=$ca" -keyout "$TMPDIR/$ca.key" -out "$TMPDIR/$ca.pem" || return
    done
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server \
        -keyout "$TMPDIR/server.key" -out "$TMPDIR/server.csr" &&
        printf 'subjectAltName=IP:127.0.0.1\n' >"$TMPDIR/san" &&
        openssl x509 -req -in "$TMPDIR/server.csr" -CA "$TMPDIR/ca.pem" -CAkey "$TMPDIR/ca.key" \
            -CAcreateserial -days 2 -extfile "$TMPDIR/san" -out "$TMPDIR/server.pem"
}

# The server block of the documentation, on our port, without TLS, for our directory.
documented() { # PORT DIRECTORY
    awk '/^    server \{/ { on = 1 } on { print } /^    }/ { on = 0 }' docs/serving.md |
        sed -e "s|listen .*|listen 127.0.0.1:$1;|" -e "s|root .*|root $2;|"
}

configure() { # PORT, and the six after it
    cat <<CONF
user root;
daemon off;
worker_processes 1;
pid $TMPDIR/nginx.pid;
error_log $TMPDIR/nginx-error.log;
events { }
http {
    access_log $log;
    client_body_temp_path $TMPDIR/nginx-body;
    proxy_temp_path $TMPDIR/nginx-proxy;
    fastcgi_temp_path $TMPDIR/nginx-fastcgi;
    uwsgi_temp_path $TMPDIR/nginx-uwsgi;
    scgi_temp_path $TMPDIR/nginx-scgi;
    $(documented "$1" "$repo")
    $(documented $(($1 + 1)) "$TMPDIR/stale")
    $(documented $(($1 + 5)) "$TMPDIR/forged")
    $(documented $(($1 + 6)) "$TMPDIR/tampered")
    server {
        listen 127.0.0.1:$(($1 + 2)) ssl;
        ssl_certificate $TMPDIR/server.pem;
        ssl_certificate_key $TMPDIR/server.key;
        root $repo;
        location /plain/ { return 302 http://127.0.0.1:$1/timestamp.json; }
    }
    server {
        listen 127.0.0.1:$(($1 + 3));
        access_log $TMPDIR/proxy.log;
        location / { proxy_pass http://127.0.0.1:$1; }
    }
    server {
        listen 127.0.0.1:$(($1 + 4));
        location / { return 200 "<html>welcome to the hotel's network</html>"; }
    }
}
CONF
}

serve() {
    local port
    for port in 2{1,3,5,7,9}{0,2,4,6,8}31; do
        configure "$port" >"$TMPDIR/nginx.conf"
        nginx -e "$TMPDIR/nginx-error.log" -c "$TMPDIR/nginx.conf" 2>>"$err" &
        server=$!
        base=$port url=http://127.0.0.1:$port
        for _ in {1..30}; do
            curl -sf -o /dev/null "$url/timestamp.json" && kill -0 "$server" && return
            sleep 0.1
        done
        kill "$server" 2>/dev/null
    done
    return 1
}

settings() { # LINE...
    printf '%s\n' "$@" >"$root/etc/oakum/oakum.conf"
}

# Method, path and status of each request since the last call.
requests() {
    awk '{ print $7, $9 }' "$log"
    : >"$log"
}

asked() { # NAME WANTED
    local got
    got=$(requests | tr '\n' ' ')
    [ "$got" = "$2 " ] || printf 'asked: %s\nwanted: %s\n' "$got" "$2" >"$out"
    [ "$got" = "$2 " ]
    result $? "$1"
}

header() { # NAME PATH PATTERN
    curl -sI "$url/$2" >"$out" 2>"$err"
    grep -qiF -- "$3" "$out"
    result $? "$1"
}

certificates >"$out" 2>"$err"
result $? 'certificates'
"$BUILD/oakum-repo" init "$repo" --keys "$keys" --no-passphrase --quiet >"$out" 2>"$err"
cp -r "$repo" "$TMPDIR/stale"
publish 1 >"$out" 2>"$err"
result $? 'a repository'
serve
result $? 'nginx serves it as the documentation says'
trap 'kill $server' EXIT
fresh_root

header 'timestamp.json is kept for a minute' timestamp.json 'Cache-Control: public, max-age=60'
header 'all else for ever' 2.snapshot.json 'max-age=31536000, immutable'
header 'parts of files are served' 2.snapshot.json 'Accept-Ranges: bytes'
curl -s -o "$out" -w '%{http_code}' "$url/.lock" >"$err"
[ "$(cat "$err")" = 404 ]
result $? 'names with a dot are not served'
curl -s -o "$out" -w '%{http_code}' -X PUT --data x "$url/timestamp.json" >"$err"
[ "$(cat "$err")" -ge 400 ]
result $? 'nothing can be written'

settings "repository = $url/"
requests >/dev/null
expect 'a host comes for the first time' 3 "'oakum update' would apply level 1" oakum check
level_file=$(cd "$repo" && find targets -name '*.oakum_1.ko.zst')
asked 'five files, and whether there is another root' \
    "/2.root.json 404 /timestamp.json 200 /2.snapshot.json 200 /1.targets.json 200 /2.kernels-0.json 200 /$level_file 200"
# The level is on the host now, as "oakum update" would have it.
mkdir -p "$root/var/lib/oakum/levels/$build_id"
cp -r "$TMPDIR/level-1" "$root/var/lib/oakum/levels/$build_id/1"
loaded oakum_1 1 0 do_exit,1
expect 'it is up to date' 0 'nothing to do: level 1 is applied' oakum check
asked 'one request, answered 304' '/timestamp.json 304'
"$BUILD/oakum-repo" refresh "$repo" --keys "$keys" --quiet >"$out" 2>"$err"
expect 'a new timestamp alone' 0 'nothing to do: level 1 is applied' oakum check
asked 'two requests' '/timestamp.json 200 /2.root.json 404'
publish 2 >"$out" 2>"$err"
expect 'a new level' 3 "'oakum update' would apply level 2" oakum check
level_file=$(cd "$repo" && find targets -name '*.oakum_2.ko.zst')
asked 'is its bin, its file and what leads there' \
    "/timestamp.json 200 /2.root.json 404 /3.snapshot.json 200 /3.kernels-0.json 200 /$level_file 200"

# --- certificates ---
secure=https://127.0.0.1:$((base + 2))/
settings "repository = $secure"
expect 'a certificate that the system does not know' 1 "needs the setting 'ca = FILE'" oakum check
settings "repository = $secure" "ca = $TMPDIR/other.pem"
expect 'one of another CA' 1 "needs the setting 'ca = FILE'" oakum check
settings "repository = $secure" "ca = $TMPDIR/none.pem"
expect 'a CA that is not there' 1 "must name a PEM file" oakum check
settings "repository = $secure" "ca = $TMPDIR/ca.pem"
expect 'the right one' 3 "'oakum update' would apply level 2" oakum check
expect 'from https to http no redirect is followed' 1 \
    'a redirect to another scheme is not followed' oakum check --repository "${secure}plain/"
settings "repository = $secure" 'ca = ca.pem'
expect 'a CA without a path' 1 "ca: 'ca.pem' must be the absolute path of a PEM file" oakum check

# --- a proxy ---
unset no_proxy
settings "repository = http://patches.example.org/" "proxy = http://127.0.0.1:$((base + 3))"
expect 'through a proxy' 3 "'oakum update' would apply level 2" oakum check
grep -qF '/timestamp.json' "$TMPDIR/proxy.log"
result $? 'the proxy was asked'
settings "repository = http://patches.example.org/" 'proxy = http://127.0.0.1:1'
expect 'a proxy that is not there' 75 'Failed to connect to 127.0.0.1 port 1' oakum check
settings "repository = $url/" 'proxy = none'
http_proxy=http://127.0.0.1:1 expect 'none, whatever the environment says' 3 'would apply level 2' oakum check
export no_proxy=127.0.0.1

# --- mirrors ---
dead=http://127.0.0.1:1/ stale=http://127.0.0.1:$((base + 1))/ hotel=http://127.0.0.1:$((base + 4))/
settings "repository = $dead" "mirrors = $url/"
expect 'the repository does not answer, a mirror does' 3 "would apply level 2" oakum check
settings "repository = $hotel" "mirrors = $dead  $url/"
expect 'one answers with a page of a hotel' 3 "would apply level 2" oakum check
settings "repository = $stale" "mirrors = $url/"
expect 'one is behind' 3 "would apply level 2" oakum check
cp -r "$repo" "$TMPDIR/forged"
sed -i 's/"version":[0-9]*/"version":99/' "$TMPDIR/forged/timestamp.json"
settings "repository = http://127.0.0.1:$((base + 5))/" "mirrors = $url/"
expect 'one is forged' 3 "would apply level 2" oakum check
grep -qF 'timestamp.json: signed by 0 of 1 required keys' "$err"
result $? 'and the next is asked for that'
cp -r "$repo" "$TMPDIR/tampered"
printf x | dd of="$TMPDIR/tampered/$level_file" bs=1 seek=100 conv=notrunc status=none
settings "repository = http://127.0.0.1:$((base + 6))/" "mirrors = $url/"
expect 'one has another file under the name of the level' 3 "would apply level 2" oakum check
grep -qF 'oakum_2.ko.zst: sha256 does not match' "$err"
result $? 'and the next is asked for it'
expect 'another repository on the command line has no mirrors' 75 'Failed to connect' \
    oakum check --repository "$dead"
settings "repository = $dead" "mirrors = $stale $hotel"
expect 'none is good' 1 "Failed to connect to 127.0.0.1 port 1" oakum check
expect 'and each says why' 1 '(rollback); http' oakum check
grep -qF "$hotel" "$err"
result $? 'the last too'
settings "repository = $url/" 'mirrors = patches.example.org'
expect 'a mirror that is no URL' 1 "mirrors: 'patches.example.org' must be URLs with blanks" oakum check
exit $failed
