/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet: what all threads of a server share. Made by server_start() (fleet/server.h) before the first
 * thread, and constant but where a member says which lock holds it.
 */
#ifndef OAK_FLEET_FLEET_H
#define OAK_FLEET_FLEET_H

#include "fleet/db/db.h"

struct server_settings; /* fleet/server-settings.h */
struct decision_shelf;  /* fleet/director/shelf.h: the signed decisions, ready to be served */
struct metrics;         /* fleet/ops/metrics.h */
struct server_log;      /* fleet/ops/log.h */
struct event_hub;       /* fleet/api/event-hub.h: who listens */
struct file_cache;      /* fleet/http/file-cache.h */
struct tuf_key;         /* trust/key.h */
struct oidc;            /* fleet/people/oidc.h */

struct fleet {
	const struct server_settings *settings;
	const struct tuf_key *key; /* signs decisions and answers */
	struct decision_shelf *shelf;
	struct file_cache *files; /* NULL: none */
	struct metrics *metrics;
	const struct server_log *log; /* NULL: silent */
	struct event_hub *events;
	struct oidc *oidc;      /* NULL: no provider, passwords alone */
	int64_t (*now_s)(void); /* does not go back, but by 5 minutes or more; a test's own clock */
};

#endif
