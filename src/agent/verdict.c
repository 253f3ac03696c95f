/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/choose.h"
#include "agent/closed.h"
#include "agent/plain-text.h"
#include "base/cleanup.h"

/* What a check looks at, and where its text goes. */
struct asked {
	const struct picture *p;
	const struct verdict_limits *limits;
	int64_t now;
	char *text; /* VERDICT_TEXT_MAX */
};

static enum verdict say(const struct asked *a, enum verdict v, const char *fmt, ...) _printf_(3, 4);

static enum verdict say(const struct asked *a, enum verdict v, const char *fmt, ...)
{
	_cleanup_(buf_free) struct buf line = { 0 };
	char raw[VERDICT_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	if (plain_line(&line, raw) == 0)
		(void)snprintf(a->text, VERDICT_TEXT_MAX, "%s", buf_str(&line));
	return v;
}

static uint32_t present(const struct picture *p)
{
	return p->level ? p->level->level : 0;
}

static enum verdict check_support(const struct asked *a)
{
	if (a->p->host.id.livepatch)
		return VERDICT_OK;
	return say(a, VERDICT_CRITICAL, "this kernel has no livepatch support (CONFIG_LIVEPATCH)");
}

static enum verdict check_settings(const struct asked *a)
{
	if (!a->p->settings_error[0])
		return VERDICT_OK;
	return say(a, VERDICT_CRITICAL, "the settings are not used: %s", a->p->settings_error);
}

static enum verdict check_complete(const struct asked *a)
{
	if (!a->p->manifest || a->p->state != LEVEL_APPLIED || a->p->complete)
		return VERDICT_OK;
	return say(a, VERDICT_CRITICAL, "not every function of level %u is redirected",
		   present(a->p));
}

/* The reason stands behind it, so that one line says all. */
static enum verdict check_missing(const struct asked *a)
{
	const struct picture *p = a->p;

	if (p->level || !p->newest)
		return VERDICT_OK;
	return say(a, VERDICT_CRITICAL, "no level is applied although level %u is published%s%s",
		   p->newest, p->n_withheld ? ": " : "", p->n_withheld ? p->withheld[0].why : "");
}

static enum verdict check_age(const struct asked *a)
{
	const struct picture *p = a->p;
	int64_t age = a->now - p->checked;
	char span[PLAIN_SPAN_MAX];

	if (!p->checked && !p->tried)
		return p->settings.repository
			       ? say(a, VERDICT_WARNING, "the repository was not asked yet")
			       : VERDICT_OK;
	if (!p->checked)
		return say(a, VERDICT_CRITICAL, "no check was ever answered: %s", p->check_error);
	if (age < 0)
		return say(a, VERDICT_WARNING,
			   "the last check lies in the future: this host's clock was set back");
	if (age <= a->limits->check_warning)
		return VERDICT_OK;
	plain_span(age, span);
	return say(a, age > a->limits->check_critical ? VERDICT_CRITICAL : VERDICT_WARNING,
		   "the last check that was answered is %s old%s%s", span,
		   p->check_error[0] ? ": " : "", p->check_error);
}

static enum verdict check_expiry(const struct asked *a)
{
	int64_t left = a->p->trust_expires - a->now;
	char span[PLAIN_SPAN_MAX];

	if (!a->p->trust_expires || left > a->limits->expiry_warning)
		return VERDICT_OK;
	plain_span(left, span);
	return left <= 0 ? say(a, VERDICT_CRITICAL, "the trusted metadata expired %s ago", span)
			 : say(a, VERDICT_WARNING, "the trusted metadata expires in %s", span);
}

static enum verdict check_last(const struct asked *a)
{
	if (!a->p->last_failed)
		return VERDICT_OK;
	return say(a, VERDICT_WARNING, "the last deed failed: %s", a->p->last_result);
}

static enum verdict check_quarantine(const struct asked *a)
{
	const struct picture *p = a->p;

	for (size_t i = 0; i < p->n_quarantine; i++)
		if (p->quarantine[i].level >= present(p))
			return say(a, VERDICT_WARNING, "level %u is quarantined: %s",
				   p->quarantine[i].level, p->quarantine[i].why);
	return VERDICT_OK;
}

static enum verdict check_withheld(const struct asked *a)
{
	const struct picture *p = a->p;
	const struct picture_withheld *w;

