#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each header includes what it needs: it compiles alone.
. ci/lib.sh
p11kit=$(pkg-config --cflags p11-kit-1)
p11kit=${p11kit%% *} # pkg-config ends its lines with a space
check() {
    sources | grep '\.h$' | in_parallel \
        gcc-12 -std=gnu11 -Wall -Wextra -Werror -Wno-pragma-once-outside-header \
        -D_GNU_SOURCE "$p11kit" -Isrc -Itests/unit -Itests/fuzz -fsyntax-only -x c
}
case_run "headers compile alone" check
