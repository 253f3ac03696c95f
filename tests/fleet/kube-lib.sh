# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kube-lib.sh - a real API server of Kubernetes for tests, and our chart rendered
#
# Debian has no package of the server, but its sources, with all that they need, as those of the package
# kubernetes-client (1.20): kube_build makes cmd/kube-apiserver of them with Debian's Go, once, in $OAKUM_CACHE/kube.
# It takes some 10 minutes of processor time, the download 35 MB. Nothing but Debian's archive is asked.

kube_cache=${OAKUM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oakum}/kube
kube_go=/usr/lib/go-1.19/bin/go
kube_go_cache=$kube_cache/go-build

# kube_fetch DIR - the source package, verified by apt, unpacked to DIR/src/k8s.io/kubernetes
kube_fetch() {
    local apt=$1/apt options tree=$1/src/k8s.io/kubernetes
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/get" "$tree"
    echo 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main' \
        >"$apt/sources.list"
    options=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
    # apt makes its temporary files as a user of its own.
    TMPDIR=$apt apt-get "${options[@]}" update >&2 &&
        (cd "$apt/get" && TMPDIR=$apt apt-get "${options[@]}" source --download-only kubernetes >&2) &&
        tar -xzf "$apt"/get/kubernetes_*.orig.tar.gz --strip-components=1 -C "$tree"
}

