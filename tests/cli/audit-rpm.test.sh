#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum audit on a host whose packages are rpm's: databases that rpm itself writes.
# shellcheck disable=SC2016 # dollars are jq's
set -u
: "${BUILD:?}" "${TMPDIR:?}"
root=$TMPDIR/root
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
# shellcheck source=tests/cli/host-lib.sh
. tests/cli/host-lib.sh

if ! command -v rpmbuild >/dev/null || ! command -v rpm >/dev/null; then
    echo 'ok - packages of rpm # SKIP there is no rpm'
    exit 0
fi
dbpath=/var/lib/rpm

# shellcheck disable=SC2317 # called through expect
rpm_here() {
    rpm --root "$root" --define "_dbpath $dbpath" "$@"
}

# A package that has one file. Its changelog is standard input.
package() { # NAME VERSION RELEASE FILE
    {
        printf 'Name: %s\nVersion: %s\nRelease: %s\nEpoch: 4\n' "$1" "$2" "$3"
        printf 'Summary: a test\nLicense: none\n%%description\nA test.\n'
        printf '%%install\nmkdir -p %%{buildroot}%s\n' "$(dirname "$4")"
        printf 'echo %s >%%{buildroot}%s\n%%files\n%s\n%%changelog\n' "$2" "$4" "$4"
        cat
    } >"$TMPDIR/$1.spec"
    rpmbuild --define "_topdir $TMPDIR/rpm" --define '_build_id_links none' \
        -bb "$TMPDIR/$1.spec" >"$out" 2>"$err"
}

# The package alone, on a host of its own.
installed() { # NAME VERSION RELEASE
    rm -rf "$root"
    put proc/sys/kernel/osrelease 5.14.0-1.el9.x86_64
    mkdir -p "$root$dbpath"
    rpm_here --initdb >"$out" 2>"$err" &&
        rpm_here -i --nodeps "$TMPDIR/rpm/RPMS"/*/"$1-$2-$3".*.rpm >>"$out" 2>>"$err"
    result $? "rpm installs $1 $2-$3"
}

package runc 1.1.9 2.el9 /usr/bin/runc <<'END'
* Thu Feb 01 2024 A Person <a@example.org> - 4:1.1.9-2
- do not leak a descriptor
- Resolves: CVE-2024-21626
* Sun Jan 01 2023 A Person <a@example.org> - 4:1.1.9-1
- a new version
END
result $? 'a package with a backport'
package runc 1.1.9 1.el9 /usr/bin/runc <<'END'
* Sun Jan 01 2023 A Person <a@example.org> - 4:1.1.9-1
- a new version
END
result $? 'one without'
package docker-ce 24.0.7 1.el9 /usr/bin/dockerd </dev/null
result $? 'one that the project builds'

finding='.findings[] | select(.id == "cve.runc.CVE-2024-21626")'
for dbpath in /var/lib/rpm /usr/lib/sysimage/rpm; do
    installed runc 1.1.9 2.el9
    before=$(cd "$root" && find . -type f -exec sha256sum {} + | sort)
    expect 'an audit' 0 '' oakum audit --json
    json 'the changelog of a package counts' "[$finding] | length == 1 and .[0].verdict == \"pass\" and
        .[0].evidence == [{\"file\": \"$dbpath/rpmdb.sqlite\",
            \"value\": \"runc 4:1.1.9-2.el9: its changelog names it, in 4:1.1.9-2\"}]"
    json 'and of the package alone' '.findings[] |
        select(.id == "cve.runc.CVE-2025-31133") | .verdict == "warn"'
    after=$(cd "$root" && find . -type f -exec sha256sum {} + | sort)
    [ "$before" = "$after" ]
    result $? 'nothing is written'
done

installed runc 1.1.9 1.el9
expect 'a package that does not tell' 0 '' oakum audit --json
json 'is a doubt' "$finding | .verdict == \"warn\" and .fix == \"update runc; fixed upstream in 1.1.12\" and
    .evidence[0].value == \"runc 4:1.1.9-1.el9: upstream 1.1.9\" and
    (.evidence[1].value | contains(\"may have fixed it\"))"
json 'not of a flaw that came later, or went before' '.findings[] |
    select(.id == "cve.runc.CVE-2023-28642") | .verdict == "pass"'

# rpm, cut off while it writes.
cp "$root$dbpath/rpmdb.sqlite" "$root$dbpath/rpmdb.sqlite-wal"
expect 'a database that was left' 0 '' oakum audit --json
json 'is not believed' "$finding | .verdict == \"unknown\" and
    (.evidence[0].value | endswith(\"after rpm --initdb\"))"
rpm_here --initdb >"$out" 2>"$err"
expect 'rpm mends it' 0 '' oakum audit --json
json 'and it is read' "$finding | .verdict == \"warn\""

rm "$root$dbpath"/rpmdb.sqlite*
: >"$root$dbpath/Packages.db"
expect 'another kind of database' 0 '' oakum audit --json
json 'is named' "$finding | .verdict == \"unknown\" and (.evidence[0].value | contains(\"ndb\"))"

installed docker-ce 24.0.7 1.el9
expect 'a package of the project' 0 '' oakum audit --json
json 'is of the version that it says' '.findings[] |
    select(.id == "cve.docker.CVE-2024-41110") | .verdict == "fail" and
    .evidence[0].value == "docker-ce 4:24.0.7-1.el9: upstream 24.0.7"'
exit $failed
