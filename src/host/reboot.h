/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reboot: whether somebody waits for this host to boot, and whether for a newer kernel.
 *
 * Debian's packages touch /run/reboot-required and add their name to
 * /run/reboot-required.pkgs. A kernel that can be booted has /boot/vmlinuz-<release>.
 */
#ifndef OAK_HOST_REBOOT_H
#define OAK_HOST_REBOOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define REBOOT_NAME_MAX     65
#define REBOOT_PACKAGES_MAX 256

struct reboot {
	bool required;  /* /run/reboot-required is there */
	bool by_kernel; /* ... and .pkgs names a kernel package */
	bool by_other;  /* ... names another package, or none; our own name counts as neither */
	char packages[REBOOT_PACKAGES_MAX]; /* "libc6, dbus", each once, without our own; cut */
	char newest[REBOOT_NAME_MAX]; /* newest kernel of the running one's flavour; "" none */
	bool newer_installed;         /* that one is newer than the running one */
};

/* @release: of the running kernel. What cannot be read is not there. */
void reboot_read(int root, const char *release, struct reboot *ret);

/* "libc6, dbus; kernel 6.1.0-51-amd64 is installed"; "" where nobody wants a reboot. */
void reboot_text(const struct reboot *r, char *ret, size_t size);

/* Pure: <0, 0, >0 as of versions: numbers by value, all else by byte ("6.1.0-9" < "6.1.0-10"). */
int reboot_compare_releases(const char *a, const char *b);

/* Pure: "-cloud-amd64" of "6.1.0-50-cloud-amd64"; "" where there is none. */
const char *reboot_flavour(const char *release);

#endif