# kube_definitions TREE - what the server tells of its types is generated, as the package does it
kube_definitions() {
    local tree=$1 dirs
    cd "$tree" || return
    "$kube_go" build -o "$GOPATH/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen || return
    dirs=$(grep -rl --include='*.go' --exclude='zz_generated*' '+k8s:openapi-gen=' pkg cmd/kube* vendor/k8s.io/*/ |
        xargs -n 1 dirname | sort -u |
        grep -v -e examples -e sample- -e code-generator -e /testdata -e openapi/cmd -e '^vendor/k8s.io/kubernetes' |
        sed 's#^vendor/##; s#^\(pkg\|cmd\)#k8s.io/kubernetes/\1#' | paste -sd,)
    printf '/*\n*/\n' >"$GOPATH/head.txt"
    "$GOPATH/openapi-gen" -O zz_generated.openapi --go-header-file "$GOPATH/head.txt" --input-dirs "$dirs" \
        --output-base "$GOPATH/src" --output-package k8s.io/kubernetes/pkg/generated/openapi \
        --report-filename "$GOPATH/report.txt"
}

# kube_build - prints the path of the server; makes it where it is not there
kube_build() (
    server=$kube_cache/kube-apiserver-1.20.2
    mkdir -p "$kube_cache"
    exec 9>"$kube_cache/lock"
    flock 9
    if [ ! -x "$server" ]; then
        work=$(mktemp -d "$kube_cache/build-XXXXXX") || exit
        trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
        export GO111MODULE=off GOPATH=$work GOCACHE=$kube_go_cache GOPROXY=off GOFLAGS='' CGO_ENABLED=0
        v='-X k8s.io/component-base/version.gitVersion=v1.20.2 -X k8s.io/component-base/version.gitMajor=1'
        v="$v -X k8s.io/component-base/version.gitMinor=20"
        kube_fetch "$work" && kube_definitions "$work/src/k8s.io/kubernetes" >&2 &&
            cd "$work/src/k8s.io/kubernetes" &&
            "$kube_go" build -o "$work/out" -ldflags "-s -w $v" ./cmd/kube-apiserver >&2 &&
            mv "$work/out" "$server" || exit 1
    fi
    echo "$server"
)

# kube_render ARGUMENT... - our chart as YAML, see kube/render.go; the repository is set
kube_render_program() { # prints its path
    local program
    program=$kube_cache/render-$(sha256sum <tests/fleet/kube/render.go | cut -c 1-12)
    mkdir -p "$kube_cache"
    [ -x "$program" ] || GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$kube_go_cache GOFLAGS='' CGO_ENABLED=0 \
        "$kube_go" build -o "$program" tests/fleet/kube/render.go >&2 || return
    echo "$program"
}
kube_render() {
    local program
    program=$(kube_render_program) &&
        "$program" packaging/helm/oakum --set agent.settings.repository=https://patches.example.org/oakum/ \
            --set agent.root='{}' "$@"
}

# kube_keys DIR - a CA, the server's certificate for 127.0.0.1, the key of service accounts, an admin's token
kube_keys() {
    local d=$1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca \
        -keyout "$d/ca.key" -out "$d/ca.crt" &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=kube-apiserver \
            -keyout "$d/tls.key" -out "$d/tls.csr" &&
        printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\n' >"$d/ext" &&
        openssl x509 -req -in "$d/tls.csr" -CA "$d/ca.crt" -CAkey "$d/ca.key" -CAcreateserial -days 2 \
            -extfile "$d/ext" -out "$d/tls.crt" &&
        openssl genrsa -out "$d/accounts.key" 2048 &&
        echo "admin-token,admin,1,system:masters" >"$d/tokens.csv"
}

# kube_start DIR SERVER - etcd and the API server; in a network namespace where their ports are free
kube_start() {
    local d=$1 server=$2
    if [ ! -e "$d/etcd.pid" ]; then
        mkdir -p "$d/etcd"
        chmod 700 "$d/etcd"
        etcd --data-dir "$d/etcd" --listen-client-urls http://127.0.0.1:2379 \
            --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380 \
            --unsafe-no-fsync >"$d/etcd.log" 2>&1 &
        echo $! >"$d/etcd.pid"
    fi
    "$server" --etcd-servers=http://127.0.0.1:2379 --bind-address=127.0.0.1 --advertise-address=192.0.2.1 --secure-port=6443 \
        --tls-cert-file="$d/tls.crt" --tls-private-key-file="$d/tls.key" --token-auth-file="$d/tokens.csv" \
        --service-account-issuer=https://127.0.0.1:6443 --service-account-key-file="$d/accounts.key" \
        --service-account-signing-key-file="$d/accounts.key" --authorization-mode=RBAC \
        --service-cluster-ip-range=10.96.0.0/16 --endpoint-reconciler-type=none --cert-dir="$d/certs" \
        >>"$d/server.log" 2>&1 &
    echo $! >"$d/server.pid"
    kube_ready "$d"
}

kube_ready() { # DIR - within a minute
    local i
    for ((i = 0; i < 300; i++)); do
        curl -s --cacert "$1/ca.crt" -H 'Authorization: Bearer admin-token' -o "$1/readyz" -f \
            https://127.0.0.1:6443/readyz && return 0
        kill -0 "$(cat "$1/server.pid")" 2>/dev/null || break
        sleep 0.2
    done
    tail -n 20 "$1/server.log" >&2
    return 1
}

# kube_plain - the manifests of packaging/kustomize/base/oakum.yaml: the chart's, so that there is one source of both
kube_plain() {
    printf '%s\n' '# SPDX-License-Identifier: GPL-2.0-or-later' \
        '# Made of packaging/helm/oakum by tests/fleet/kube-chart.test.sh --write; do not edit.' &&
        kube_render --service kustomize --set agent.existingRootConfigMap=oakum-root --set node.cleanup=false |
        grep -v '^    helm.sh/chart:'
}

# kube_kubectl - puts Debian's kubectl into the PATH where there is none: another package of that name may stand in
# the way of its installation, so it is only unpacked
kube_kubectl() {
    local new
    ! command -v kubectl >/dev/null || return 0
    if [ ! -x "$kube_cache/kubectl/usr/bin/kubectl" ]; then
        mkdir -p "$kube_cache" && new=$(mktemp -d "$kube_cache/kubectl-XXXXXX") || return
        (cd "$new" && apt-get -o APT::Sandbox::User=root download kubernetes-client >&2 && dpkg-deb -x ./*.deb . && rm ./*.deb) &&
            mv -T "$new" "$kube_cache/kubectl" || return
    fi
    PATH=$kube_cache/kubectl/usr/bin:$PATH
    command -v kubectl >/dev/null
}
