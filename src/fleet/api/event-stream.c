/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fleet/api/api.h"
#include "fleet/api/event-hub.h"
#include "fleet/api/routes.h"
#include "fleet/fleet.h"

const struct route_query api_query_stream[] = {
	{ "type", "only these: \"rollout.halted\", \"rollout.*\"", "string" },
	{ "after", "those after this number first; as the header Last-Event-ID", "integer" },
	{ NULL },
};

/* Decimal digits, at most 18; -1: from now on. */
static int after_of(const struct http_request *req, int64_t *ret, struct oak_error *err)
{
	const char *text = http_header(req, "last-event-id");

	if (!text || !text[0])
		text = http_query(req, "after");
	*ret = -1;
	if (!text)
		return 0;
	if (!text[0] || strlen(text) > 18 || text[strspn(text, "0123456789")])
		return oak_fail(err, OAK_E_USAGE, "Last-Event-ID: must be the number of an event");
	for (*ret = 0; *text; text++)
		*ret = *ret * 10 + (*text - '0');
	return 0;
}

void api_events_stream(struct worker_seat *seat, const struct http_request *req,
		       struct http_response *res, struct stream *s)
{
	struct event_wish wish = { .type = http_query(req, "type"), .now_s = req->now_s };
	struct oak_error err = { .code = OAK_OK };
	int r = api_check_query(req, api_query_stream, &err);

	if (r == 0)
		r = after_of(req, &wish.after, &err);
	if (r == 0 && wish.type && strlen(wish.type) > API_NAME_MAX)
		r = oak_fail(&err, OAK_E_USAGE, "type: longer than %d bytes", API_NAME_MAX);
	if (r == 0)
		r = event_hub_join(seat->fleet->events, seat->db, s, &wish, &err);
	if (r == -OAK_E_USAGE)
		http_problem(req, res, 400, "invalid", "%s", err.msg);
	else if (r < 0)
		http_fail(req, res, &err);
}
