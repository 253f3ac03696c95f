# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Read by containers-inner.sh while its containers run: which parts of the kernel each of them reaches
# as oakum says, and as reach-try finds by trying in that very container.
# shellcheck disable=SC2154 # set by lib.sh and containers-inner.sh

# What is tried, and a file of the kernel that has no other way in.
parts=(unix net/unix/af_unix.c inet net/ipv4/udp.c netlink net/netlink/af_netlink.c
    alg crypto/af_alg.c vsock net/vmw_vsock/af_vsock.c can net/can/af_can.c
    packet net/packet/af_packet.c net_admin net/netfilter/nf_tables_api.c
    netns net/core/net_namespace.c mount fs/fsopen.c bpf kernel/bpf/verifier.c
    perf kernel/events/core.c keys security/keys/keyctl.c uring io_uring/io_uring.c
    userfaultfd mm/userfaultfd.c fanotify fs/notify/fanotify/fanotify_user.c shm ipc/shm.c
    mqueue ipc/mqueue.c ptrace kernel/ptrace.c fuse fs/fuse/dev.c tun drivers/net/tun.c
    loop drivers/block/loop.c mempolicy mm/mempolicy.c)

# A record for each, of a bug that every kernel has.
mkdir -p "$work/records"
for ((i = 0; i < ${#parts[@]}; i += 2)); do
    jq -n --arg id "CVE-2099-$((1000 + i))" --arg file "${parts[i + 1]}" '{dataType: "CVE_RECORD",
        dataVersion: "5.1.1", cveMetadata: {cveId: $id, state: "PUBLISHED"}, containers: {cna: {
        title: $file, affected: [{product: "Linux", vendor: "Linux", defaultStatus: "affected",
        programFiles: [$file], versions: [{version: "2.6.12", status: "affected"}]}]}}}' \
        >"$work/records/CVE-2099-$((1000 + i)).json"
done
"$BUILD/oakum-repo" cves "$work/records" --output "$work/reach.db" >"$out" 2>"$err"
result $? 'records of one file each'
"$BUILD/oakum" cves --database "$work/reach.db" --json \
    $(seq -f 'CVE-2099-%g' 1000 2 $((998 + ${#parts[@]}))) >"$TMPDIR/reach.json" 2>"$err"
result $? 'who reaches each of them'

# As a new process of a container, under its filter, in its namespaces.
try_in() { # ENGINE NAME
    case $1 in
    docker) dk exec "$2" /bin/reach-try ;;
    podman) pm exec "$2" /bin/reach-try ;;
    containerd) ctr --namespace "$(ctr namespaces list -q | while read -r ns; do
        ctr --namespace "$ns" containers list -q | grep -qx "$2" && echo "$ns"; done)" \
        tasks exec --exec-id "try$RANDOM" "$2" /bin/reach-try ;;
    runc) runc exec "$2" /bin/reach-try ;;
    crun) crun exec "$2" /bin/reach-try ;;
    esac 2>/dev/null </dev/null
}

"$BUILD/tests/cli/reach-try" >"$TMPDIR/tried.host"
# What this kernel does not have at all cannot be tried.
there=$(awk '$2 == "yes" { print $1 }' "$TMPDIR/tried.host")

: >"$TMPDIR/compared"
while read -r engine name; do
    try_in "$engine" "$name" >"$TMPDIR/tried"
    : >"$out" && : >"$err"
    status=0
    [ -s "$TMPDIR/tried" ] || { echo "nothing could be tried in $name" >"$out" && status=1; }
    for ((i = 0; i < ${#parts[@]}; i += 2)); do
        grep -qx "${parts[i]}" <<<"$there" || continue
        said=$(jq -r --arg id "CVE-2099-$((1000 + i))" --arg name "$name" '.cves[] |
            select(.id == $id).reach.actors[] | select(.name == $name).answer' "$TMPDIR/reach.json")
        got=$(awk -v what="${parts[i]}" '$1 == what { print $2 }' "$TMPDIR/tried")
        printf '%s %s %s %s\n' "$name" "${parts[i]}" "${said:-nothing}" "${got:-nothing}" >>"$TMPDIR/compared"
        case $said in
        unknown | "$got") ;;
        *) echo "$name ${parts[i]} ${parts[i + 1]}: said ${said:-nothing}, tried ${got:-nothing}: $(jq -r \
            --arg id "CVE-2099-$((1000 + i))" --arg name "$name" '.cves[] | select(.id == $id).reach.actors[] |
            select(.name == $name).because[0].why' "$TMPDIR/reach.json")" >>"$out" && status=1 ;;
        esac
    done
    result $status "what is said of $name is what happens in it"
done < <(jq -r '.containers[] | select(.engine != "unknown" and .name != "d-exec") |
    "\(.engine) \(.name // .id)"' "$TMPDIR/all.json")
awk '{ n++; known += $3 != "unknown"; no += $3 == "no" }
    END { printf "# %d answers, %d of them yes or no, %d no\n", n, known, no
        exit known < 150 || no < 20 }' "$TMPDIR/compared" >"$out"
result $? 'most of it is said, not left open'
grep '^#' "$out"
grep unknown "$TMPDIR/compared" | sed 's/^/# open: /'
