/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits: who may ask how often. Polls that are answered from memory cost as little as a refusal, so they are not
 * counted. Counted is what costs the database something: by the client's network; by host, together with the
 * network (whose word the id is nobody knows before its signature is checked, and nobody shall use up
 * another's share); by API token; and tries with wrong tokens. This machine's own addresses are free of the limits by
 * network: a whole test fleet may live there.
 */
#include <stdio.h>

#include "base/clock.h"
#include "fleet/http/forwarded.h"
#include "fleet/http/listener-priv.h"

enum limit_kind {
	LIMIT_NETWORK,
	LIMIT_HOST,
	LIMIT_TOKEN,
	LIMIT_FAILURE,
};

static void refuse(struct exchange *x, unsigned wait_s)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", wait_s);
	(void)!http_set_header(&x->res, "Retry-After", text);
	http_problem(&x->req, &x->res, 429, "rate-limited", "too many requests; wait %u seconds",
		     wait_s);
	x->state = EXCHANGE_ANSWERED;
}

static bool take(struct exchange *x, const struct rate_rule *rule, const char *name)
{
	unsigned wait = rates_take(x->listener->rates, rule, name, clock_now_ns());

	if (wait)
		refuse(x, wait);
	return !wait;
}

bool limits_before(struct exchange *x)
{
	const struct listener_limits *m = &x->listener->opt.limits;
	const struct rate_rule by_network = { LIMIT_NETWORK, m->network_per_s,
					      m->network_per_s * 5 };
	const struct rate_rule by_host = { LIMIT_HOST, m->host_per_s, m->host_per_s * 10 };
	const struct rate_rule failures = { LIMIT_FAILURE, m->failures_per_s,
					    m->failures_per_s * 60 };
	const char *host = http_header(&x->req, "oakum-host");
	char network[48], name[128];
	bool free_here = address_is_loopback(x->req.peer) && !m->count_loopback;
	unsigned wait;

	address_network(x->req.peer, network);
	wait = free_here ? 0 : rates_look(x->listener->rates, &failures, network, clock_now_ns());
	if (wait) {
		refuse(x, wait);
		return false;
	}
	if (!free_here && !take(x, &by_network, network))
		return false;
	(void)snprintf(name, sizeof(name), "%s %.64s", network, host ? host : "");
	return !host || take(x, &by_host, name);
}

bool limits_token(struct exchange *x)
{
	uint32_t per_s = x->listener->opt.limits.token_per_s;

	return take(x, &(struct rate_rule){ LIMIT_TOKEN, per_s, per_s * 5 }, x->req.who);
}

void limits_failed(struct exchange *x)
{
	uint32_t per_s = x->listener->opt.limits.failures_per_s;
	char network[48];

	address_network(x->req.peer, network);
	(void)rates_take(x->listener->rates,
			 &(struct rate_rule){ LIMIT_FAILURE, per_s, per_s * 60 }, network,
			 clock_now_ns());
}
