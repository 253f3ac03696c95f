/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rollout-world: a server's parts over a fresh database, with a clock of its own, and hosts that speak to it. */
#ifndef OAK_ROLLOUT_WORLD_H
#define OAK_ROLLOUT_WORLD_H

#include <jansson.h>

#include "fleet/fleet.h"
#include "fleet/server-settings.h"
#include "fleet/store/rollouts.h"
#include "store-fixture.h"
#include "trust/fleet/decision.h"

#define WORLD_HOSTS_MAX 256

struct world {
	struct db *db;
	char url[4096]; /* of its database */
	struct server_settings set;
	struct tuf_key *key;
	struct fleet fleet;
	char ids[WORLD_HOSTS_MAX][33];
	uint64_t sequence[WORLD_HOSTS_MAX];
	unsigned n;
	char rollout[17];
};

/* The wall's clock, of all worlds. */
extern int64_t world_clock_s;

void good(int r, const struct oak_error *err);

/* Hosts are enrolled, and have reported once. */
void world_begin(struct world *w, unsigned hosts);
void world_end(struct world *w);
/* Another process on the same database takes over: all that was in memory is gone. */
void world_restart(struct world *w);

void world_turn(struct world *w);
/* Time passes as it does: the director turns every minute. */
void world_pass(struct world *w, int64_t seconds);

/* A report of the host, which says nothing; report_clear() it. */
void world_report(struct world *w, unsigned host, struct report *ret);
/* It is taken, in a transaction of its own, and cleared. */
struct answer world_speak(struct world *w, struct report *r);
struct answer world_ask(struct world *w, unsigned host, uint32_t level);
void world_tell(struct world *w, unsigned host, enum report_result_kind kind, const char *why);

/* A draft of w->rollout from then on. */
json_t *world_create(struct world *w, const char *text, const char *who);
int world_command(struct world *w, enum rollout_command c, const char *who, struct oak_error *err);
/* It is submitted, started, and has its hosts. */
void world_start(struct world *w, const char *text);
json_t *world_get(struct world *w);
json_int_t world_outcome(struct world *w, const char *name);

/* What the host reads in the ring's decision. */
struct decision_verdict world_judge(struct world *w, unsigned host);

#endif
