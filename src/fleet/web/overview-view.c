/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/overview-view.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/overview-facets.h"
#include "fleet/web/page.h"
#include "fleet/web/view.h"

#define RECENT_S (INT64_C(7) * 86400) /* a rollout that was halted is looked at for so long */

static int64_t count_of(const json_t *hosts, const char *facet, const char *value)
{
	return view_int(json_object_get(json_object_get(hosts, "by"), facet), value);
}

static void add(json_t *list, json_t *item, bool *bad)
{
	if (json_array_append_new(list, item) < 0)
		*bad = true;
}

static json_t *figure(const char *tone, const char *name, json_t *value, const char *note,
		      const char *href)
{
	return json_pack("{s:s, s:s, s:o, s:s, s:s}", "tone", tone, "name", name, "value", value,
			 "note", note, "href", href);
}

/* Rounded down: "100 %" is said of all alone. */
static json_t *percent(int64_t part, int64_t all)
{
	int64_t tenths = all ? part * 1000 / all : 0;

	if (!all)
		return json_string("\u2013");
	return json_sprintf(tenths % 10 ? "%lld.%lld %%" : "%lld %%", (long long)(tenths / 10),
			    (long long)(tenths % 10));
}

static const char *share_tone(int64_t part, int64_t all)
{
	if (!all)
		return "off";
	if (part * 100 >= all * 99)
		return "good";
	return part * 10 >= all * 9 ? "warn" : "bad";
}

static json_t *protected_figure(const json_t *hosts)
{
	int64_t behind = count_of(hosts, "behind", "1"), newest = count_of(hosts, "behind", "0");
	char count[WEB_TEXT], note[2 * WEB_TEXT];

	(void)snprintf(note, sizeof(note), "%s behind the newest level of their kernel",
		       web_count(behind, count));
	return figure(share_tone(newest, newest + behind), "Protected",
		      percent(newest, newest + behind), note, "/hosts?behind=true");
}

static json_t *critical_figure(const json_t *hosts)
{
	int64_t critical = count_of(hosts, "verdict", "critical");
	int64_t warning = count_of(hosts, "verdict", "warning");
	char count[WEB_TEXT], note[2 * WEB_TEXT];

	(void)snprintf(note, sizeof(note), "%s more with a warning", web_count(warning, count));
	return figure(critical ? "bad" : "good", "Critical hosts", view_count(critical), note,
		      "/hosts?verdict=critical");
}

/* What a level does to a host while it comes, and where it went wrong. */
static const char *const moving_states[] = { "applying", "applied", "soaking", "reverting" };
static const char *const stuck_states[] = { "stalled", "failed", "quarantined" };

#define SUM(hosts, states) sum_of((hosts), (states), sizeof(states) / sizeof((states)[0]))

static int64_t sum_of(const json_t *hosts, const char *const *states, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += count_of(hosts, "state", states[i]);
	return sum;
}

static json_t *moving_figure(const json_t *hosts, const json_t *rollouts)
{
	const json_t *r;
	int64_t running = 0;
	char count[WEB_TEXT], note[2 * WEB_TEXT];
	size_t i;

	json_array_foreach(rollouts, i, r) running += !strcmp(view_str(r, "phase"), "running");
	(void)snprintf(note, sizeof(note), "%s hosts take a level now",
		       web_count(SUM(hosts, moving_states), count));
	return figure(running ? "busy" : "off", "Rollouts moving", view_count(running), note,
		      "/rollouts");
}

static json_t *stuck_figure(const json_t *hosts)
{
	int64_t stuck = SUM(hosts, stuck_states);

	return figure(stuck ? "bad" : "good", "Stuck hosts", view_count(stuck),
		      "a level that did not take", "/hosts?state=stalled");
}

static json_t *silent_figure(const json_t *hosts)
{
	int64_t silent = view_int(hosts, "silent"), total = view_int(hosts, "total");

	return figure(silent * 100 > total ? "warn" : "good", "Silent hosts", view_count(silent),
		      "not heard of for too long", "/hosts?silent=true");
}

/* Hosts by why they want a reboot; those that want none, or do not say, are no debt. */
static json_t *reboot_figure(const json_t *hosts)
{
	json_t *why = json_object_get(json_object_get(hosts, "by"), "reboot");
	const char *name;
	json_t *n;
	int64_t sum = 0;

	json_object_foreach(why, name, n) if (name[0] && strcmp(name, "no") != 0 &&
					      strcmp(name, "unknown") != 0)
		sum += json_integer_value(n);
	return figure(sum ? "warn" : "good", "Reboot debt", view_count(sum),
		      "hosts with what only a reboot closes", "/hosts");
}

static json_t *exposure_figure(const json_t *open)
{
	int64_t critical = view_int(open, "critical"), high = view_int(open, "high");
	char count[WEB_TEXT], note[2 * WEB_TEXT];

	(void)snprintf(note, sizeof(note), "critical, and %s high: CVEs by host",
		       web_count(high, count));
	return figure(critical ? "bad" : "good", "Open exposures", view_count(critical), note,
		      "/cves");
}

