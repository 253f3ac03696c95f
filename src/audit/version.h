/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * version: the order of upstream versions: "1.0.0-rc9" < "1.0.0-rc95" < "1.0.0" < "1.0.0.1".
 *
 * As semantic versioning 2.0.0, clause 11, with what real versions need beyond it: any number of
 * components, a letter before them ("v1.2.3"), digits within a word ("rc95") compared as a number.
 * What follows "+" does not count.
 */
#ifndef OAK_AUDIT_VERSION_H
#define OAK_AUDIT_VERSION_H

#include <stddef.h>

#define VERSION_MAX 128

/* < 0, 0 or > 0 as @a is before, the same as or after @b. Pure; any text is accepted. */
int version_compare(const char *a, const char *b);

/*
 * The upstream version of a Debian package's: "5:28.3.3-1~debian.12~bookworm" is "28.3.3",
 * "1.0.0~rc93+ds1-5" is "1.0.0-rc93". Cut at @size.
 */
void version_upstream(const char *package_version, char *ret, size_t size);

#endif
