#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# "oakum modules reach" on the modules of a real kernel, beside what an unprivileged user was seen to
# load on that kernel: module-autoload-debian12.tsv, "actor, trigger, modules that came".
set -u
: "${BUILD:?}" "${OAKUM_KERNEL:?}" "${TMPDIR:?}"
root=$TMPDIR/root
measured=tests/cli/module-autoload-debian12.tsv
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh

# shellcheck disable=SC2317 # called through expect
oakum() { # VERB... ARGUMENT...
    "$BUILD/oakum" "$@" --root "$root"
}

"$BUILD/oakum-build" kernel show "$OAKUM_KERNEL" --json >"$TMPDIR/kernel" || exit 1
release=$(jq -r .release "$TMPDIR/kernel")
lib=$root/lib/modules/$release
put proc/sys/kernel/osrelease "$release"
mkdir -p "$root/lib/modules" "$root/sys/bus"
: >"$root/proc/modules"
cp -rs "$(jq -r .dir "$TMPDIR/kernel")/modules" "$lib"
rm -f "$lib/build" "$lib/source"
depmod -b "$root" "$release"
expect 'what could be loaded on this kernel' 0 'any user, in a user namespace of its own' \
    oakum modules reach
expect 'as a document' 0 '' oakum modules reach --json
jq -r '.modules[] | select(.blocked | not) | [.name, .gate] | @tsv' "$out" |
    sort >"$TMPDIR/predicted"

# A kernel may have changed what it asks for since: the figures are of the one that was measured.
[[ $release == 6.1.* ]] || { echo 'ok - recall # SKIP measured on 6.1' && exit $failed; }

# recall ACTOR GATE-PATTERN
recall() {
    awk -F'\t' -v actor="$1" -v gates="$2" '
        FNR == NR { gate[$1] = $2; next }
        $1 == actor {
            n = split($3, names, " ")
            for (i = 1; i <= n; i++) {
                gsub("-", "_", names[i])
                total++
                if (gate[names[i]] ~ gates)
                    found++
                else
                    print "missed: " names[i] " by " $2 " (" gate[names[i]] ")"
            }
        }
        END {
            printf "# %s: recall %d of %d\n", actor, found, total
            exit found != total || !total
        }' "$TMPDIR/predicted" "$measured"
}
recall uid1000-nocaps '^(any|ldisc|node)$' >"$out"
result $? 'every module that a user without capabilities loaded is predicted, with its gate'
grep '^#' "$out"
recall uid1000-in-new-userns . >"$out"
result $? 'so is every module that a user namespace was needed for'
grep '^#' "$out"

# Of the aliases that were tried, the modules that did not come: for want of the hardware.
awk -F'\t' '
    function alias(t,    w) {
        n = split(t, w, " ")
        if (t ~ /^socket family/) return "net-pf-" w[3]
        if (t ~ /^socket AF_INET proto/) return "net-pf-2-proto-" w[4]
        if (t ~ /^socket AF_INET6 proto/) return "net-pf-10-proto-" w[4]
        if (t ~ /^netlink proto/) return "net-pf-16-proto-" w[3]
        if (t ~ /^sock_diag family/) return "net-pf-16-proto-4-type-" w[3]
        if (t ~ /^genl family/) return "net-pf-16-proto-16-family-" w[3]
        if (t ~ /^tty ldisc/) return "tty-ldisc-" w[3]
        if (t ~ /^rtnl link/) return "rtnl-link-" w[3]
        if (t ~ /^nfnetlink subsys/) return "nfnetlink-subsys-" w[3]
        if (t ~ /^mount -t/) return "fs-" w[3]
        return ""
    }
    FILENAME == ARGV[1] { predicted[$1] = 1; next }
    FILENAME == ARGV[2] {
        a = alias($2)
        if (a != "") tried[a] = 1
        n = split($3, names, " ")
        for (i = 1; i <= n; i++) { gsub("-", "_", names[i]); came[names[i]] = 1 }
        next
    }
    { split($0, w, " ") }
    w[1] == "alias" && (w[2] in tried) && (w[3] in predicted) {
        total++
        if (w[3] in came) right++
        else print "did not come: " w[3] " for " w[2]
    }
    END {
        printf "# precision %d of %d modules that answer to what was tried\n", right, total
        exit right < total * 0.95
    }' "$TMPDIR/predicted" "$measured" "$lib/modules.alias" >"$out"
result $? 'hardly any is predicted that did not come'
sed 's/^d/# d/' "$out"

