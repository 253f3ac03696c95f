/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verbs-build: the verbs of oakum-build, one file each; main-build.c has the table. */
#ifndef OAK_CLI_VERBS_BUILD_H
#define OAK_CLI_VERBS_BUILD_H

#include "cli/cli.h"

extern const struct verb verb_build_kernel_add;
extern const struct verb verb_build_kernel_list;
extern const struct verb verb_build_kernel_show;
extern const struct verb verb_build_make;
extern const struct verb verb_build_candidates;
extern const struct verb verb_build_prove;
extern const struct verb verb_build_rules;
extern const struct verb verb_build_diff;
extern const struct verb verb_build_check;
extern const struct verb verb_build_explain;
extern const struct verb verb_build_test;

#endif
