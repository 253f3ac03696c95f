#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Ansible role, played on a Debian 12 that is this machine under a layer of its own: nothing stays. With
# the package of this tree and a real server on the loopback.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
BUILD=$(realpath "$BUILD") TMPDIR=$(realpath "$TMPDIR")
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/fleet/api-lib.sh
. tests/fleet/api-lib.sh
: >"$out"
: >"$err"
role=packaging/ansible/oakum

for tool in ansible-playbook ansible-lint unshare chroot; do
    if ! command -v $tool >/dev/null || [ "$(id -u)" -ne 0 ]; then
        echo "ok - the Ansible role # SKIP needs root and $tool"
        exit 0
    fi
done

if [ "${1:-}" != inside ]; then
    (cd $role && ansible-lint --offline --nocolor --profile production .) >"$out" 2>"$err"
    result $? 'ansible-lint finds nothing in its strictest profile'
    BUILD=$BUILD packaging/deb.sh --kept >"$out" 2>"$err"
    result $? 'a package to install'
    [ $failed -eq 0 ] || exit 1
    unshare --mount --pid --fork --kill-child --propagation private --mount-proc bash "$0" inside
    exit $((failed | $?))
fi

# This machine's Debian, with all that is written on a layer in memory. The server's files are outside of it.
layer=$TMPDIR/layer host=$TMPDIR/layer/host
if ! { mkdir "$layer" && mount -t tmpfs layer "$layer" && mkdir "$layer/upper" "$layer/work" "$host" &&
    mount -t overlay host -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" "$host"; } 2>"$err"; then
    echo "ok - the Ansible role # SKIP this kernel lets no overlay be mounted here: $(tail -n 1 "$err")"
    exit 0
fi
mount --rbind /proc "$host/proc" && mount --rbind /dev "$host/dev" && mount -t tmpfs run "$host/run"
result $? 'a Debian of its own'
trap 'api_end' EXIT

api_start fleet ''
result $? 'a server'
token=$(do_server enrol-token create hosts --ring canary --uses 0 2>"$err")
[ -n "$token" ]
result $? 'a token by which hosts enrol'

play=$TMPDIR/play
mkdir -p "$play/roles" "$play/files" && cp -R $role "$play/roles/oakum"
cp "$BUILD"/deb/oakum_*_amd64.deb "$play/files/" && cp "$work/data/tls.pem" "$play/files/ca.pem"
printf '{}\n' >"$play/files/root.json"
deb=$(basename "$play"/files/oakum_*.deb)
cat >"$play/site.yml" <<END
- hosts: all
  gather_facts: true
  gather_subset: ["!all"]
  roles:
    - role: oakum
END
cat >"$play/vars.yml" <<END
oakum_deb: files/$deb
oakum_repository: https://patches.example.org/oakum/
oakum_channel: stable
oakum_root_json: files/root.json
oakum_root_sha256: $(sha256sum <"$play/files/root.json" | cut -d ' ' -f 1 | tr a-f A-F)
oakum_tags: [role=web, az=1]
oakum_settings: {windows: "Mon-Fri 22:00-04:00", delay: 1d, cves: true}
oakum_server: $url/
oakum_server_ca: files/ca.pem
oakum_enrol_token: $token
oakum_host_name: web-17
END
mkdir -p "$host$play" && mount --bind "$play" "$host$play"

# played CHANGED [ARGUMENT...] - without a failure, and with so many changes (-: any)
played() {
    local changed=$1
    shift
    chroot "$host" env -C "$play" HOME=/root LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=False \
        ansible-playbook -v -c local -i web-17, -e @vars.yml -e ansible_python_interpreter=/usr/bin/python3 \
        "$@" site.yml >"$out" 2>"$err" || return
    [ "$changed" = - ] || grep -qE "^web-17 +: .*changed=$changed .*failed=0" "$out"
}
refused() { # TEXT [ARGUMENT...]
    local text=$1
    shift
    ! played - "$@" && grep -qF -- "$text" "$out" "$err"
}
inside() { chroot "$host" "$@"; }

# Where this machine has the package itself the layer begins without it.
inside dpkg --purge --force-depends oakum >"$out" 2>"$err"
# state - all that the role could have written, but what time alone changes
state() {
    (cd "$host" && find etc/oakum etc/apt usr/bin/oakum var/lib/oakum var/cache/apt/archives -printf '%p %m %u %g %T@\n' \
        -type f -exec sha256sum {} + 2>/dev/null | sort)
}

state >"$TMPDIR/before"
played - --check && grep -qE '^web-17 .*changed=[1-9]' "$out"
result $? 'check mode on a fresh host says that something would change'
state | diff "$TMPDIR/before" - >"$out"
result $? 'and changes nothing'

refused "its SHA-256 is not oakum_root_sha256" -e oakum_root_sha256=00 && [ ! -e "$host/etc/oakum/root.json" ]
result $? 'a root key that is another one is not taken'
refused "oakum_state" -e oakum_state=perhaps
result $? 'a value that is none is refused before anything is done'
refused "20-ansible.conf" -e '{"oakum_settings": {"wnidows": "any"}}' && [ ! -e "$host/etc/oakum/conf.d/20-ansible.conf" ]
result $? 'settings that oakum does not take are not written'
refused 'a host that is not registered needs one' -e oakum_enrol_token=
result $? 'no token'

played - && ! grep -qF "$token" "$out" "$err"
result $? 'it is played, and the token is not shown'
inside oakum agent --check >"$out" 2>"$err"
result $? 'the settings are good'
cat >"$TMPDIR/want" <<'END'
# Written by Ansible. Keys: oakum.conf(5). By hand: a file of your own beside this one, with a later name.
repository = https://patches.example.org/oakum/
channel = stable
tags = role=web az=1
cves = yes
delay = 1d
windows = Mon-Fri 22:00-04:00
END
diff "$TMPDIR/want" "$host/etc/oakum/conf.d/20-ansible.conf" >"$out" && cmp -s "$play/files/root.json" "$host/etc/oakum/root.json"
result $? 'they are what was asked for, and the root key is pinned'
[ -L "$host/etc/systemd/system/multi-user.target.wants/oakum-agent.service" ]
result $? 'the agent is enabled'
token=$(new_token look read) && call GET /api/v1/hosts && [ "$(jq -c '[.hosts[] | [.name, .ring]]' "$out")" = '[["web-17","canary"]]' ]
result $? 'the server knows the host, in the ring of its token'

state >"$TMPDIR/before"
played 0
result $? 'a second run changes nothing'
played 0 -e oakum_enrol_token=
result $? 'nor one without a token: it is not needed any more'
played - --check -e oakum_channel=edge && grep -qE '^web-17 .*changed=[1-9]' "$out"
result $? 'check mode says that another channel would be a change'
state | diff "$TMPDIR/before" - >"$out"
result $? 'and nothing of all that changed a file'
played - -e oakum_channel=edge && grep -qx 'channel = edge' "$host/etc/oakum/conf.d/20-ansible.conf"
result $? 'another channel is written'
refused 'registered with https://127.0.0.1' -e oakum_server=https://other.example.org
result $? 'a host of another fleet is left there'

played - -e oakum_state=absent && [ ! -e "$host/usr/bin/oakum" ] && [ ! -e "$host/etc/oakum/conf.d/20-ansible.conf" ] &&
    [ -e "$host/etc/oakum/root.json" ]
result $? 'it is removed; the root key and the state stay'
played - -e oakum_state=absent -e oakum_purge=true && [ ! -e "$host/etc/oakum" ] && [ ! -e "$host/var/lib/oakum" ]
result $? 'and purged'
played 0 -e oakum_state=absent -e oakum_purge=true
result $? 'removed twice changes nothing'
exit $failed