# modprobe as another judge: what it would do for the "name asked" on standard input, one a line:
# "name yes", "name no", or "name ?" where it would run /bin/false for something on the way. A dry run
# goes on then; that of a dependency ends the real one, that of a soft dependency does not.
judged() { # CONFIGURATION
    local name asked
    while read -r name asked; do
        modprobe -C "$1" -d "$root" -S "$release" -n -v "$asked" 2>/dev/null |
            awk -v name="$name" '
                { file = $2; sub(/.*\//, "", file); sub(/\.ko.*/, "", file); gsub("-", "_", file) }
                $1 == "install" { stopped = 1 }
                $1 == "insmod" && file == name { found = 1 }
                END { print name, !found ? "no" : stopped ? "?" : "yes" }'
    done | sort -u
}

# What is blocked is not predicted any more, nor what needs it.
put etc/modprobe.d/x.conf 'install af_alg /bin/false
install sctp /bin/false
install nfnetlink /bin/false
blacklist sch_htb'
expect 'the same with a few blocked' 0 '' oakum modules reach --json
json 'a protocol is blocked, and its diag module' \
    '[.modules[] | select(.blocked) | .name] | contains(["sctp", "af_alg", "algif_hash", "nf_tables"])'
json 'with the file that says so' \
    '.modules[] | select(.name == "sctp") | .why == "install in etc/modprobe.d/x.conf"'
json 'a name on the blacklist is loaded all the same' \
    '.modules[] | select(.name == "sch_htb") | .blocked | not'
cp "$out" "$TMPDIR/reach"
# What 6lowpan asks for itself modprobe cannot know.
jq -r '.modules[] | select(.blocked | not) | select(.because != "6lowpan") | "\(.name) \(.asked)"' \
    "$TMPDIR/reach" | judged "$root/etc/modprobe.d" | grep ' no$' >"$out"
[ ! -s "$out" ]
result $? 'modprobe would insert every one that is predicted'
jq -r '.modules[] | select(.blocked and (.why | startswith("what asks") | not))
    | "\(.name) \(.asked)"' "$TMPDIR/reach" | judged "$root/etc/modprobe.d" >"$TMPDIR/judged"
grep ' yes$' "$TMPDIR/judged" >"$out"
[ ! -s "$out" ] && [ -s "$TMPDIR/judged" ]
result $? 'and none that is said to be blocked'

# The plan for a host that uses none of them: modprobe holds to it.
rm -r "${root:?}/etc"
put proc/1/mountinfo '27 1 254:1 / / rw - ext4 /dev/vda1 rw'
mkdir -p "$root/proc/1/ns"
ln -s 'mnt:[1]' "$root/proc/1/ns/mnt"
expect 'a plan' 0 '' oakum modules plan --json --out "$TMPDIR/plan"
json 'blocks most of them' '(.block | length) > 350 and (.keep | length) > 100'
cp "$out" "$TMPDIR/plan.json"
jq -r '.block[] | "\(.name) \(.name)", "\(.name) \(.asked)"' "$TMPDIR/plan.json" |
    judged "$TMPDIR/plan/modprobe.d" | grep -v ' no$' >"$out"
[ ! -s "$out" ]
result $? 'modprobe inserts none of the blocked, by alias or by name'
jq -r '.keep[] | "\(.name) \(.name)", "\(.name) \(.asked)"' "$TMPDIR/plan.json" |
    judged "$TMPDIR/plan/modprobe.d" | grep -v ' yes$' >"$out"
[ ! -s "$out" ]
result $? 'and each of the kept, with all that it needs'
# Drivers that no list here knows are loaded as before, but for what was blocked for all.
find -L "$lib/kernel/drivers/net/ethernet" "$lib/kernel/drivers/scsi" "$lib/kernel/drivers/ata" \
    -name '*.ko' -printf '%f\n' | sed 's/\.ko$//' | tr - _ | awk '{ print $1, $1 }' |
    judged "$TMPDIR/plan/modprobe.d" >"$TMPDIR/judged"
grep -v ' yes$' "$TMPDIR/judged" >"$out"
[ "$(wc -l <"$out")" -lt 20 ]
result $? 'hardly a driver is hit'
printf '# of %d drivers of disks and Ethernet: %s\n' "$(wc -l <"$TMPDIR/judged")" \
    "$(cut -d' ' -f1 "$out" | tr '\n' ' ')"

printf '\n' >"$root/proc/sys/kernel/modprobe"
expect 'a kernel that runs no modprobe' 0 "kernel.modprobe = ''" oakum modules reach
expect 'as a document' 0 '' oakum modules reach --json
json 'nobody loads anything' '[.actors[].counts | .yes + .likely + .unlikely] | add == 0'
exit $failed
