/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/choose.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/window.h"
#include "host/settings-value.h"
#include "trust/date.h"

#define WHY_SHOWN 200 /* of what a publisher wrote */

const char *policy_reason_name(enum policy_reason reason)
{
	static const char *const names[] = {
		[POLICY_TAKEN] = "taken",       [POLICY_WITHDRAWN] = "withdrawn",
		[POLICY_HELD] = "held",         [POLICY_QUARANTINED] = "quarantined",
		[POLICY_SKIP] = "skip",         [POLICY_PIN] = "pin",
		[POLICY_REVERTED] = "reverted", [POLICY_SEVERITY] = "severity",
		[POLICY_DELAY] = "delay",       [POLICY_FLEET] = "fleet",
		[POLICY_REPORT] = "report",     [POLICY_WINDOW] = "windows",
	};

	return names[reason];
}

/* What one decision looks at. */
struct chooser {
	const struct settings *s;
	const struct levels *list;
	const struct policy_now *now;
	const struct levels_entry *present; /* NULL: none, or the list does not know it */
	bool leaving;                       /* the present one was withdrawn */
};

/* What is wanted of one level, or of the change: filled in by the first that objects. */
typedef enum policy_reason objection(const struct chooser *c, const struct levels_entry *e,
				     struct policy_withheld *w);

static enum policy_reason withdrawn(const struct chooser *c, const struct levels_entry *e,
				    struct policy_withheld *w)
{
	(void)c;
	if (!e->withdrawn_why)
		return POLICY_TAKEN;
	(void)snprintf(w->text, sizeof(w->text), "withdrawn by its publisher: %.*s", WHY_SHOWN,
		       e->withdrawn_why);
	return POLICY_WITHDRAWN;
}

static enum policy_reason held(const struct chooser *c, const struct levels_entry *e,
			       struct policy_withheld *w)
{
	(void)c;
	if (!e->held_why)
		return POLICY_TAKEN;
	(void)snprintf(w->text, sizeof(w->text), "held by its publisher: %.*s", WHY_SHOWN,
		       e->held_why);
	return POLICY_HELD;
}

static enum policy_reason quarantined(const struct chooser *c, const struct levels_entry *e,
				      struct policy_withheld *w)
{
	for (size_t i = 0; i < c->now->n_quarantined; i++) {
		if (c->now->quarantined[i] != e->level)
			continue;
		(void)snprintf(w->text, sizeof(w->text),
			       "quarantined on this host: it did harm here");
		return POLICY_QUARANTINED;
	}
	return POLICY_TAKEN;
}

/* The listed word of a fix, or NULL. */
static const char *skipped_fix(const struct chooser *c, const struct levels_fix *fix)
{
	if (settings_lists(c->s->skip, fix->id))
		return fix->id;
	for (size_t i = 0; i < json_array_size(fix->cve); i++) {
		const char *cve = json_string_value(json_array_get(fix->cve, i));

		if (settings_lists(c->s->skip, cve))
			return cve;
	}
	return NULL;
}

static enum policy_reason skipped(const struct chooser *c, const struct levels_entry *e,
				  struct policy_withheld *w)
{
	const char *word = NULL;
	char level[16];

	if (!c->s->skip)
		return POLICY_TAKEN;
	(void)snprintf(level, sizeof(level), "%u", e->level);
	if (settings_lists(c->s->skip, level))
		word = level;
	for (size_t i = 0; !word && i < c->list->n_fixes; i++)
		if (levels_fix_in(&c->list->fixes[i], e->level))
			word = skipped_fix(c, &c->list->fixes[i]);
	if (!word)
		return POLICY_TAKEN;
	(void)snprintf(w->text, sizeof(w->text), "skip lists %s", word);
	return POLICY_SKIP;
}

static enum policy_reason pinned_to_day(const struct chooser *c, const struct levels_entry *e,
					struct policy_withheld *w)
{
	int64_t since = levels_since(e, c->s->channel);
	char pin[VALUE_TEXT_MAX], date[DATE_TEXT_MAX];

	if (since && since <= c->s->pin.until_s)
		return POLICY_TAKEN;
	pin_format(&c->s->pin, pin);
	date_format(since, date);
	if (since)
		(void)snprintf(w->text, sizeof(w->text), "pinned to %s; published %.10s", pin, date);
	else
		(void)snprintf(w->text, sizeof(w->text),
			       "pinned to %s; the list does not say when it was published", pin);
	return POLICY_PIN;
}

/* Whoever leaves a level that was withdrawn may go below the pin, never above. */
static enum policy_reason pinned(const struct chooser *c, const struct levels_entry *e,
				 struct policy_withheld *w)
{
	uint32_t level = c->s->pin.level;

