#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What systemd, bash and the network tools are given: units, users, catalog, completion, hooks.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
programs=$(realpath "$BUILD")
units=packaging/systemd

# As systemd checks them, with the programs of this build.
mkdir "$TMPDIR/units"
for unit in "$units"/oakum-*; do
    sed -E "s#=/usr/bin/(oakum[a-z-]*)#=$programs/\1#" "$unit" >"$TMPDIR/units/$(basename "$unit")"
done
for unit in "$units"/oakum-*; do
    name=$(basename "$unit")
    SYSTEMD_UNIT_PATH=$TMPDIR/units: systemd-analyze verify --man=no --recursive-errors=no \
        "$TMPDIR/units/${name/@./@try.}" >"$out" 2>"$err" && ! grep -F "$name" "$err"
    result $? "systemd takes $name"
done

exposure() { # UNIT MOST
    systemd-analyze security --offline=true --no-pager "$units/$1" >"$out" 2>"$err"
    local is
    is=$(sed -n 's/^.*exposure level for [^:]*: \([0-9.]*\) .*/\1/p' "$out")
    awk -v is="$is" -v most="$2" 'BEGIN { exit !(is != "" && is + 0 <= most + 0) }'
    result $? "$1 is exposed by ${is:-?}, at most $2"
}
exposure oakum-agent.service 2.6
exposure oakum-fetch@.service 2.0
exposure oakum-observe.service 4.5
exposure oakum-server.service 1.2

# delivery of a patch needs these; each of the options would take it away
! grep -hE '^(ProtectKernelModules|ProtectKernelTunables|ProtectKernelLogs|PrivateUsers|ProcSubset)=' \
    "$units/oakum-agent.service" "$units/oakum-boot.service" >"$out"
result $? 'nothing that loading needs is protected from it'
for engine in docker containerd crio kubelet podman; do
    grep -qE "^Before=.*\b$engine\.service\b" "$units/oakum-boot.service" || break
done
result $? 'engines start after the settled level'
! grep -E '^(Requires|Wants|BindsTo|OnFailure|Requisite)=' "$units/oakum-boot.service" >"$out"
result $? 'nothing else fails where it does'

root=$TMPDIR/root
mkdir -p "$root"/{etc,run,usr/lib/systemd/catalog,usr/lib/sysusers.d,usr/lib/tmpfiles.d} \
    "$root"/var/lib/systemd/catalog
cp packaging/catalog/oakum.catalog "$root/usr/lib/systemd/catalog/"
journalctl --root="$root" --update-catalog >"$out" 2>"$err" &&
    [ "$(journalctl --root="$root" --list-catalog | grep -c ' Oakum: ')" -eq \
        "$(grep -c '^-- ' packaging/catalog/oakum.catalog)" ]
result $? 'journalctl reads every entry of the catalog'
cp packaging/sysusers/*.conf "$root/usr/lib/sysusers.d/"
systemd-sysusers --root="$root" >"$out" 2>"$err" &&
    grep -q '^oakum:.*:/nonexistent:/usr/sbin/nologin$' "$root/etc/passwd" &&
    grep -q '^oakum-repo:' "$root/etc/passwd" && grep -q '^oakum-server:' "$root/etc/passwd"
result $? 'systemd-sysusers makes the users'
cp packaging/tmpfiles/*.conf "$root/usr/lib/tmpfiles.d/"
if [ "$(id -u)" -eq 0 ]; then
    systemd-tmpfiles --root="$root" --create oakum.conf >"$out" 2>"$err" &&
        [ "$(stat -c %u "$root"/var/lib/oakum/{trust,news} | sort -u)" = \
            "$(sed -n 's/^oakum:x:\([0-9]*\):.*/\1/p' "$root/etc/passwd")" ] &&
        [ "$(stat -c %u%a "$root"/var/lib/oakum/levels "$root/run/oakum" | sort -u)" = 0755 ]
    result $? 'systemd-tmpfiles makes the directories, the worker owns two'
    systemd-tmpfiles --root="$root" --create oakum-server.conf >"$out" 2>"$err" &&
        [ "$(stat -c %u%a "$root/var/lib/oakum-server")" = \
            "$(sed -n 's/^oakum-server:x:\([0-9]*\):.*/\1/p' "$root/etc/passwd")750" ]
    result $? 'the server owns its own, nobody else reads it'
fi

# Bash completion, asked as bash asks it.
complete_words() { # WORD... - the last is being typed
    PATH=$programs:$PATH bash -c '
        . packaging/completion/oakum
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _oakum
        [ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"' - "$@" 2>"$err" | sort -u
}
completes() { # NAME WANTED WORD...
    local name=$1 wanted=$2
    shift 2
    complete_words "$@" >"$out"
    [ "$(tr '\n' ' ' <"$out")" = "$wanted" ]
    result $? "completion: $name"
}
completes 'a verb' 'revert ' oakum rev
completes 'a verb of two words' 'key ' oakum-repo ke
completes 'its second word' 'new ' oakum-repo key n
completes 'a verb that is one by itself, too' 'modules ' oakum modu
completes 'its second word' 'observe plan reach ' oakum modules ''
completes 'the second word of another' 'verify ' oakum vex v
completes 'options of the longer' '--apply ' oakum modules plan --ap
completes 'options of the shorter' '--unused ' oakum modules --un
completes 'an option of a verb' '--timeout ' oakum update --ti
completes 'options of every verb' '--json ' oakum status --js
completes 'options before a verb' '--version ' oakum --v
completes 'an unknown verb has none' '' oakum nonsense --
complete_words oakum '' >"$out"
[ "$("$programs/oakum" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort -u | wc -l)" -eq "$(wc -l <"$out")" ]
result $? 'completion: every verb of oakum'

# The network is up: which interfaces and events make the agent check. systemctl is ours here.
mkdir "$TMPDIR/bin"
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\necho "$@" >>"$LOG"\nexit 1\n' >"$TMPDIR/bin/systemctl"
chmod 755 "$TMPDIR/bin/systemctl"
sed 's#/run/systemd/system#/#' packaging/network/oakum-network-up >"$TMPDIR/up"
network() { # NAME WANTED-CALLS ENVIRONMENT ARGUMENT...
    local name=$1 wanted=$2 environment=$3
    shift 3
    : >"$out"
    env -u IFACE LOG="$out" PATH="$TMPDIR/bin:$PATH" ${environment:+"$environment"} sh "$TMPDIR/up" "$@" 2>"$err" &&
        [ "$(wc -l <"$out")" -eq "$wanted" ]
    result $? "network: $name"
}
network 'ifupdown' 1 IFACE=eth0
network 'ifupdown, loopback' 0 IFACE=lo
network 'NetworkManager, up' 1 '' eth0 up
network 'NetworkManager, down' 0 '' eth0 down
network 'NetworkManager, loopback' 0 '' lo up
network 'networkd-dispatcher' 1 IFACE=ens3
grep -q 'no-block.*try-reload-or-restart oakum-agent.service' "$out"
result $? 'network: asks systemd and does not wait'

exit $failed
