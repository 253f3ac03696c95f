#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# containers.test.sh - containers of every engine on a Debian host, beside a table of what each is
#
# The machine has what tests/cli/containers.test.sh cannot: AppArmor with docker's profile, cgroup
# version 2 alone, --privileged, --userns-remap. Started by ci/shell-tests.sh: BUILD, OAKUM_KERNEL
# and TMPDIR are set.
# shellcheck disable=SC2016,SC2317 # of the machine; functions are called through agent_case() and the trap
# shellcheck disable=SC2154 # out, err and failed are lib.sh's
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(realpath "${BUILD:-$top/build}")
work=$(mktemp -d)
# shellcheck source=tests/cli/lib.sh
. "$top/tests/cli/lib.sh"
# shellcheck source=tests/cli/containers-lib.sh
. "$top/tests/cli/containers-lib.sh"
# shellcheck source=tests/vm/debian/machine.sh
. "$top/tests/vm/debian/machine.sh"
# shellcheck source=tests/vm/agent-lib.sh
. "$top/tests/vm/agent-lib.sh"
finish() {
    [ -z "$machine_dir" ] || machine_kill || true
    rm -rf "$work"
}
trap finish EXIT

start_all() {
    strip -o "$work/oakum" "$BUILD/oakum" && machine_put "$work/oakum" /usr/bin/oakum &&
        machine_put "$top/tests/cli/containers-lib.sh" /root/containers-lib.sh &&
        machine_put "$top/tests/vm/guest/containers.sh" /root/containers.sh &&
        machine_run /root/containers.sh 400 | tee "$work/missing" && [ ! -s "$work/missing" ]
}

document() { # FILE VERB...
    machine_run "oakum ${*:2} --json" 120 >"$1"
}

agent_case "a settled machine is at hand" machine_settled "$work/vm"
agent_case "containers of every engine" start_all
agent_case "they are listed" document "$TMPDIR/all.json" containers
agent_case "and audited" document "$TMPDIR/audit.json" audit

# From here on each case stands alone.
set +e
: >"$err"
host_work=$work work=/root/w
containers_lines "$TMPDIR/all.json" | sort >"$TMPDIR/got"
work=$host_work
agent_case "shut down" machine_shutdown 300
exit $failed