	if (c->s->pin.until_s)
		return pinned_to_day(c, e, w);
	if (!level || e->level == level || (c->leaving && e->level < level))
		return POLICY_TAKEN;
	(void)snprintf(w->text, sizeof(w->text), "pinned to level %u", level);
	return POLICY_PIN;
}

static enum policy_reason reverted(const struct chooser *c, const struct levels_entry *e,
				   struct policy_withheld *w)
{
	if (c->now->by_hand || e->level > c->now->reverted_by_hand)
		return POLICY_TAKEN;
	(void)snprintf(w->text, sizeof(w->text),
		       "level %u was reverted by hand; 'oakum update' takes it",
		       c->now->reverted_by_hand);
	return POLICY_REVERTED;
}

/* A fix of which nothing is said counts. */
static bool adds_grave_fix(const struct chooser *c, const struct levels_entry *e)
{
	for (size_t i = 0; i < c->list->n_fixes; i++) {
		const struct levels_fix *fix = &c->list->fixes[i];
		uint32_t rank;

		if (!levels_fix_in(fix, e->level) ||
		    (c->now->present && levels_fix_in(fix, c->now->present)))
			continue;
		if (!fix->severity || severity_parse(fix->severity, &rank) < 0 ||
		    rank >= c->s->severity)
			return true;
	}
	return false;
}

static bool is_pinned_level(const struct chooser *c, const struct levels_entry *e)
{
	return c->s->pin.level && e->level == c->s->pin.level;
}

static enum policy_reason not_grave(const struct chooser *c, const struct levels_entry *e,
				    struct policy_withheld *w)
{
	/* Going back is not for what a level adds. */
	if (c->s->severity == SEVERITY_LOW || c->now->by_hand || c->leaving ||
	    is_pinned_level(c, e) || e->level < c->now->present || adds_grave_fix(c, e))
		return POLICY_TAKEN;
	(void)snprintf(w->text, sizeof(w->text), "below severity = %s",
		       severity_names[c->s->severity]);
	return POLICY_SEVERITY;
}

static enum policy_reason delayed(const struct chooser *c, const struct levels_entry *e,
				  struct policy_withheld *w)
{
	int64_t since = levels_since(e, c->s->channel), until;
	char delay[VALUE_TEXT_MAX], date[DATE_TEXT_MAX];

	if (!since || c->now->by_hand || is_pinned_level(c, e))
		return POLICY_TAKEN;
	until = since + (int64_t)c->s->delay_s;
	if (c->s->delay_s == 0 || c->now->now_s >= until)
		return POLICY_TAKEN;
	duration_format(c->s->delay_s, delay);
	date_format(until, date);
	(void)snprintf(w->text, sizeof(w->text), "held until %s by delay = %s", date, delay);
	w->until_s = until;
	return POLICY_DELAY;
}

/* Who asks by hand is held too: the fleet's stop is meant for everybody at the host. */
static enum policy_reason held_by_fleet(const struct chooser *c, const struct levels_entry *e,
					struct policy_withheld *w)
{
	const struct policy_fleet *f = c->now->fleet;
	char why[POLICY_TEXT_MAX] = "";

	if (!f || !f->holds(f->ctx, e->level, why))
		return POLICY_TAKEN;
	(void)snprintf(w->text, sizeof(w->text), FLEET_HELD "%.*s", WHY_SHOWN, why);
	return POLICY_FLEET;
}

/* Of one level. What will not go away by itself is told first. */
static enum policy_reason judge(const struct chooser *c, const struct levels_entry *e,
				struct policy_withheld *w)
{
	static objection *const objections[] = {
		withdrawn, held,      quarantined, skipped,       pinned,
		reverted,  not_grave, delayed,     held_by_fleet,
	};

	*w = (struct policy_withheld){ .level = e->level };
	for (size_t i = 0; i < sizeof(objections) / sizeof(objections[0]) && !w->reason; i++)
		w->reason = objections[i](c, e, w);
	return w->reason;
}

static void local_time(int64_t at, char *ret, size_t size)
{
	time_t t = (time_t)at;
	struct tm tm;

	if (!localtime_r(&t, &tm) || strftime(ret, size, "%a %Y-%m-%d %H:%M %Z", &tm) == 0)
		ret[0] = '\0';
}

/* Of the change as a whole. */
static enum policy_reason judge_change(const struct chooser *c, struct policy_withheld *w)
{
	const struct settings *s = c->s;
	char next[64];

	if (c->now->by_hand)
		return POLICY_TAKEN;
	if (s->apply == APPLY_REPORT) {
		(void)snprintf(w->text, sizeof(w->text), "apply = report; 'oakum update' takes it");
		return POLICY_REPORT;
	}
	if (c->leaving || window_open(s->windows, s->n_windows, c->now->now_s))
		return POLICY_TAKEN;
	w->until_s = window_next(s->windows, s->n_windows, c->now->now_s);
	local_time(w->until_s, next, sizeof(next));
	(void)snprintf(w->text, sizeof(w->text),
		       "outside the maintenance windows; the next begins %s", next);
	return POLICY_WINDOW;
}