	if (!p->n_withheld || (!p->level && p->newest)) /* then check_missing() names it */
		return VERDICT_OK;
	w = &p->withheld[p->n_withheld - 1];
	/* That of the fleet is told with how long it lasts. */
	if (p->fleet.held_level == w->level)
		return VERDICT_OK;
	return say(a, VERDICT_WARNING, "level %u is withheld: %s", w->level, w->why);
}

static enum verdict check_transition(const struct asked *a)
{
	if (a->p->state != LEVEL_APPLYING && a->p->state != LEVEL_REVERTING)
		return VERDICT_OK;
	return say(a, VERDICT_WARNING, "level %u is %s: not every task has switched", present(a->p),
		   level_state_name(a->p->state));
}

static enum verdict check_by_hand(const struct asked *a)
{
	if (!a->p->reverted_by_hand)
		return VERDICT_OK;
	return say(a, VERDICT_WARNING, "level %u was reverted by hand: 'oakum update' applies it",
		   a->p->reverted_by_hand);
}

static enum verdict check_switched(const struct asked *a)
{
	if (!a->p->switched_off)
		return VERDICT_OK;
	return say(a, VERDICT_WARNING, "switched off by %s", a->p->switched);
}

static enum verdict check_foreign(const struct asked *a)
{
	const struct livepatch_list *l = &a->p->host.patches;

	for (size_t i = 0; i < l->n; i++)
		if (!l->patches[i].level)
			return say(a, VERDICT_WARNING, "livepatch '%s' of another tool is loaded",
				   l->patches[i].name);
	return VERDICT_OK;
}

static enum verdict check_kernel(const struct asked *a)
{
	if (!a->p->no_level)
		return VERDICT_OK;
	return say(a, VERDICT_WARNING, "the repository has no level for this kernel");
}

static enum verdict check_repository(const struct asked *a)
{
	if (a->p->settings.repository || a->p->settings_error[0])
		return VERDICT_OK;
	return say(a, VERDICT_WARNING, "no repository is set: write \"repository = URL\" into /%s",
		   SETTINGS_PATH);
}

static enum verdict check_cves(const struct asked *a)
{
	const struct picture *p = a->p;
	int64_t age = a->now - p->cve_as_of;
	char span[PLAIN_SPAN_MAX];

	if (!p->cve_records || p->settings.cves == CVES_NO || age <= VERDICT_CVES_OLD_S)
		return VERDICT_OK;
	plain_span(age, span);
	return say(a, VERDICT_WARNING, "the CVE database is %s old: %s", span,
		   p->cve_error[0]  ? p->cve_error
		   : p->cve_checked ? "the repository has no newer one"
				    : "'oakum cves --fetch' gets the newest");
}

/* Not heard of for a day: the agent asks each hour, or more often. */
#define FLEET_SILENT_S (24 * INT64_C(3600))

static enum verdict check_fleet_key(const struct asked *a)
{
	const struct picture_fleet *f = &a->p->fleet;

	if (f->broken)
		return say(a, VERDICT_CRITICAL, "the fleet: %s", f->error);
	return f->code[0] ? say(a, VERDICT_WARNING, "%s", f->error) : VERDICT_OK;
}

static enum verdict check_fleet_silent(const struct asked *a)
{
	const struct picture_fleet *f = &a->p->fleet;
	int64_t age = a->now - f->heard;
	char span[PLAIN_SPAN_MAX];

	if (!f->server[0] || age <= FLEET_SILENT_S)
		return VERDICT_OK;
	plain_span(age, span);
	return say(a, VERDICT_WARNING, "nothing was heard of the fleet's server for %s%s%s%s", span,
		   f->alone ? ": this host's own settings decide" : "", f->error[0] ? ": " : "",
		   f->error);
}

static enum verdict check_fleet_held(const struct asked *a)
{
	const struct picture_fleet *f = &a->p->fleet;
	char span[PLAIN_SPAN_MAX];

