# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A small Debian 12 as an archive, with what the package oakum-server needs: made once by mmdebstrap and
# kept in $OAKUM_CACHE/images for two weeks; its name tells of what it was made.

container_packages="ca-certificates curl libcurl3-gnutls libinih1 libjansson4 libmicrohttpd12 libpq5
    libqrencode4 libsodium23 libsqlite3-0 libssl3 libsystemd0 libzstd1 systemd-standalone-sysusers zlib1g"

container_base() { # prints the path
    local images=${OAKUM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oakum}/images archive
    mkdir -p "$images"
    archive=$images/container-$(printf '%s' "$container_packages" | sha256sum | cut -c 1-12).tar
    if [ -z "$(find "$archive" -mtime -14 2>/dev/null)" ]; then
        # shellcheck disable=SC2086 # a list of names
        mmdebstrap --quiet --format=tar --variant=minbase --include="$(echo $container_packages | tr ' ' ,)" \
            --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
            --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$archive.new.$$" >&2 &&
            mv "$archive.new.$$" "$archive" || return 1
    fi
    echo "$archive"
}
