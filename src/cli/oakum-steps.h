/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-steps: the times of agent/steps.h, for people. */
#ifndef OAK_CLI_OAKUM_STEPS_H
#define OAK_CLI_OAKUM_STEPS_H

#include "agent/steps.h"
#include "cli/cli.h"

void steps_print(const struct cli *cli, const struct steps *s);

#endif
