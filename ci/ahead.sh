#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What later steps wait for the network for: the kernel, the disks of the Debian machines, the small
# Debian of the container image, an API server of Kubernetes (8 minutes of processor time, once). ci/check.sh starts it beside the compilers; the steps themselves
# do the same again, find it done, and say what is wrong where it could not be done.
set -u
cd "$(dirname "$0")/.." || exit 1
. ci/lib.sh
ci/test-kernel.sh
tests/vm/debian/image.sh root
. tests/fleet/container-base.sh
container_base
. tests/fleet/kube-lib.sh
[ ! -x "$kube_go" ] || kube_build
