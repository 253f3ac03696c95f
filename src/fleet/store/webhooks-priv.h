/* SPDX-License-Identifier: GPL-2.0-or-later */
/* webhooks-priv: between webhooks.c and webhook-queue.c. */
#ifndef OAK_FLEET_STORE_WEBHOOKS_PRIV_H
#define OAK_FLEET_STORE_WEBHOOKS_PRIV_H

#include "fleet/store/webhooks.h"

/* A delivery of @event, as event_list() has it, to @webhook; due at once. */
int webhook_add_delivery(struct db *db, const char *webhook, const json_t *event, int64_t now_s,
			 char ret_id[WEBHOOK_ID_MAX], struct oak_error *err) _must_check_;

#endif
