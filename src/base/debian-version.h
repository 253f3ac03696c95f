/* SPDX-License-Identifier: GPL-2.0-or-later */
/* debian-version: the order of Debian package versions. */
#ifndef OAK_BASE_DEBIAN_VERSION_H
#define OAK_BASE_DEBIAN_VERSION_H

/**
 * debian_version_compare() - "1:2.0~rc1-3" and the like, as dpkg --compare-versions
 *
 * Pure; any text is accepted. Source: Debian Policy 5.6.12.
 *
 * Return: < 0, 0 or > 0 as @a is older than, equal to or newer than @b.
 */
int debian_version_compare(const char *a, const char *b);

#endif