static json_t *figures(const json_t *hosts, const json_t *rollouts, bool *bad)
{
	json_t *list = json_array();

	add(list, protected_figure(hosts), bad);
	add(list, critical_figure(hosts), bad);
	if (json_is_object(json_object_get(hosts, "open")))
		add(list, exposure_figure(json_object_get(hosts, "open")), bad);
	add(list, moving_figure(hosts, rollouts), bad);
	add(list, stuck_figure(hosts), bad);
	add(list, silent_figure(hosts), bad);
	if (json_object_get(json_object_get(hosts, "by"), "reboot"))
		add(list, reboot_figure(hosts), bad);
	return list;
}

static void attend(json_t *list, const char *tone, const char *word, json_t *text, json_t *href,
		   bool *bad)
{
	add(list,
	    json_pack("{s:o, s:o, s:o}", "badge", web_badge(tone, word), "text", text, "href", href),
	    bad);
}

static void attend_hosts(json_t *list, const json_t *hosts, bool *bad)
{
	static const struct {
		const char *facet, *value, *tone, *says;
	} rows[] = {
		{ "verdict", "critical", "bad", "critical" },
		{ "state", "stalled", "bad", "stalled while a level came" },
		{ "state", "failed", "bad", "failed to take a level" },
		{ "state", "quarantined", "bad", "will not try a level again by themselves" },
	};
	char count[WEB_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t n = count_of(hosts, rows[i].facet, rows[i].value);

		if (n)
			attend(list, rows[i].tone, rows[i].value,
			       json_sprintf("%s %s %s", web_count(n, count),
					    n == 1 ? "host" : "hosts", rows[i].says),
			       view_query("/hosts", rows[i].facet, rows[i].value), bad);
	}
	if (view_int(hosts, "silent"))
		attend(list, "warn", "silent",
		       json_sprintf("%s hosts not heard of for too long",
				    web_count(view_int(hosts, "silent"), count)),
		       json_string("/hosts?silent=true"), bad);
}

static bool is_over(const json_t *rollout)
{
	return !strcmp(view_str(rollout, "phase"), "halted");
}

static void attend_rollouts(json_t *list, const json_t *rollouts, int64_t now_s, bool *bad)
{
	static const struct {
		const char *phase, *tone, *word;
	} rows[] = {
		{ "halted", "bad", "halted" },
		{ "paused", "warn", "paused" },
		{ "pending-approval", "warn", "to approve" },
	};
	const json_t *r;
	size_t k;

	json_array_foreach(rollouts, k, r)
	{
		const char *why = view_str(r, "why");

		if (is_over(r) && view_int(r, "ended") < now_s - RECENT_S)
			continue;
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (!strcmp(rows[i].phase, view_str(r, "phase")))
				attend(list, rows[i].tone, rows[i].word,
				       json_sprintf("%s%s%s", view_str(r, "name"), *why ? ": " : "",
						    why),
				       view_path("/rollouts", view_str(r, "id")), bad);
	}
}

static json_t *attention(const json_t *hosts, const json_t *rollouts, int64_t now_s, bool *bad)
{
	json_t *list = json_array();

	attend_hosts(list, hosts, bad);
	attend_rollouts(list, rollouts, now_s, bad);
	return list;
}

/* A stage as it stands: those before the present one are done, and a rollout that is paused waits in it. */
static json_t *step(const json_t *stage, int64_t now)
{
	int64_t number = view_int(stage, "stage"), hosts = view_int(stage, "hosts");
	const json_t *outcomes = json_object_get(stage, "outcomes");
	int64_t done = view_int(outcomes, "well") + view_int(outcomes, "failed");
	const char *state = number < now ? "done" : "todo";
	char a[WEB_TEXT], b[WEB_TEXT];

	return json_pack("{s:I, s:s, s:I, s:I, s:o}", "stage", number, "state",
			 number == now ? "now" : state, "hosts", hosts, "done", done, "text",
			 json_sprintf("%s of %s", web_count(done, a), web_count(hosts, b)));
}

static int add_steps(json_t *rollout)
{
	json_t *list = json_array(), *stage;
	size_t i;

	json_array_foreach(json_object_get(rollout, "stages"), i, stage)
	{
		if (json_array_append_new(list, step(stage, view_int(rollout, "stage"))) < 0)
			return -1;
	}
	return json_object_set_new(rollout, "steps", list);
}

/* What is over is among what wants attention, for a while. */
static json_t *moving(json_t *rollouts, const struct rollout_eyes *eyes, bool *bad)
{
	json_t *list = json_array(), *r;
	size_t i;

	json_array_foreach(rollouts, i, r)
	{
		if (is_over(r))
			continue;
		if (add_steps(r) < 0 || rollout_view_row(r, eyes) < 0 ||
		    json_array_append(list, r) < 0)
			*bad = true;
	}
	return list;
}

json_t *overview_view(json_t *overview, const json_t *events, const struct rollout_eyes *eyes)
{
	const json_t *hosts = json_object_get(overview, "hosts");
	json_t *rollouts = json_object_get(overview, "rollouts");
	_cleanup_(json_decrefp) json_t *view = json_object();
	bool bad = false;

	view_set(view, "total", view_count(view_int(hosts, "total")), &bad);
	view_set(view, "figures", figures(hosts, rollouts, &bad), &bad);
	view_set(view, "attention", attention(hosts, rollouts, eyes->now_s, &bad), &bad);
	view_set(view, "moving", moving(rollouts, eyes, &bad), &bad);
	view_set(view, "facets", overview_facets(hosts), &bad);
	view_set(view, "news", overview_news(events, eyes->now_s), &bad);
	return bad ? NULL : take_ptr(view);
}
