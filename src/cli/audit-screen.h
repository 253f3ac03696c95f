/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit-screen: the findings for people. */
#ifndef OAK_CLI_AUDIT_SCREEN_H
#define OAK_CLI_AUDIT_SCREEN_H

#include "audit/audit.h"
#include "audit/score.h"
#include "cli/cli.h"

/* Grouped, worst first; with @all also what passes, does not apply or is accepted. */
void audit_print(const struct cli *cli, const struct audit *a, const struct score *s, bool all);

/* The table of checks. */
void audit_print_checks(const struct cli *cli);

#endif
