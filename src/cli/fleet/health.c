/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/fleet/health.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

struct state {
	const struct fleet_limits *limits;
	enum fleet_health worst;
	struct buf text; /* findings, with "; " between them */
	int r;           /* the first failure */
};

static _printf_(3, 4) void tell(struct state *s, enum fleet_health h, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f || *p == '|')
			*p = '?';
	if (h > s->worst)
		s->worst = h;
	if (s->r == 0 && s->text.len)
		s->r = buf_add_str(&s->text, "; ");
	if (s->r == 0)
		s->r = buf_add_str(&s->text, text);
}

static long long number(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_get_str(object, name);

	return text ? text : "";
}

/* In one order, so that the same state has the same line. */
static const struct {
	const char *phase, *words;
	enum fleet_health health;
} phases[] = {
	{ "halted", "is halted", FLEET_CRITICAL },
	{ "paused", "is paused", FLEET_WARNING },
	{ "pending-approval", "waits for approval", FLEET_OK },
	{ "running", "is running", FLEET_OK },
};

static void tell_rollouts(struct state *s, const json_t *rollouts)
{
	const json_t *rollout;
	size_t i;

	for (size_t k = 0; k < sizeof(phases) / sizeof(phases[0]); k++)
		json_array_foreach(rollouts, i, rollout)
		{
			const char *why = text_of(rollout, "why");

			if (strcmp(text_of(rollout, "phase"), phases[k].phase) != 0)
				continue;
			tell(s, phases[k].health, "rollout %.64s %s%s%.160s",
			     text_of(rollout, "name"), phases[k].words, why[0] ? ": " : "", why);
		}
}

static void tell_hosts(struct state *s, const json_t *hosts, long long critical)
{
	long long total = number(hosts, "total"), silent = number(hosts, "silent");
	enum fleet_health h = FLEET_OK;

	if (silent > 0 && silent * 100 >= total * s->limits->critical)
		h = FLEET_CRITICAL;
	else if (silent > 0 && silent * 100 >= total * s->limits->warning)
		h = FLEET_WARNING;
	if (h != FLEET_OK)
		tell(s, h, "%lld of %lld hosts are silent", silent, total);
	if (critical > 0)
		tell(s, FLEET_WARNING, "%lld hosts call their own state critical", critical);
}

static long long at_least(long long total, unsigned percent)
{
	return (total * percent + 99) / 100;
}

static int put_line(const struct state *s, const json_t *hosts, long long critical, struct buf *ret)
{
	static const char *const names[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
	long long total = number(hosts, "total");
	int r = buf_printf(ret, "OAKUM FLEET %s - %s%s%lld hosts", names[s->worst],
			   buf_str(&s->text), s->text.len ? "; " : "", total);

	return r ? r
		 : buf_printf(
			   ret,
			   " | hosts=%lld;;;0; silent=%lld;%lld;%lld;0;%lld critical=%lld;;;0;%lld\n",
			   total, number(hosts, "silent"), at_least(total, s->limits->warning),
			   at_least(total, s->limits->critical), total, critical, total);
}

int fleet_health_line(const json_t *overview, const struct fleet_limits *limits, struct buf *ret,
		      enum fleet_health *ret_health, struct oak_error *err)
{
	const json_t *hosts = json_object_get(overview, "hosts");
	const json_t *stop = json_object_get(overview, "stop");
	const json_t *verdicts = json_object_get(json_object_get(hosts, "by"), "verdict");
	long long critical = number(verdicts, "critical");
	struct state s = { .limits = limits };
	int r;

	if (!json_is_integer(json_object_get(hosts, "total")))
		return oak_fail(err, OAK_E_FORMAT, "the answer is no overview of a fleet");
	if (json_is_true(json_object_get(stop, "stopped")))
		tell(&s, FLEET_CRITICAL, "emergency stop by %.64s: %.255s", text_of(stop, "who"),
		     text_of(stop, "why"));
	tell_rollouts(&s, json_object_get(overview, "rollouts"));
	tell_hosts(&s, hosts, critical);
	r = s.r ? s.r : put_line(&s, hosts, critical, ret);
	buf_free(&s.text);
	if (r)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret_health = s.worst;
	return 0;
}
