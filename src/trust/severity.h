/* SPDX-License-Identifier: GPL-2.0-or-later */
/* severity: how grave a fix's defect is, by its publisher. */
#ifndef OAK_TRUST_SEVERITY_H
#define OAK_TRUST_SEVERITY_H

#include <stddef.h>
#include <stdint.h>

/* Rising. A fix with none said counts as the gravest. */
enum severity {
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL
};

extern const char *const severity_names[]; /* by rank, NULL at the end */

/* 0, or -EINVAL for no such name. */
int severity_parse(const char *name, uint32_t *ret) __attribute__((warn_unused_result));

#endif
