/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit-log: who did what, and what has happened. */
#include <inttypes.h>

#include "fleet/api/api.h"
#include "fleet/api/routes.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"

const struct route_query api_query_audit[] = {
	{ "subject", "of this host, rollout or token", "string" },
	{ "before", "older than the entry with this number", "integer" },
	{ "limit", "at most so many, 1 to 1000; otherwise 100", "integer" },
	{ NULL },
};

const struct route_query api_query_events[] = {
	{ "after", "newer than the event with this number", "integer" },
	{ "limit", "at most so many, 1 to 1000; otherwise 100", "integer" },
	{ NULL },
};

/* The number of the last entry as a cursor, where the page is full; on the heap. */
static int next_of(const json_t *list, unsigned limit, char **ret, struct oak_error *err)
{
	size_t n = json_array_size(list);
	_cleanup_(buf_free) struct buf b = { 0 };

	if (n < limit)
		return 0;
	if (buf_printf(&b, "%" JSON_INTEGER_FORMAT,
		       json_integer_value(
			       json_object_get(json_array_get(list, n - 1), "sequence"))) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = (char *)buf_take(&b, NULL);
	return 0;
}

static int run_audit(struct api_call *c, struct oak_error *err)
{
	struct audit_page page = { .subject = http_query(c->req, "subject"),
				   .before = api_query_number(c, "before", 0) };
	_cleanup_(json_decrefp) json_t *list = NULL;
	char *next = NULL;
	int r = api_limit(c, &page.limit, err);

	if (r == 0)
		r = audit_list(c->db, &page, &list, err);
	if (r == 0)
		r = next_of(list, page.limit, &next, err);
	return r < 0 ? r : api_page(c, "entries", take_ptr(list), next, err);
}
API_ROUTE(audit_list, .run = run_audit, .query = api_query_audit)

static int run_verify(struct api_call *c, struct oak_error *err)
{
	struct oak_error broken = { .code = OAK_OK };
	uint64_t entries = 0;
	int r = audit_verify(c->db, &entries, &broken);

	if (r < 0 && r != -OAK_E_TRUST) {
		*err = broken;
		return r;
	}
	return api_give(c,
			json_pack("{s:b, s:I, s:s}", "good", r == 0, "entries", (json_int_t)entries,
				  "why", r < 0 ? broken.msg : ""),
			err);
}
API_ROUTE(audit_verify, .run = run_verify)

static int run_events(struct api_call *c, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	unsigned limit = 0;
	char *next = NULL;
	int r = api_limit(c, &limit, err);

	if (r == 0)
		r = event_list(c->db, api_query_number(c, "after", 0), limit, &list, err);
	if (r == 0)
		r = next_of(list, limit, &next, err);
	return r < 0 ? r : api_page(c, "events", take_ptr(list), next, err);
}
API_ROUTE(events_list, .run = run_events, .query = api_query_events)
