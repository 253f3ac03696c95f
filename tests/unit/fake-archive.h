/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake-archive: a Debian archive of one tiny kernel. Real packages (dpkg-deb builds them), fake
 * apt-get and apt-cache in front of PATH. Needs dpkg-deb, tar and xz.
 */
#ifndef OAK_FAKE_ARCHIVE_H
#define OAK_FAKE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>

#define FAKE_RELEASE   "6.1.0-1-amd64"
#define FAKE_VERSION   "6.1.5-1"
#define FAKE_REFERENCE "debian:" FAKE_RELEASE "=" FAKE_VERSION
#define FAKE_BUILD_ID  "000102030405060708090a0b0c0d0e0f10111213"

/* What apt says and does. A fresh one is whole. */
struct fake_archive {
	const char *dir;
	bool no_source;     /* apt knows no linux-source-6.1 */
	bool offline;       /* apt-get download fails */
	bool wrong_hash;    /* the index promises other packages */
	bool nothing_known; /* as before the first apt-get update */
};

/* Builds the packages below @a->dir and puts the fake programs there into PATH; once a program. */
void fake_archive_make(const struct fake_archive *a);

/* Writes the fake programs anew, for other settings of the flags. */
void fake_archive_set(const struct fake_archive *a);

/* How many packages apt-get has downloaded so far. */
size_t fake_archive_downloads(const struct fake_archive *a);

#endif