static void withhold(struct policy_choice *ret, const struct policy_withheld *w)
{
	if (w->until_s && (ret->next_s == 0 || w->until_s < ret->next_s))
		ret->next_s = w->until_s;
	if (ret->n_withheld == POLICY_WITHHELD_MAX)
		ret->n_more++;
	else
		ret->withheld[ret->n_withheld++] = *w;
}

static bool is_offered(const struct chooser *c, const struct levels_entry *e)
{
	return !c->s->channel || levels_in_channel(e, c->s->channel);
}

/* Is the present level one that the pin would have this host leave for a lower one? */
static bool above_pin(const struct chooser *c)
{
	const struct settings_pin *pin = &c->s->pin;

	if (c->leaving)
		return false;
	if (pin->level)
		return c->now->present > pin->level;
	return pin->until_s && c->present && levels_since(c->present, c->s->channel) > pin->until_s;
}

/* The newest that nothing stands against; what is newer is withheld, if it is not there already. */
static const struct levels_entry *newest(const struct chooser *c, struct policy_choice *ret)
{
	bool downwards = c->leaving || above_pin(c);

	for (size_t i = c->list->n; i-- > 0;) {
		const struct levels_entry *e = &c->list->entries[i];
		struct policy_withheld w;

		if (e->level <= c->now->present && !downwards)
			return NULL;
		if (!is_offered(c, e) || e->level == c->now->present)
			continue;
		if (judge(c, e, &w) == POLICY_TAKEN)
			return e;
		if (e->level > c->now->present || is_pinned_level(c, e))
			withhold(ret, &w);
	}
	return NULL;
}

/* Why the change is made, where it is not just that something newer came. */
static void explain(const struct chooser *c, struct policy_choice *ret)
{
	char delay[VALUE_TEXT_MAX], pin[VALUE_TEXT_MAX];

	if (c->leaving) {
		(void)snprintf(ret->why, sizeof(ret->why), "level %u was withdrawn: %.*s",
			       c->present->level, WHY_SHOWN, c->present->withdrawn_why);
	} else if (ret->wanted && ret->wanted->level < c->now->present) {
		pin_format(&c->s->pin, pin);
		(void)snprintf(ret->why, sizeof(ret->why), "pinned to %s%s",
			       c->s->pin.level ? "level " : "", pin);
	} else if (ret->wanted && c->s->delay_s && !c->now->by_hand &&
		   !levels_since(ret->wanted, c->s->channel)) {
		duration_format(c->s->delay_s, delay);
		(void)snprintf(ret->why, sizeof(ret->why),
			       "delay = %s cannot hold level %u: the list does not say when it "
			       "was published",
			       delay, ret->wanted->level);
	}
}

/* A pin that nothing can follow is told: the host stays where it is. */
static void explain_pin(const struct chooser *c, struct policy_choice *ret)
{
	const struct levels_entry *e = levels_entry(c->list, c->s->pin.level);
	char pin[VALUE_TEXT_MAX];

	pin_format(&c->s->pin, pin);
	if (c->s->pin.level == c->now->present && c->now->present)
		return;
	if (e && !is_offered(c, e))
		(void)snprintf(ret->why, sizeof(ret->why),
			       "pinned to level %u, which is not in channel %s", e->level,
			       c->s->channel);
	else if (c->s->pin.level && !e)
		(void)snprintf(ret->why, sizeof(ret->why),
			       "pinned to level %u, which the repository does not have",
			       c->s->pin.level);
	else if (above_pin(c))
		(void)snprintf(ret->why, sizeof(ret->why),
			       "pinned to %s%s, but no level there can be taken",
			       c->s->pin.level ? "level " : "", pin);
}

void policy_choose(const struct settings *s, const struct levels *list,
		   const struct policy_now *now, struct policy_choice *ret)
{
	struct chooser c = { .s = s, .list = list, .now = now };
	struct policy_withheld w = { 0 };

	*ret = (struct policy_choice){ .action = POLICY_STAY };
	if (!list)
		return;
	c.present = now->present ? levels_entry(list, now->present) : NULL;
	c.leaving = c.present && c.present->withdrawn_why;
	ret->wanted = newest(&c, ret);
	if (!ret->wanted && !c.leaving) {
		ret->wanted = c.present;
		explain_pin(&c, ret);
		return;
	}
	explain(&c, ret);
	w.level = ret->wanted ? ret->wanted->level : 0;
	w.reason = judge_change(&c, &w);
	if (w.reason) {
		withhold(ret, &w);
		ret->wanted = c.present;
		return;
	}
	ret->action = ret->wanted ? POLICY_APPLY : POLICY_REVERT;
}
