#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs the Debian packages of ci/packages.txt that are missing; does nothing, fast, when all
# are there. Shell of any fresh Debian: no bash, no compiler, no python is assumed.
set -eu

here=$(dirname "$0")
lists=/var/lib/apt/lists
policy=/usr/sbin/policy-rc.d
no_cluster=/etc/postgresql-common/createcluster.d
made=''

wanted() {
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/packages.txt" | awk '{ print $1 }'
}

missing() {
    # shellcheck disable=SC2046 # package names hold no spaces
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' $(wanted) 2>/dev/null |
        awk '$1 == "installed" { print $2 }' | sort -u >"$scratch/have"
    wanted | sort -u | comm -23 - "$scratch/have"
}

# Lists that are absent or older than a day name versions which the archive may have dropped.
lists_are_fresh() {
    [ -n "$(find "$lists" -maxdepth 1 -name '*Packages*' -mtime -1 2>/dev/null | head -n 1)" ]
}

# A machine that gets packages for tests does not get servers that run: no cluster of PostgreSQL and no
# Prometheus is started. What says so is gone afterwards; what was there before is left as it is.
hold_servers() {
    [ -e "$policy" ] || {
        # shellcheck disable=SC2016 # for the script
        printf '#!/bin/sh\ncase $1 in postgresql*|prometheus*) exit 101 ;; esac\nexit 0\n' >"$policy"
        chmod 755 "$policy"
        made=$policy
    }
    [ -d /etc/postgresql-common ] || {
        mkdir -p "$no_cluster"
        echo 'create_main_cluster = false' >"$no_cluster/oakum.conf"
        made="$made $no_cluster/oakum.conf"
    }
}

install() {
    # shellcheck disable=SC2086 # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o Dpkg::Use-Pty=0 $1 </dev/null
}

if ! command -v apt-get >/dev/null 2>&1; then
    echo "install-packages: this needs Debian's apt-get; see ci/packages.txt for what to install" >&2
    exit 1
fi
scratch=$(mktemp -d)
# shellcheck disable=SC2086 # names without blanks
trap 'rm -rf "$scratch" $made' EXIT
need=$(missing | tr '\n' ' ')
[ -n "$need" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "install-packages: not root, so these packages cannot be installed: $need" >&2
    echo "install-packages: as root run: $0" >&2
    exit 1
fi
echo "install-packages: installing $need"
hold_servers
lists_are_fresh || apt-get update -q </dev/null
if ! install "$need"; then
    # Fresh lists may still be behind the archive.
    apt-get update -q </dev/null
    install "$need"
fi
