# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs of others that come from npm, for tests: read after lib.sh. Kept in OAKUM_CACHE; a test ends
# as skipped, with the reason, where Node.js or the registry is missing.
# shellcheck disable=SC2034,SC2154 # read, or set, by the tests

skip() { # WHAT REASON
    printf 'ok - %s # SKIP %s\n' "$1" "$2"
    exit "$failed"
}

# Sets $major.
needs_node() { # WHAT
    { command -v node && command -v npm; } >/dev/null ||
        skip "$1" 'no Node.js and npm; on Debian: apt-get install nodejs npm'
    major=$(node -p 'process.versions.node.split(".")[0]')
    [ "$major" -ge 18 ] || skip "$1" "Node.js $major is too old, 18 is needed"
}

# Sets and exports NODE_PATH. Another run at the same time may be first.
needs_modules() { # WHAT MODULE PACKAGE@VERSION...
    local what=$1 module=$2 cache=${OAKUM_CACHE:-$HOME/.cache/oakum} home new
    shift 2
    home=$cache/npm/${1//[@\/]/-}
    export NODE_PATH=$home/node_modules
    [ ! -d "$NODE_PATH/$module" ] || return 0
    mkdir -p "$cache/npm" && new=$(mktemp -d "$cache/npm/.new.XXXXXX") || return 1
    if npm install --prefix "$new" --no-save --no-package-lock --no-audit --no-fund --ignore-scripts \
        --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=30000 "$@" >"$out" 2>"$err"; then
        mv -T "$new" "$home" 2>/dev/null || rm -rf "$new"
    else
        rm -rf "$new"
        ! grep -qE 'ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|network' "$err" ||
            skip "$what" 'the npm registry cannot be reached, and its packages are not in the cache'
    fi
    [ -d "$NODE_PATH/$module" ] || {
        result 1 "$module can be installed"
        exit 1
    }
}

# The packages of FOLDER's lock file, byte for byte. Sets and exports NODE_PATH.
needs_lock() { # WHAT MODULE FOLDER
    local cache=${OAKUM_CACHE:-$HOME/.cache/oakum} home new
    home=$cache/npm/lock-$(sha256sum <"$3/package-lock.json" | cut -c1-16)
    export NODE_PATH=$home/node_modules
    [ ! -d "$NODE_PATH/$2" ] || return 0
    mkdir -p "$cache/npm" && new=$(mktemp -d "$cache/npm/.new.XXXXXX") || return 1
    cp "$3/package.json" "$3/package-lock.json" "$new"
    if npm ci --prefix "$new" --no-audit --no-fund --ignore-scripts --fetch-retries=1 \
        --fetch-retry-mintimeout=1000 --fetch-timeout=30000 >"$out" 2>"$err"; then
        mv -T "$new" "$home" 2>/dev/null || rm -rf "$new"
    else
        rm -rf "$new"
        ! grep -qE 'ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|network' "$err" ||
            skip "$1" 'the npm registry cannot be reached, and its packages are not in the cache'
    fi
    [ -d "$NODE_PATH/$2" ] || {
        result 1 "$2 can be installed"
        exit 1
    }
}