	if (!f->server[0] || !f->held_level || f->held_level <= present(a->p) || !f->held_since)
		return VERDICT_OK;
	plain_span(a->now - f->held_since, span);
	return say(a, VERDICT_WARNING, "held back by the fleet for %s: level %u (%s)", span,
		   f->held_level,
		   strncmp(f->held_why, FLEET_HELD, strlen(FLEET_HELD)) == 0
			   ? f->held_why + strlen(FLEET_HELD)
			   : f->held_why);
}

static const struct {
	const char *id;
	enum verdict (*check)(const struct asked *a);
} checks[] = {
	{ "support", check_support },
	{ "settings", check_settings },
	{ "incomplete", check_complete },
	{ "missing", check_missing },
	{ "stale", check_age },
	{ "expiry", check_expiry },
	{ "failed", check_last },
	{ "quarantined", check_quarantine },
	{ "withheld", check_withheld },
	{ "transition", check_transition },
	{ "reverted", check_by_hand },
	{ "switched-off", check_switched },
	{ "foreign", check_foreign },
	{ "no-level", check_kernel },
	{ "no-repository", check_repository },
	{ "cves-old", check_cves },
	{ "fleet-refused", check_fleet_key },
	{ "fleet-silent", check_fleet_silent },
	{ "fleet-held", check_fleet_held },
};
_Static_assert(sizeof(checks) / sizeof(checks[0]) <= VERDICT_FINDINGS_MAX, "one each");

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

	return names[v];
}

static void say_good(const struct picture *p, char ret[VERDICT_TEXT_MAX])
{
	_cleanup_(closed_free) struct closed c = { 0 };

	if (!p->level) {
		(void)snprintf(ret, VERDICT_TEXT_MAX, "no level");
		return;
	}
	if (p->state != LEVEL_APPLIED || !p->manifest || closed_of(p, &c, NULL) < 0) {
		(void)snprintf(ret, VERDICT_TEXT_MAX, "level %u is %s", present(p),
			       level_state_name(p->state));
		return;
	}
	(void)snprintf(ret, VERDICT_TEXT_MAX, "level %u is applied, %zu CVE%s closed", present(p),
		       c.n, c.n == 1 ? " is" : "s are");
}

void verdict_of(const struct picture *p, const struct verdict_limits *limits, int64_t now_s,
		struct verdict_report *ret)
{
	*ret = (struct verdict_report){ .worst = VERDICT_OK };
	say_good(p, ret->good);
	for (int want = VERDICT_CRITICAL; want > VERDICT_OK; want--) {
		for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
			struct verdict_finding *f = &ret->findings[ret->n];
			const struct asked a = { p, limits, now_s, f->text };

			f->id = checks[i].id;
			f->verdict = checks[i].check(&a);
			if ((int)f->verdict == want)
				ret->n++;
		}
	}
	if (ret->n < VERDICT_FINDINGS_MAX)
		ret->findings[ret->n] = (struct verdict_finding){ 0 };
	if (ret->n)
		ret->worst = ret->findings[0].verdict;
}

/* '|' begins the figures, so it has no place in the text. */
static int add_text(struct buf *b, const char *text)
{
	size_t from = b->len;
	int r = buf_add_str(b, text);

	for (size_t i = from; r == 0 && i < b->len; i++)
		if (b->data[i] == '|')
			b->data[i] = '/';
	return r;
}

static int add_figures(const struct picture *p, const struct verdict_limits *limits, int64_t now_s,
		       struct buf *b)
{
	_cleanup_(closed_free) struct closed c = { 0 };
	int r = closed_of(p, &c, NULL);

	if (r == 0)
		r = buf_printf(b,
			       " | level=%u newest=%u cves=%zu withheld=%zu quarantined=%zu "
			       "containers=%zu",
			       present(p), p->newest, c.n, p->n_withheld, p->n_quarantine,
			       p->containers);
	if (r == 0 && p->checked)
		r = buf_printf(b, " check_age=%" PRId64 "s;%" PRId64 ";%" PRId64 ";0",
			       now_s > p->checked ? now_s - p->checked : 0, limits->check_warning,
			       limits->check_critical);
	/* "300:" alerts below 300. */
	if (r == 0 && p->trust_expires)
		r = buf_printf(b,
			       " trust_left=%" PRId64 "s;%" PRId64 ":;0:", p->trust_expires - now_s,
			       limits->expiry_warning);
	return r;
}

int verdict_nagios(const struct picture *p, const struct verdict_report *v,
		   const struct verdict_limits *limits, int64_t now_s, struct buf *ret,
		   struct oak_error *err)
{
	int r = buf_printf(ret, "OAKUM %s - ", verdict_name(v->worst));

	for (size_t i = 0; i < v->n && r == 0; i++) {
		r = add_text(ret, v->findings[i].text);
		if (r == 0)
			r = buf_add_str(ret, "; ");
	}
	if (r == 0)
		r = add_text(ret, v->good);
	if (r == 0)
		r = add_figures(p, limits, now_s, ret);
	if (r == 0)
		r = buf_add_str(ret, "\n");
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
