/* SPDX-License-Identifier: GPL-2.0-or-later */
/* commands: the rows of "oakum fleet", by subject; each table ends with a row without a name. */
#ifndef OAK_CLI_FLEET_COMMANDS_H
#define OAK_CLI_FLEET_COMMANDS_H

#include "cli/fleet/fleet.h"

/* The common part of a row. */
#define FLEET_VERB(name_, args_, help_, min_, max_) \
	.verb = { .name = name_,                    \
		  .args = args_,                    \
		  .help = help_,                    \
		  .min_args = min_,                 \
		  .max_args = max_,                 \
		  .run = fleet_run }
#define FLEET_VERB_OPTIONS(name_, args_, help_, min_, max_, options_) \
	.verb = { .name = name_,                                      \
		  .args = args_,                                      \
		  .help = help_,                                      \
		  .min_args = min_,                                   \
		  .max_args = max_,                                   \
		  .options = options_,                                \
		  .run = fleet_run }

extern const struct fleet_command fleet_hosts[], fleet_tokens[], fleet_rollouts[], fleet_wide[],
	fleet_webhooks[], fleet_views[], fleet_users[];

/* Those that are more than one call. */
extern const struct verb fleet_login, fleet_logout, fleet_rollouts_create, fleet_rollouts_watch,
	fleet_events, fleet_nagios;

/* The program "oakum fleet": all of them. */
extern const struct program fleet_program;

extern const struct fleet_column fleet_rollout_record[];

#endif
