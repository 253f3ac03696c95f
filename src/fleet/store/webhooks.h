/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * webhooks: who is called when something changes, and each call that was or is to be made. Each event
 * becomes one delivery a webhook, in one transaction with the webhook's place in the list of events: none
 * is left out, none is made twice, whichever server does it.
 */
#ifndef OAK_FLEET_STORE_WEBHOOKS_H
#define OAK_FLEET_STORE_WEBHOOKS_H

#include <jansson.h>

#include "fleet/db/db.h"

#define WEBHOOKS_MAX       32
#define WEBHOOK_URL_MAX    1024
#define WEBHOOK_SECRET_MAX 128
#define WEBHOOK_ID_MAX     33

struct webhook_new {
	const char *url, *secret, *who;
	const char *format;   /* of fleet/hooks/format.h; NULL: "event" */
	const json_t *events; /* types, "rollout.*", or "*" */
};

/* All in the caller's transaction. Errors: OAK_E_REFUSED: there are too many; OAK_E_NOTFOUND. */
int webhook_create(struct db *db, const struct webhook_new *w, int64_t now_s, json_t **ret,
		   struct oak_error *err) _must_check_;
int webhook_get(struct db *db, const char *id, json_t **ret, struct oak_error *err) _must_check_;
int webhook_list(struct db *db, json_t **ret, struct oak_error *err) _must_check_;
int webhook_delete(struct db *db, const char *id, struct oak_error *err) _must_check_;

/* NULL, and -1 of @active: as it is. */
struct webhook_change {
	const char *url, *format;
	const json_t *events;
	int active;
};
int webhook_change(struct db *db, const char *id, const struct webhook_change *c,
		   struct oak_error *err) _must_check_;

/* The deliveries of a webhook, newest first. */
int webhook_deliveries(struct db *db, const char *id, unsigned max, json_t **ret,
		       struct oak_error *err) _must_check_;

/* A delivery by hand, of the type "test". @ret_id: its id. */
int webhook_test(struct db *db, const char *id, int64_t now_s, char ret_id[WEBHOOK_ID_MAX],
		 struct oak_error *err) _must_check_;

/* Does the list of types that a webhook asked for name @type? Pure. */
bool webhook_wants(const json_t *events, const char *type);

/* Makes deliveries of new events; a transaction of its own, and none where there is nothing new. */
int webhook_fan_out(struct db *db, int64_t now_s, struct oak_error *err) _must_check_;

/* A delivery that is to be made now, and belongs to the caller until @until_s. */
struct webhook_delivery {
	char id[WEBHOOK_ID_MAX];
	char *url, *secret, *body, *type, *format; /* on the heap; the body is the event */
	int64_t created_s;
	unsigned tries; /* this one included */
};
void webhook_delivery_clear(struct webhook_delivery *d);

/* At most @max of them, no two of one webhook. Return: how many. */
int webhook_claim(struct db *db, int64_t now_s, struct webhook_delivery *ret, size_t max,
		  struct oak_error *err) _must_check_;

/* What came of it. @next_s: when it is tried again; 0: never. */
struct webhook_result {
	unsigned status; /* of HTTP; 0: there was no answer */
	const char *why; /* ""; for people */
	int64_t next_s;
	bool good;
};
int webhook_done(struct db *db, const struct webhook_delivery *d, const struct webhook_result *w,
		 int64_t now_s, struct oak_error *err) _must_check_;

#endif
