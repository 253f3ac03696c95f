/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rollout-view: a rollout for people, out of what the API says of it (docs/formats/rollout.md). Pure.
 *
 * Beside the API's own members:
 *
 *	badge              its phase
 *	level_text         "level 4", "latest of stable"
 *	target             [{"what": "Rings", "words": "edge, prod"}]; empty: all hosts
 *	by_text, approved_by_text, created_text, started_text, ended_text, start_text
 *	done, in_flight, failed_all, percent, live, ended_well
 *	bar                segments of all hosts: [{"tone", "x", "width"}] of 1000
 *	legend             what the bar's tones are: [{"tone", "word", "count", "href"}]
 *	budget             {"max", "used", "left", "percent_max", "percent_used", "spent", "action_text"}
 *	rows               the stages, each with "what", "gate", "state", "bar", ...
 *	kernels            [{"build_id", "short", "level"}]
 *	hint               what it needs now
 *	actions            what this person may do now
 */
#ifndef OAK_FLEET_WEB_ROLLOUT_VIEW_H
#define OAK_FLEET_WEB_ROLLOUT_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"

/* Who looks at it, and when. */
struct rollout_eyes {
	const char *who; /* "user:anna": never offered to approve her own */
	uint32_t scopes; /* enum http_scope */
	int64_t now_s;
};

/* Adds to @rollout. Errors: -ENOMEM. */
int rollout_view(json_t *rollout, const struct rollout_eyes *eyes) _must_check_;

/* For a list: no stages, no actions. Errors: -ENOMEM. */
int rollout_view_row(json_t *rollout, const struct rollout_eyes *eyes) _must_check_;

/* A host of a rollout: badge, times, impact. Errors: -ENOMEM. */
int rollout_view_host(json_t *host, int64_t now_s) _must_check_;

/* "good", "warn", "bad", "busy", "off" */
const char *rollout_phase_tone(const char *phase);
const char *rollout_outcome_tone(const char *outcome);

/* What a command is called where it is told: "paused"; NULL: there is no such command. */
const char *rollout_command_done(const char *command);
/* Does @command want the person to say that they are sure? */
bool rollout_command_harms(const char *command);

#endif
