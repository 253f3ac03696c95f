#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian packages: built, checked by lintian, installed below a folder, upgraded, purged.
set -u
: "${BUILD:?}" "${TMPDIR:?}"
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
debs=$(realpath "$BUILD")/deb

BUILD=$BUILD packaging/deb.sh >"$out" 2>"$err"
result $? "packages are built in $SECONDS s"
[ $failed -eq 0 ] || exit 1
version=$(sed -n "s/^project(.* version: '\([^']*\)'.*/\1/p" meson.build)
deb() { echo "$debs/$1_${version}_amd64.deb"; }
packages=(oakum oakum-build oakum-repo oakum-server)
made=0
for package in "${packages[@]}"; do
    [ -f "$(deb "$package")" ] && made=$((made + 1))
done
[ "$made" -eq 4 ]
result $? "four of them, of version $version"

lintian --allow-root --no-tag-display-limit --fail-on error,warning "$debs"/*.changes >"$out" 2>"$err"
result $? 'lintian finds no error and no warning'

holds() { # PACKAGE PATH...
    local package=$1 path
    shift
    dpkg-deb -c "$(deb "$package")" | awk '{ print $6 }' >"$out"
    for path; do
        grep -qxF "./$path" "$out" || return 1
    done
}
holds oakum usr/bin/oakum lib/systemd/system/oakum-{agent,boot}.service etc/oakum/oakum.conf \
    lib/systemd/system/oakum-fetch{.socket,@.service} \
    lib/systemd/system/oakum-observe{.service,.timer} etc/oakum/hooks/{pre,post}-{apply,revert}.d/ \
    usr/share/oakum/schemas/{audit,containers,modules}.schema.json \
    usr/share/man/man{1/oakum.1,5/oakum.conf.5,8/oakum-agent.8,8/oakum-modules.8}.gz
result $? 'oakum holds the agent and its units'
holds oakum usr/lib/nagios/plugins/check_oakum
result $? 'and the plugin of Nagios'
holds oakum-build usr/bin/oakum-build usr/libexec/oakum/oakum-guest-init usr/include/oakum/patch.h
result $? 'oakum-build holds what makes levels'
holds oakum-repo usr/bin/oakum-repo usr/bin/oakum-tuf lib/systemd/system/oakum-repo-refresh@.timer
result $? 'oakum-repo holds what publishes them'
holds oakum-server usr/bin/oakum-server lib/systemd/system/oakum-server.service \
    etc/oakum-server/oakum-server.conf usr/share/oakum/prometheus/oakum.rules.yml \
    usr/share/bash-completion/completions/oakum-server \
    usr/share/man/man{5/oakum-server.conf.5,8/oakum-server.8}.gz
result $? 'oakum-server holds the fleet'"'"'s server'
holds oakum-server usr/share/oakum/{grafana/oakum.json,cloud-init/oakum.yaml,helm/oakum/Chart.yaml} \
    usr/share/oakum/ansible/oakum/{tasks/main.yml,meta/argument_specs.yml} usr/share/oakum/kustomize/base/kustomization.yaml
result $? 'and the other ways in: Grafana, cloud-init, Ansible, Helm, kustomize'
for package in oakum oakum-repo oakum-server; do
    dpkg-deb -f "$(deb $package)" Depends
done >"$out" && ! grep -E '\b(gcc|make|qemu)' "$out"
result $? 'no compiler comes to a host, to the server, or beside the keys'
dpkg-deb -f "$(deb oakum)" Depends >"$out" && ! grep -E '\b(libpq|libmicrohttpd|libsqlite)' "$out"
result $? 'no database and no HTTP server comes to a host'

# Maintainer scripts ask for no network.
for package in "${packages[@]}"; do
    dpkg-deb -e "$(deb "$package")" "$TMPDIR/control-$package"
done
! grep -hE '\b(curl|wget|apt-get|nc|ping|https?://[^d])' "$TMPDIR"/control-*/{preinst,postinst,prerm,postrm} \
    >"$out" 2>/dev/null
result $? 'scripts of the packages use no network'

# What an upgrade asks of systemd, which is ours here.
mkdir "$TMPDIR/bin"
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\necho "${0##*/} $*" >>"$LOG"\n' >"$TMPDIR/bin/tool"
chmod 755 "$TMPDIR/bin/tool"
for tool in systemctl deb-systemd-invoke deb-systemd-helper systemd-sysusers systemd-tmpfiles; do
    ln -s tool "$TMPDIR/bin/$tool"
done
maintain() { # [PACKAGE/]SCRIPT ARGUMENT...
    local script=$1
    shift
    [ "${script#*/}" != "$script" ] || script=oakum/$script
    sed 's#/run/systemd/system#/#' "$TMPDIR/control-$script" >"$TMPDIR/script"
    LOG=$out PATH=$TMPDIR/bin:$PATH sh "$TMPDIR/script" "$@" 2>"$err"
}
: >"$out"
maintain prerm upgrade 9.0 && maintain postinst configure "$version" &&
    grep -q '^deb-systemd-invoke restart .*oakum-agent.service' "$out" &&
    ! grep -E '^deb-systemd-invoke (stop|restart|try-restart).*oakum-boot' "$out"
