/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tables: one a check-*.c file; their order is in check.c. */
#ifndef OAK_AUDIT_TABLES_H
#define OAK_AUDIT_TABLES_H

#include "audit/check.h"

extern const struct audit_table audit_kernel_config;
extern const struct audit_table audit_kernel_sysctl;
extern const struct audit_table audit_kernel_cmdline;
extern const struct audit_table audit_kernel_state;

#endif
