/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * switches: the administrator's word that always wins, also over the settings and the daemon.
 *
 *	kernel command line	file			meaning
 *	oakum=no-apply		/etc/oakum/no-apply	apply nothing; what is applied stays
 *	oakum=off		/etc/oakum/off		do nothing at all
 *
 * A file of any content, and of any kind, switches on, also one that cannot be looked at. Where
 * several say something the strictest counts. A value that we do not know is no-apply: somebody
 * wanted to hold us back.
 */
#ifndef OAK_HOST_SWITCHES_H
#define OAK_HOST_SWITCHES_H

#include "base/error.h"

enum oakum_switch {
	SWITCH_NONE,
	SWITCH_NO_APPLY,
	SWITCH_OFF,
};

struct switches {
	enum oakum_switch state;
	char why[128]; /* "the kernel command line says oakum=off"; "" for SWITCH_NONE */
};

/* Reads /proc/cmdline and looks for the files below @root. Cannot fail. */
void switches_read(int root, struct switches *ret);

/* Pure: what a kernel command line says; quotes as the kernel takes them. */
enum oakum_switch switches_of_cmdline(const char *cmdline);

/* "none", "no-apply", "off" */
const char *switch_name(enum oakum_switch s);

#endif
