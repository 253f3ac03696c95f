/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client: the worker's side of the fleet, for one check: the decision is fetched, what was not acknowledged
 * is sent again, the policy is told what is held, a level is asked for, a report is sent.
 *
 * The server can hold back and slow down, no more: nothing here says what a level is.
 */
#ifndef OAK_AGENT_FLEET_CLIENT_H
#define OAK_AGENT_FLEET_CLIENT_H

#include "agent/choose.h"
#include "agent/fleet/home.h"
#include "agent/fleet/os-name.h"
#include "agent/fleet/post.h"
#include "agent/plan.h"
#include "host/host.h"
#include "host/settings.h"
#include "trust/fleet/decision.h"

#define FLEET_ASKS_MAX 4 /* levels that are asked for at one check */

/* Is a decision there that holds at this moment? */
struct fleet_client;
bool fleet_client_is_open(const struct fleet_client *c);

/* client-decision.c: the stored one, and then the server's. What went wrong is in .memory.error. */
void fleet_decision_load(struct fleet_client *c);
void fleet_decision_fetch(struct fleet_client *c);

/*
 * client-report.c: the report that waits, with the bytes that it has; then a new one, with @ask or NULL.
 * fleet_client_deliver(): 1: another report has that sequence, .memory.sequence goes on from there.
 */
int fleet_client_deliver(struct fleet_client *c, struct oak_error *err) _must_check_;
int fleet_client_send(struct fleet_client *c, const struct report_ask *ask, struct oak_error *err)
	_must_check_;
void fleet_client_save(struct fleet_client *c);

/* A try failed: nothing is sent for a while, longer each time. @retry_s: as the server asks; 0 */
void fleet_client_pause(struct fleet_client *c, uint32_t retry_s);
/* May something be sent at this moment? */
bool fleet_client_may_send(const struct fleet_client *c);

struct fleet_refusal {
	uint32_t level;
	char why[REPORT_TEXT_MAX];
};

struct fleet_client {
	int root;
	const char *root_path;
	const struct settings *settings; /* borrowed */
	const struct host *host;         /* borrowed; NULL: reports alone */
	json_t *facts;                   /* of root's side; NULL: none yet */
	bool local;                      /* no network: a verb that only wants to know */

	struct fleet_home home;
	struct fleet_memory memory;
	struct decision *decision; /* the newest that is known, expired or not; NULL: none */
	struct http_client *http;
	struct os_name os;
	const char **tags; /* the host's, for the decision; words are borrowed from .home */
	size_t n_tags;

	struct fleet_refusal refused[FLEET_ASKS_MAX];
	size_t n_refused;
	char answer_why[REPORT_TEXT_MAX]; /* of the last refusal; "" */
	struct answer_grant grants[REPORT_ASKS_MAX];
	uint64_t grants_sent_ms; /* of CLOCK_BOOTTIME */
	size_t n_grants;
	uint64_t grant_until_ms; /* of the level that was granted last; 0: none was needed */
	int64_t again_s;         /* when a refusal may be another one; 0: not known */
	bool reported;           /* a report was acknowledged now */
	struct policy_fleet policy;
	struct plan_ask ask;
};

/**
 * fleet_client_begin() - what is on disk, then (not where @c->local) decision and waiting report
 * @c: with the first members filled
 *
 * Takes over @c->facts. Whatever the network does is no error: it is in .memory.error.
 *
 * Return: 0; 1: this host has no fleet, @c needs no end. Errors: OAK_E_FORMAT: enrolled.json cannot be
 * read: then nothing may be applied.
 */
int fleet_client_begin(struct fleet_client *c, struct oak_error *err) _must_check_;

/* For the policy; NULL: the fleet has been silent for longer than fleet-patience. */
const struct policy_fleet *fleet_client_policy(struct fleet_client *c);

/* Does the fleet want @level back, and may it? @why: for people. */
bool fleet_client_takes_back(const struct fleet_client *c, uint32_t level,
			     char why[POLICY_TEXT_MAX]);

/* Sends a report where one is due: something is new, or it is time. */
void fleet_client_report(struct fleet_client *c);

/*
 * Remembers what is held back, from what the policy said (NULL: it said nothing), writes the memory, frees
 * all. Return: when the worker wants to be asked again; 0: it does not.
 */
int64_t fleet_client_end(struct fleet_client *c, const struct policy_choice *choice);

#endif
