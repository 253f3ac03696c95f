/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dpkg: which package a file belongs to, and in which version that is installed, from dpkg's own
 * files: var/lib/dpkg/status and info/<package>.list. Source: dpkg(1), deb-control(5).
 */
#ifndef OAK_AUDIT_DPKG_H
#define OAK_AUDIT_DPKG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define DPKG_NAME_MAX    128
#define DPKG_VERSION_MAX 128

/*
 * The package that has the file; @hints are looked at first, ends with NULL. False where none does,
 * or dpkg is not on this host. "/bin/x" is "/usr/bin/x" as well: folders were merged.
 */
bool dpkg_owner(int root, const char *path, const char *const *hints, char ret[DPKG_NAME_MAX]);

/* The version in @status of a package that is installed. Pure. */
bool dpkg_version(const char *status, const char *package, char ret[DPKG_VERSION_MAX]);

/* @list: an info/<package>.list. Pure. */
bool dpkg_list_has(const char *list, const char *path);

/*
 * usr/share/doc/<package>/changelog.Debian.gz, its youngest entries; 0, or -OAK_E_NOTFOUND where none
 * can be read.
 */
int dpkg_changelog(int root, const char *package, struct buf *ret);

/* Does the changelog name the flaw, and nothing longer ("CVE-2024-1" is not "CVE-2024-10")? Pure. */
bool dpkg_changelog_names(const char *changelog, const char *id, char *ret_version, size_t size);

#endif
