/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compose: a report from what root's side knows (agent/fleet/facts.h) and what the worker remembers. Pure.
 */
#ifndef OAK_AGENT_FLEET_COMPOSE_H
#define OAK_AGENT_FLEET_COMPOSE_H

#include "agent/fleet/home.h"
#include "trust/fleet/report.h"

struct compose_options {
	const json_t *facts;
	const struct fleet_home *home;
	struct fleet_memory *memory; /* watches that have nothing more to tell are dropped */
	uint64_t sequence;
	int64_t now_s;
	const struct report_ask *ask; /* NULL: none */
};

/* @ret: the bytes of a report that the server's parser takes. Errors: OAK_E_FORMAT (the facts), OAK_E_NOMEM. */
int fleet_compose(const struct compose_options *o, char **ret, struct oak_error *err) _must_check_;

/*
 * What has become of a level that was granted: false: nothing to tell. A level that was not applied
 * because it may not be yet (a preflight check, a hook) has not failed: it is held.
 */
bool fleet_result(const json_t *facts, const struct fleet_watch *w, struct report_result *ret);

/* What a report is sent for before its time: a hash of level, state, quarantine and results. */
void fleet_news(const json_t *facts, const struct fleet_memory *m, char ret[65]);

#endif
