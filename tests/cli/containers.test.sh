#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Real containers of real engines, each with other rights, against a table of what every one is.
#
# All of it happens in pid, mount and network namespaces of the test's own: their first process is
# "the host", and when it ends, for whatever reason, the kernel ends every process and mount that
# was made. Only cgroups stay, and are removed at the end by their names.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
BUILD=$(realpath "$BUILD") TMPDIR=$(realpath "$TMPDIR")
export BUILD TMPDIR
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

parent=oakum-test-$$
# shellcheck disable=SC2317 # called by the trap
remove_cgroups() {
    local dir
    for dir in /sys/fs/cgroup /sys/fs/cgroup/*; do
        find "$dir/$parent" "$dir/oakum-one" "$dir/oakum-two" -depth -type d -exec rmdir {} + 2>/dev/null
    done
}

for tool in dockerd containerd ctr podman runc crun unshare; do
    if ! command -v $tool >/dev/null || [ "$(id -u)" -ne 0 ]; then
        echo "ok - real containers # SKIP needs root and $tool"
        exit 0
    fi
done
trap remove_cgroups EXIT
unshare --net --mount --pid --fork --kill-child --propagation private --mount-proc \
    bash tests/cli/containers-inner.sh "$parent"
failed=$?
exit $failed
