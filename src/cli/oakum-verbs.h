/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-verbs: one verb a file verb-oakum-<name>.c; the table is in main-oakum.c. */
#ifndef OAK_CLI_OAKUM_VERBS_H
#define OAK_CLI_OAKUM_VERBS_H

#include "cli/cli.h"

extern const struct verb verb_oakum_apply;
extern const struct verb verb_oakum_audit;
extern const struct verb verb_oakum_check;
extern const struct verb verb_oakum_containers;
extern const struct verb verb_oakum_cves;
extern const struct verb verb_oakum_cves_mitigate;
extern const struct verb verb_oakum_info;
extern const struct verb verb_oakum_revert;
extern const struct verb verb_oakum_agent;
extern const struct verb verb_oakum_register;
extern const struct verb verb_oakum_unregister;
extern const struct verb verb_oakum_status;
extern const struct verb verb_oakum_doctor;
extern const struct verb verb_oakum_modules;
extern const struct verb verb_oakum_modules_observe;
extern const struct verb verb_oakum_modules_plan;
extern const struct verb verb_oakum_modules_reach;
extern const struct verb verb_oakum_pin;
extern const struct verb verb_oakum_tag;
extern const struct verb verb_oakum_uname;
extern const struct verb verb_oakum_update;
extern const struct verb verb_oakum_vex;
extern const struct verb verb_oakum_vex_verify;

#endif
