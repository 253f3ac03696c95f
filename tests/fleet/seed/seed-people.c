/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people leave behind: tokens, entries in the log of actions, events, a webhook. */
#include <string.h>

#include "base/cleanup.h"
#include "fleet/http/http.h"
#include "fleet/store/audit.h"
#include "fleet/store/event.h"
#include "fleet/store/tokens.h"
#include "fleet/store/webhooks.h"
#include "seed.h"

#define HOUR 3600
#define DAY  INT64_C(86400)

static int tokens(struct seed *s, struct oak_error *err)
{
	const struct api_token_new all[] = {
		{ .name = "ci", .scopes = SCOPE_READ | SCOPE_ROLLOUTS },
		{ .name = "grafana", .scopes = SCOPE_METRICS },
		{ .name = "gone", .scopes = SCOPE_READ, .expires_s = s->now_s - DAY },
		{ .name = seed_text(s, 0, "inventory"),
		  .scopes = SCOPE_READ,
		  .expires_s = s->now_s + 20 * DAY },
	};
	char secret[TOKEN_TEXT_MAX];
	int r = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && r == 0; i++) {
		_cleanup_(json_decrefp) json_t *made = NULL;

		r = api_token_create(s->db, &all[i], s->now_s - 40 * DAY, secret, &made, err);
	}
	return r;
}

static int webhook(struct seed *s, struct oak_error *err)
{
	_cleanup_(json_decrefp)
		json_t *types = json_pack("[s, s]", "rollout.halted", "host.cloned");
	_cleanup_(json_decrefp) json_t *made = NULL;
	/* Nobody listens there. */
	const struct webhook_new w = { .url = "https://chat.example/hooks/1",
				       .secret = "0123456789abcdef",
				       .who = "token:ci",
				       .events = types };

	return types ? webhook_create(s->db, &w, s->now_s - 30 * DAY, &made, err)
		     : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int deeds(struct seed *s, struct oak_error *err)
{
	static const struct {
		const char *who, *action;
	} what[] = {
		{ "user:ada", "host.change" },    { "token:ci", "enrol-token.create" },
		{ "user:grace", "token.create" }, { "server", "host.silent" },
		{ "user:ada", "fleet.stop" },     { "user:ada", "fleet.lift" },
		{ "console", "user.create" },
	};
	const size_t kinds = sizeof(what) / sizeof(what[0]);
	const uint32_t n = s->hosts < 100 ? 20 : 400;
	int r = 0;

	for (uint32_t i = 0; i < n && r == 0; i++) {
		struct seed_host h;
		_cleanup_(json_decrefp) json_t *detail = NULL;
		const int64_t at_s = s->now_s - (int64_t)(n - i) * HOUR;

		seed_host(s, i % s->hosts, &h);
		detail = json_pack("{s:s, s:s}", "name", h.name, "why", seed_text(s, i, "planned"));
		r = audit_add(s->db,
			      &(const struct audit_entry){ .who = what[i % kinds].who,
							   .action = what[i % kinds].action,
							   .subject = h.id,
							   .detail = detail,
							   .at_s = at_s },
			      err);
		/* Events are kept for a day. */
		if (r == 0 && at_s > s->now_s - DAY)
			r = event_add(s->db,
				      &(const struct event){ .type = i % 3 ? "host.enrolled"
									   : "host.failed",
							     .subject = h.id,
							     .data = detail,
							     .at_s = at_s },
				      err);
	}
	return r;
}

int seed_people(struct seed *s, struct oak_error *err)
{
	int r = db_begin(s->db, err);

	if (r == 0)
		r = tokens(s, err);
	if (r == 0)
		r = webhook(s, err);
	if (r == 0)
		r = deeds(s, err);
	return r < 0 ? r : db_commit(s->db, err);
}
