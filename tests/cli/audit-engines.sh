# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Read by containers-inner.sh while its containers run: what oakum audit makes of each of them.
# shellcheck disable=SC2154 # set by lib.sh

"$BUILD/oakum" audit --json >"$TMPDIR/audit.json" 2>"$err"
result $? 'an audit of all of them'

# A container that is not listed is as docker makes it.
audit_match "$TMPDIR/audit.json" <<'TABLE'
docker/d-plain 4.1=fail 5.11=warn 5.13=warn 5.26=warn 5.29=warn 5.31=warn
docker/d-like 4.1=fail 5.11=warn 5.13=warn 5.22=fail 5.26=warn 5.29=warn 5.31=warn 5.4=fail 5.5=fail container.differs=warn
docker/d-hard 5.31=warn
docker/d-socket 4.1=fail 5.11=warn 5.13=warn 5.26=warn 5.29=warn 5.31=warn 5.32=fail
docker/d-files 4.1=fail 5.11=warn 5.13=warn 5.26=warn 5.29=warn 5.31=warn 5.32=fail 5.6=warn
docker/d-host 4.1=fail 5.11=warn 5.13=warn 5.16=fail 5.17=fail 5.21=fail 5.26=warn 5.29=warn 5.31=warn 5.4=fail
docker/d-exec 4.1=warn 5.11=warn 5.13=warn 5.26=warn 5.29=warn 5.31=warn container.others=warn
containerd/c-default 4.1=fail 5.11=warn 5.13=warn 5.22=fail 5.29=warn 5.31=warn
containerd/c-net 4.1=fail 5.10=fail 5.11=warn 5.13=warn 5.22=fail 5.29=warn 5.31=warn 5.4=fail
podman/p-plain 4.1=fail 5.11=warn 5.13=warn 5.26=warn 5.31=warn
podman/p-mapped 5.11=warn 5.13=warn 5.26=warn
podman/p-free 4.1=fail 5.11=warn 5.13=warn 5.17=fail 5.26=warn 5.29=warn 5.31=warn
runc/r-mapped 5.11=warn 5.29=warn
runc/r-open 4.1=fail 5.11=warn 5.13=warn 5.22=fail 5.26=warn 5.29=warn 5.31=warn 5.32=fail 5.4=fail 5.5=fail 5.6=warn container.proc=fail
TABLE

# The daemon was found by what it executes: its settings are those of its arguments.
jq -e '.findings[] | select(.id == "2.4") | .verdict == "fail" and
    (.evidence[0].file | test("^/proc/[0-9]+/cmdline$"))' "$TMPDIR/audit.json" >"$out" 2>&1
result $? 'what dockerd was told is known from its process'
jq -e '[.findings[] | select(.id == "cve.runc.CVE-2024-21626" or .id == "cve.docker.CVE-2024-41110" or
    .id == "cve.containerd.CVE-2024-25621").verdict] == ["pass", "pass", "pass"] or
    (.findings[] | select(.id == "cve.runc.CVE-2024-21626").evidence[0].value | test("deb12") | not)' \
    "$TMPDIR/audit.json" >"$out" 2>&1
result $? "Debian's backports are no false alarms"