result $? 'an upgrade starts the agent again and leaves the boot unit alone'
: >"$out"
maintain postinst configure &&
    grep -q '^deb-systemd-invoke start .*oakum-agent.service' "$out" &&
    grep -q '^deb-systemd-invoke start .*oakum-boot.service' "$out"
result $? 'an installation starts both'
: >"$out"
maintain oakum-server/prerm upgrade 9.0 && maintain oakum-server/postinst configure "$version" &&
    grep -q '^deb-systemd-invoke restart .*oakum-server.service' "$out" &&
    ! grep '^deb-systemd-invoke stop' "$out"
result $? 'an upgrade of the server starts it again, once the new one is there'

# Below a folder, with dpkg's own data base there and this machine's tools.
root=$TMPDIR/root
mkdir -p "$root"/var/lib/{dpkg/info,dpkg/updates,dpkg/triggers,prometheus/node-exporter} "$root/etc"
touch "$root"/var/lib/dpkg/{status,available} "$root"/etc/{passwd,group,shadow,gshadow}
below() {
    fakeroot dpkg --root="$root" --log=/dev/null --force-script-chrootless --force-not-root \
        --force-depends "$@" >"$out" 2>"$err"
}
below -i "$(deb oakum)" && [ -x "$root/usr/bin/oakum" ] && grep -q '^oakum:' "$root/etc/passwd" &&
    [ -L "$root/etc/systemd/system/multi-user.target.wants/oakum-agent.service" ] &&
    [ -L "$root/etc/systemd/system/multi-user.target.wants/oakum-boot.service" ] &&
    [ -d "$root/var/lib/oakum/trust" ]
result $? 'it installs: user, directories, units enabled'
"$root/usr/bin/oakum" agent --check --root "$root" >"$out" 2>"$err"
result $? 'the settings it brings are good'

echo '{}' >"$root/etc/oakum/root.json"
echo 'channel = stable' >"$root/etc/oakum/conf.d/10-own.conf"
echo 'channel = edge' >>"$root/etc/oakum/oakum.conf"
echo kept >"$root/var/lib/oakum/journal"
touch "$root/var/lib/prometheus/node-exporter/oakum.prom"
dpkg-deb -R "$(deb oakum)" "$TMPDIR/newer" && sed -i "s/^Version: .*/Version: 9.0/" "$TMPDIR/newer/DEBIAN/control" &&
    dpkg-deb --root-owner-group -b "$TMPDIR/newer" "$TMPDIR/newer.deb" >"$out" 2>"$err" && below -i "$TMPDIR/newer.deb" &&
    grep -q '^channel = edge' "$root/etc/oakum/oakum.conf" && [ -f "$root/etc/oakum/root.json" ] &&
    grep -q kept "$root/var/lib/oakum/journal"
result $? 'an upgrade keeps settings, root key and state'
below --remove oakum && [ -f "$root/etc/oakum/root.json" ] && [ -f "$root/var/lib/oakum/journal" ] &&
    [ ! -e "$root/var/lib/prometheus/node-exporter/oakum.prom" ]
result $? 'a removal keeps them, and takes the figures of monitoring away'
below --purge oakum
find "$root" -name '*oakum*' >"$out"
grep -H oakum "$root"/etc/{passwd,group,shadow,gshadow} >>"$out"
[ ! -s "$out" ]
result $? 'a purge leaves nothing: no file, no user, no group'

below -i "$(deb oakum-server)" && [ -x "$root/usr/bin/oakum-server" ] &&
    grep -q '^oakum-server:' "$root/etc/passwd" && [ -d "$root/var/lib/oakum-server" ] &&
    [ -L "$root/etc/systemd/system/multi-user.target.wants/oakum-server.service" ]
result $? 'the server installs: user, directory, unit enabled'
! grep -vE '^(#|$)' "$root/etc/oakum-server/oakum-server.conf" >"$out"
result $? 'its settings are all defaults'
echo 'poll = 30m' >>"$root/etc/oakum-server/oakum-server.conf"
echo kept >"$root/var/lib/oakum-server/fleet.db"
below --remove oakum-server && grep -q '^poll = 30m' "$root/etc/oakum-server/oakum-server.conf" &&
    grep -q kept "$root/var/lib/oakum-server/fleet.db"
result $? 'a removal keeps its settings and its database'
below --purge oakum-server
find "$root" -name '*oakum*' >"$out"
grep -H oakum "$root"/etc/{passwd,group,shadow,gshadow} >>"$out"
[ ! -s "$out" ]
result $? 'a purge of the server leaves nothing either'

exit $failed
