/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tables: one a check-*.c file; their order is in check.c. */
#ifndef OAK_AUDIT_TABLES_H
#define OAK_AUDIT_TABLES_H

#include "audit/check.h"

#define AUDIT_BENCHMARK "CIS Docker Benchmark 1.6"

extern const struct audit_table audit_container_state;
extern const struct audit_table audit_daemon;
extern const struct audit_table audit_declared;
extern const struct audit_table audit_differs;
extern const struct audit_table audit_files;
extern const struct audit_table audit_host;
extern const struct audit_table audit_images;
extern const struct audit_table audit_kernel_cmdline;
extern const struct audit_table audit_kernel_config;
extern const struct audit_table audit_kernel_state;
extern const struct audit_table audit_kernel_sysctl;
extern const struct audit_table audit_platform;
extern const struct audit_table audit_settings;
extern const struct audit_table audit_swarm;

#endif
