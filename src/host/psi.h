/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * psi: how much of the time tasks wait for processor, memory, disk: /proc/pressure.
 *
 * Source: Documentation/accounting/psi.rst. A kernel without it (CONFIG_PSI, "psi=0") has no such
 * files, or answers EOPNOTSUPP.
 */
#ifndef OAK_HOST_PSI_H
#define OAK_HOST_PSI_H

#include <stdbool.h>
#include <stdint.h>

enum psi_resource {
	PSI_CPU,
	PSI_MEMORY,
	PSI_IO,
	PSI_N
};

struct psi {
	bool known;
	double avg10;      /* "some": percent of the last ten seconds */
	uint64_t total_us; /* "some": since boot */
};

/* Pure: the text of one file. What it does not say is not known. */
struct psi psi_parse(const char *text);

struct psi psi_read(int root, enum psi_resource resource);

/* "cpu", "memory", "io" */
const char *psi_name(enum psi_resource resource);

#endif
