/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/hooks/hooks.h"

#include <stdlib.h>

#include "fleet/hooks/format.h"
#include "fleet/hooks/send.h"
#include "fleet/store/webhooks.h"

#define AT_ONCE   16
#define PATIENT_S 86400

static const unsigned pauses_s[] = { 10, 30, 120, 600, 1800, 3600, 7200, 14400, 21600 };

int64_t hooks_again_s(unsigned tries, int64_t created_s, int64_t now_s)
{
	const unsigned last = sizeof(pauses_s) / sizeof(pauses_s[0]) - 1;
	unsigned i = tries ? tries - 1 : 0;
	int64_t next = now_s + pauses_s[i < last ? i : last];

	return next - created_s > PATIENT_S ? 0 : next;
}

static int keep_result(struct db *db, const struct webhook_delivery *d,
		       const struct hook_call *call, int64_t now_s, struct oak_error *err)
{
	struct webhook_result w = { .status = call->status, .why = call->why };

	w.good = call->status >= 200 && call->status < 300;
	if (!w.good)
		w.next_s = hooks_again_s(d->tries, d->created_s, now_s);
	return webhook_done(db, d, &w, now_s, err);
}

/* The queue keeps events; what is sent is made of them as the webhook is set now. */
static int in_format(struct webhook_delivery *d, struct oak_error *err)
{
	char *body = NULL;
	int r = hook_body(d->format, d->body, &body, err);

	if (r < 0)
		return r;
	free(d->body);
	d->body = body;
	return 0;
}

static int send_due(struct fleet *fleet, struct db *db, struct webhook_delivery *d, size_t n,
		    struct oak_error *err)
{
	struct hook_call calls[AT_ONCE] = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = in_format(&d[i], err);
		calls[i] = (struct hook_call){ .url = d[i].url,
					       .secret = d[i].secret,
					       .body = d[i].body,
					       .id = d[i].id,
					       .type = d[i].type };
	}
	if (r == 0)
		r = hook_send(calls, n, fleet->now_s(), err);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = keep_result(db, &d[i], &calls[i], fleet->now_s(), err);
	return r;
}

int hooks_turn(struct fleet *fleet, struct db *db, struct oak_error *err)
{
	struct webhook_delivery d[AT_ONCE] = { 0 };
	int r = webhook_fan_out(db, fleet->now_s(), err), n;

	if (r < 0)
		return r;
	n = webhook_claim(db, fleet->now_s(), d, AT_ONCE, err);
	r = n > 0 ? send_due(fleet, db, d, (size_t)n, err) : n;
	for (int i = 0; i < n; i++)
		webhook_delivery_clear(&d[i]);
	return r;
}
