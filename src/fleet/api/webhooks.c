/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/webhooks.h"

#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "base/json.h"
#include "fleet/api/api.h"
#include "fleet/api/routes.h"
#include "fleet/hooks/address.h"
#include "fleet/hooks/format.h"

#define SECRET_BYTES 32

static int run_list(struct api_call *c, struct oak_error *err)
{
	json_t *list = NULL;
	int r = webhook_list(c->db, &list, err);

	return r < 0 ? r : api_page(c, "webhooks", list, NULL, err);
}
API_ROUTE(webhooks_list, .run = run_list)

static int run_get(struct api_call *c, struct oak_error *err)
{
	json_t *webhook = NULL;
	int r = webhook_get(c->db, c->req->params[0], &webhook, err);

	return r < 0 ? r : api_give(c, webhook, err);
}
API_ROUTE(webhooks_get, .run = run_get)

/* Words of letters, digits, '-' and '.', with at most one '*', at the end. */
static int check_events(const json_t *events, struct oak_error *err)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		const char *type = json_string_value(json_array_get(events, i));
		size_t len = type ? strlen(type) : 0;
		size_t span = len ? strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789-.") : 0;

		if (!len || len > API_NAME_MAX || (span != len && strcmp(type + span, "*") != 0))
			return oak_fail(err, OAK_E_FORMAT,
					"events[%zu]: must be a type such as \"rollout.halted\","
					" \"rollout.*\" or \"*\"",
					i);
	}
	if (json_array_size(events) < 1 || json_array_size(events) > 32)
		return oak_fail(err, OAK_E_FORMAT, "events: must be a list of 1 to 32 types");
	return 0;
}

static int check_url(const char *url, struct oak_error *err)
{
	bool loopback;

	return hook_url_check(url, &loopback, err);
}

/*
 * What the audit log says of it: never the secret, and of the URL who is called alone: the address that a
 * chat service gives out is a secret by itself, down to its path.
 */
static json_t *detail_of(const char *url, const char *format, const json_t *events)
{
	const char *host = url ? strstr(url, "://") : NULL;
	size_t len = host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;

	return json_pack("{s:o*, s:s*, s:O*}", "url", len ? json_stringn(url, len) : NULL, "format",
			 format, "events", events);
}

static int check_format(const char *format, struct oak_error *err)
{
	if (!format || hook_format_known(format))
		return 0;
	return oak_fail(err, OAK_E_FORMAT, "format: must be " HOOK_FORMATS);
}

static const struct api_member create_members[] = {
	{ .name = "url", .type = API_TEXT, .required = true, .min = 1, .max = WEBHOOK_URL_MAX },
	{ .name = "events", .type = API_ANY, .required = true },
	{ .name = "format", .type = API_TEXT, .max = API_NAME_MAX },
	{ .name = "secret", .type = API_TEXT, .min = 16, .max = WEBHOOK_SECRET_MAX - 1 },
	{ NULL },
};

static void random_secret(char ret[2 * SECRET_BYTES + 1])
{
	uint8_t bytes[SECRET_BYTES];

	randombytes_buf(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), ret);
}

static int run_create(struct api_call *c, struct oak_error *err)
{
	char made[2 * SECRET_BYTES + 1];
	const char *secret = api_text(c, "secret"), *format = api_text(c, "format");
	struct webhook_new w = { .url = api_text(c, "url"),
				 .who = c->req->who,
				 .format = format ? format : "event",
				 .events = json_object_get(c->body, "events") };
	struct api_deed deed = { .action = "webhook.create" };
	json_t *webhook = NULL;
	int r = check_url(w.url, err);

	random_secret(made);
	w.secret = secret ? secret : made;
	if (r == 0)
		r = check_events(w.events, err);
	if (r == 0)
		r = check_format(w.format, err);
	if (r == 0)
		r = webhook_create(c->db, &w, c->req->now_s, &webhook, err);
	if (r == 0)
		r = api_give(c, webhook, err);
	if (r < 0)
		return r;
	if (json_object_set_new(webhook, "secret", json_string(w.secret)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	c->status = 201;
	deed.subject = json_get_str(webhook, "id");
	deed.detail = detail_of(w.url, w.format, w.events);
	return api_did(c, &deed, err);
}
API_ROUTE(webhooks_create, .run = run_create, .members = create_members, .writes = true,
	  .secret = "secret")

static const struct api_member change_members[] = {
	{ .name = "url", .type = API_TEXT, .min = 1, .max = WEBHOOK_URL_MAX },
	{ .name = "events", .type = API_ANY },
	{ .name = "format", .type = API_TEXT, .max = API_NAME_MAX },
	{ .name = "active", .type = API_BOOL },
	{ NULL },
};

static int run_change(struct api_call *c, struct oak_error *err)
{
	const json_t *active = json_object_get(c->body, "active");
	struct webhook_change change = { .url = api_text(c, "url"),
					 .format = api_text(c, "format"),
					 .events = json_object_get(c->body, "events"),
					 .active = json_is_boolean(active) ? json_is_true(active)
									   : -1 };
	struct api_deed deed = { .action = "webhook.change", .subject = c->req->params[0] };
	int r = change.url ? check_url(change.url, err) : 0;

	if (json_is_null(change.events))
		change.events = NULL;
	if (r == 0 && change.events)
		r = check_events(change.events, err);
	if (r == 0)
		r = check_format(change.format, err);
	if (r == 0)
		r = webhook_change(c->db, c->req->params[0], &change, err);
	if (r < 0)
		return r;
	deed.detail = detail_of(change.url, change.format, change.events);
	r = api_did(c, &deed, err);
	return r < 0 ? r : run_get(c, err);
}
API_ROUTE(webhooks_change, .run = run_change, .current = run_get, .members = change_members,
	  .writes = true)

static int run_delete(struct api_call *c, struct oak_error *err)
{
	const struct api_deed deed = { .action = "webhook.delete", .subject = c->req->params[0] };
	int r = webhook_delete(c->db, c->req->params[0], err);

	return r < 0 ? r : api_did(c, &deed, err);
}
API_ROUTE(webhooks_delete, .run = run_delete, .writes = true)

static int run_test(struct api_call *c, struct oak_error *err)
{
	const struct api_deed deed = { .action = "webhook.test", .subject = c->req->params[0] };
	char id[WEBHOOK_ID_MAX];
	int r = webhook_test(c->db, c->req->params[0], c->req->now_s, id, err);

	if (r == 0)
		r = api_did(c, &deed, err);
	c->status = r < 0 ? 0 : 202;
	return r < 0 ? r : api_give(c, json_pack("{s:s}", "delivery", id), err);
}
API_ROUTE(webhooks_test, .run = run_test, .writes = true)

static int run_deliveries(struct api_call *c, struct oak_error *err)
{
	json_t *list = NULL;
	unsigned limit = 0;
	int r = api_limit(c, &limit, err);

	if (r == 0)
		r = webhook_deliveries(c->db, c->req->params[0], limit, &list, err);
	return r < 0 ? r : api_page(c, "deliveries", list, NULL, err);
}
API_ROUTE(webhooks_deliveries, .run = run_deliveries, .query = api_query_limit)
