/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/fleet/commands.h"
#include "cli/oakum-verbs.h"

/* For --help: the words after it are those of a program of its own. */
static const struct verb fleet = { .name = "fleet",
				   .args = "VERB",
				   .help = "see and steer a fleet of hosts (oakum fleet --help)" };

static const struct program *const programs[] = { &fleet_program, NULL };

static const struct verb *const verbs[] = {
	&verb_oakum_status,
	&verb_oakum_containers,
	&verb_oakum_check,
	&verb_oakum_update,
	&verb_oakum_apply,
	&verb_oakum_revert,
	&verb_oakum_info,
	&verb_oakum_pin,
	&verb_oakum_tag,
	&verb_oakum_uname,
	&verb_oakum_audit,
	&verb_oakum_modules,
	&verb_oakum_modules_reach,
	&verb_oakum_modules_observe,
	&verb_oakum_modules_plan,
	&verb_oakum_cves,
	&verb_oakum_cves_mitigate,
	&verb_oakum_vex,
	&verb_oakum_vex_verify,
	&verb_oakum_doctor,
	&verb_oakum_register,
	&verb_oakum_unregister,
	&verb_oakum_agent,
	&fleet,
	NULL,
};

static const struct program oakum = {
	.name = "oakum",
	.about = "keep the kernel of this host patched, without a reboot",
	.verbs = verbs,
	.programs = programs,
};

int main(int argc, char **argv)
{
	return cli_main(&oakum, argc, argv);
}
