/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/rollout-view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/http/http.h"
#include "fleet/web/deed.h"
#include "fleet/web/view.h"

#define BAR 1000 /* width of a bar, in its own units */

/* In the order in which a bar shows them. */
static const struct {
	const char *name, *tone, *word;
} outcomes[] = {
	{ "well", "good", "well" },         { "soaking", "busy", "soaking" },
	{ "granted", "low", "granted" },    { "held", "warn", "held" },
	{ "silent", "critical", "silent" }, { "failed", "bad", "failed" },
	{ "waiting", "off", "waiting" },
};
#define OUTCOMES (sizeof(outcomes) / sizeof(outcomes[0]))

static const struct {
	const char *name, *tone, *hint;
} phases[] = {
	{ "draft", "off", "A draft harms nobody. Submit it when it is as you want it." },
	{ "pending-approval", "warn", "Somebody else has to look at it and approve it." },
	{ "scheduled", "busy", "It is ready, and begins when its start comes." },
	{ "running", "busy", "" },
	{ "paused", "warn",
	  "Nobody new begins. Look at who failed, then resume it, stop it, or take the level back." },
	{ "halted", "bad",
	  "Nobody new begins, for good. Hosts that have the level keep it, unless it is taken back." },
	{ "completed", "good",
	  "Every stage has gone well. Hosts that come late get the level too." },
	{ "cancelled", "off", "It was dropped before it began." },
};
#define PHASES (sizeof(phases) / sizeof(phases[0]))

const char *rollout_phase_tone(const char *phase)
{
	for (size_t i = 0; i < PHASES; i++)
		if (strcmp(phases[i].name, phase) == 0)
			return phases[i].tone;
	return "off";
}

static const char *hint_of(const char *phase)
{
	for (size_t i = 0; i < PHASES; i++)
		if (strcmp(phases[i].name, phase) == 0)
			return phases[i].hint;
	return "";
}

/* A bar has more tones than a badge. */
const char *rollout_outcome_tone(const char *outcome)
{
	for (size_t i = 0; i < OUTCOMES; i++)
		if (strcmp(outcomes[i].name, outcome) == 0)
			return strcmp(outcomes[i].tone, "low") == 0        ? "busy"
			       : strcmp(outcomes[i].tone, "critical") == 0 ? "bad"
									   : outcomes[i].tone;
	return "off";
}

static json_t *dup_member(const json_t *object, const char *name)
{
	return json_incref(json_object_get(object, name));
}

static int64_t count(const json_t *tally, const char *outcome)
{
	return view_int(json_object_get(tally, "outcomes"), outcome);
}

static int64_t in_flight(const json_t *t)
{
	return count(t, "granted") + count(t, "soaking");
}

static int64_t failed(const json_t *t)
{
	return count(t, "failed") + count(t, "silent");
}

static int64_t done(const json_t *t)
{
	return count(t, "well") + failed(t);
}

/* Down: nothing is at 100 % that is not all there. */
static int64_t percent(int64_t part, int64_t whole)
{
	return whole > 0 ? part * 100 / whole : 0;
}

/* What is there at all is seen: no segment is narrower than 4, the widest one pays for it. */
static void widths(const json_t *t, int64_t ret[OUTCOMES])
{
	int64_t whole = 0, used = 0;
	size_t widest = 0;

	for (size_t i = 0; i < OUTCOMES; i++)
		whole += count(t, outcomes[i].name);
	for (size_t i = 0; i < OUTCOMES; i++) {
		int64_t n = count(t, outcomes[i].name);

		ret[i] = whole && n ? n * BAR / whole : 0;
		if (n && ret[i] < 4)
			ret[i] = 4;
		used += ret[i];
		if (ret[i] > ret[widest])
			widest = i;
	}
	if (whole)
		ret[widest] += BAR - used;
}

static json_t *bar(const json_t *t)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	int64_t width[OUTCOMES], x = 0;

	widths(t, width);
	for (size_t i = 0; i < OUTCOMES; i++) {
		if (width[i] > 0 &&
		    json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "tone",
							  outcomes[i].tone, "x", (json_int_t)x,
							  "width", (json_int_t)width[i])) < 0)
			return NULL;
		x += width[i];
	}
	return take_ptr(list);
}

/* "6 well, 1 failed": a bar in words, for who cannot see it. */
static json_t *bar_words(const json_t *t)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = 0;

	for (size_t i = 0; i < OUTCOMES && r == 0; i++) {
		int64_t n = count(t, outcomes[i].name);

		if (n)
			r = buf_printf(&b, "%s%" PRId64 " %s", b.len ? ", " : "", n,
				       outcomes[i].word);
	}
	return r < 0 ? NULL : json_string(b.len ? buf_str(&b) : "no hosts yet");
}

static json_t *legend(const json_t *t, const char *id)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < OUTCOMES; i++) {
		json_t *row = json_pack("{s:s, s:s, s:o, s:o}", "tone", outcomes[i].tone, "word",
					outcomes[i].word, "count",
					view_count(count(t, outcomes[i].name)), "href",
					json_sprintf("/rollouts/%s?outcome=%s#hosts", id,
						     outcomes[i].name));

		if (json_array_append_new(list, row) < 0)
			return NULL;
	}
	return take_ptr(list);
}

/* --- what was asked for */

static json_t *level_text(const json_t *spec)
{
	const json_t *level = json_object_get(spec, "level");

	if (json_is_integer(level))
		return json_sprintf("level %" JSON_INTEGER_FORMAT, json_integer_value(level));
	return json_sprintf("latest of %s", view_str(spec, "channel"));
}

/* "a, b"; build-ids as short as people compare them. */
static json_t *short_line(const json_t *words)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *word = json_string_value(json_array_get(words, i));
		int len = word && strlen(word) == 40 ? 12 : 64;

		if (buf_printf(&b, "%s%.*s", i ? ", " : "", len, word ? word : "") < 0)
			return NULL;
	}
	return json_string(buf_str(&b));
}

static json_t *target(const json_t *spec)
{
	static const char *const lists[][2] = { { "rings", "Rings" },
						{ "tags", "Tags" },
						{ "kernels", "Kernels" },
						{ "distributions", "Distributions" } };
	const json_t *where = json_object_get(spec, "where");
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const json_t *words = json_object_get(where, lists[i][0]);

		if (json_array_size(words) &&
		    json_array_append_new(list, json_pack("{s:s, s:o}", "what", lists[i][1],
							  "words", short_line(words))) < 0)
			return NULL;
	}
	return take_ptr(list);
}

static json_t *kernels(const json_t *levels)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	/* jansson's iterators are not const, and change nothing. */
	json_t *object = (json_t *)(uintptr_t)levels;

	for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it)) {
		const char *id = json_object_iter_key(it);

		if (json_array_append_new(list,
					  json_pack("{s:s, s:s%, s:O}", "build_id", id, "short", id,
						    strlen(id) < 12 ? strlen(id) : (size_t)12,
						    "level", json_object_iter_value(it))) < 0)
			return NULL;
	}
	return take_ptr(list);
}

static const char *action_text(const char *action)
{
	if (strcmp(action, "stop") == 0)
		return "it stops for good";
	return strcmp(action, "take-back") == 0 ? "it stops, and hosts give the level back"
						: "it pauses";
}

/* Failures that a person forgave by resuming do not count again. */
static json_t *budget(const json_t *rollout)
{
	const json_t *b = json_object_get(json_object_get(rollout, "specification"), "budget");
	int64_t max = view_int(b, "failed"), used = failed(rollout) - view_int(rollout, "forgiven");
	int64_t of = done(rollout), least = view_int(b, "min_executed");

	if (used < 0)
		used = 0;
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:b, s:I, s:I, s:s}", "max",
			 (json_int_t)max, "used", (json_int_t)used, "left",
			 (json_int_t)(used > max ? 0 : max - used), "percent_max",
			 (json_int_t)view_int(b, "failed_percent"), "percent_used",
			 (json_int_t)percent(used, of), "spent", (int)(used > max), "tight",
			 (int)(used == max), "counts", (int)(of >= least), "least",
			 (json_int_t)least, "scale",
			 (json_int_t)(max > used ? max
				      : used     ? used
						 : 1),
			 "action_text", action_text(view_str(b, "action")));
}

static json_t *start_text(const json_t *spec)
{
	const char *start = view_str(spec, "start");

	if (strcmp(start, "by-hand") == 0)
		return json_string("by hand");
	return json_string(strcmp(start, "at-once") == 0 ? "at once, when it is ready" : start);
}

/* --- stages */

static json_t *stage_what(const json_t *st)
{
	if (json_object_get(st, "tag"))
		return json_sprintf("tag %s", view_str(st, "tag"));
	if (json_object_get(st, "percent"))
		return json_sprintf("up to %" PRId64 " %%", view_int(st, "percent"));
	return json_sprintf("%" PRId64 " host%s", view_int(st, "count"),
			    view_int(st, "count") == 1 ? "" : "s");
}

static json_t *stage_gate(const json_t *st)
{
	return json_sprintf("%" PRId64 " %% well, soak %s%s", view_int(st, "success"),
			    view_str(st, "soak"),
			    strcmp(view_str(st, "next"), "pause") == 0 ? ", then a person" : "");
}

/* @at: of this row; @now: where the rollout is; both from 1. */
static const char *stage_state(const json_t *rollout, int64_t at, int64_t now)
{
	const char *phase = view_str(rollout, "phase");

	if (strcmp(phase, "completed") == 0 || at < now)
		return "passed";
	if (!json_is_integer(json_object_get(rollout, "started")) || at > now)
		return "closed";
	return json_is_true(json_object_get(rollout, "passed")) ? "passed" : "open";
}

static json_t *stage_badge(const char *state)
{
	return web_badge(strcmp(state, "passed") == 0 ? "good"
			 : strcmp(state, "open") == 0 ? "busy"
						      : "off",
			 state);
}

static int add_stage(json_t *list, const json_t *rollout, size_t i, bool last)
{
	const json_t *st =
		json_array_get(json_object_get(json_object_get(rollout, "specification"), "stages"),
			       i);
	const json_t *t = json_array_get(json_object_get(rollout, "stages"), i);
	int64_t at = (int64_t)i + 1, now = view_int(rollout, "stage"), hosts = view_int(t, "hosts");
	const char *state = stage_state(rollout, at, now);
	json_t *row = json_pack(
		"{s:I, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "number",
		(json_int_t)at, "what", stage_what(st), "gate", stage_gate(st), "badge",
		stage_badge(state), "here", (int)(at == now && strcmp(state, "open") == 0), "last",
		(int)last, "hosts_text", view_count(hosts), "asked_text",
		view_count(view_int(t, "allowed")), "bar", bar(t), "bar_words", bar_words(t),
		"outcomes", dup_member(t, "outcomes"), "in_flight", (json_int_t)in_flight(t),
		"percent", (json_int_t)percent(done(t), hosts), "success_text",
		done(t) ? json_sprintf("%" PRId64 " %%", percent(count(t, "well"), done(t)))
			: json_string("\u2013"));

	return json_array_append_new(list, row);
}

static json_t *stage_rows(const json_t *rollout)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	size_t n = json_array_size(json_object_get(rollout, "stages"));

	for (size_t i = 0; i < n; i++)
		if (add_stage(list, rollout, i, i + 1 == n) < 0)
			return NULL;
	return take_ptr(list);
}

/* --- what can be done */

/* The rules of src/fleet/rollout/command.c again, to offer nothing that would be refused. */
static const struct {
	const char *name, *word, *done, *phases, *explain;
	uint32_t scope;
	bool harms;
} commands[] = {
	{ "submit", "Submit", "The rollout was submitted.", "draft",
	  "It becomes ready, or waits for a second person.", SCOPE_ROLLOUTS, false },
	{ "approve", "Approve", "The rollout was approved.", "pending-approval",
	  "You have looked at it, and it may begin.", SCOPE_APPROVE, false },
	{ "start", "Start", "The rollout was started.", "scheduled", "Its first stage opens now.",
	  SCOPE_ROLLOUTS, false },
	{ "pause", "Pause", "The rollout was paused.", "running",
	  "Nobody new begins; it can be resumed.", SCOPE_ROLLOUTS, false },
	{ "resume", "Resume", "The rollout goes on.", "paused",
	  "It goes on, and the failures so far are forgiven.", SCOPE_ROLLOUTS, true },
	{ "stop", "Stop", "The rollout was stopped.", "running paused",
	  "Nobody new begins, for good. Hosts that have the level keep it.", SCOPE_ROLLOUTS, true },
	{ "take-back", "Take back", "The level is being taken back.",
	  "running paused halted completed",
	  "It stops for good, and each host that has the level gives it back: what it fixed is open "
	  "again there.",
	  SCOPE_ROLLOUTS, true },
	{ "cancel", "Cancel", "The rollout was cancelled.", "draft pending-approval scheduled",
	  "It is dropped. Nothing has happened yet.", SCOPE_ROLLOUTS, true },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const char *rollout_command_done(const char *command)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, command) == 0)
			return commands[i].done;
	return NULL;
}

bool rollout_command_harms(const char *command)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, command) == 0)
			return commands[i].harms;
	return true;
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; (at = strstr(at, word)) != NULL; at += len)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

/* That another name stands for the same person only the API knows; it says so. */
static bool is_own(const json_t *rollout, const struct rollout_eyes *eyes)
{
	return strcmp(view_str(rollout, "created_by"), eyes->who) == 0;
}

static json_t *actions(const json_t *rollout, const struct rollout_eyes *eyes)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const char *phase = view_str(rollout, "phase");

	for (size_t i = 0; i < COMMANDS; i++) {
		bool approve = commands[i].scope == SCOPE_APPROVE;

		if (!has_word(commands[i].phases, phase) || !(commands[i].scope & eyes->scopes) ||
		    (approve && is_own(rollout, eyes)))
			continue;
		if (json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:b}", "command",
							  commands[i].name, "word", commands[i].word,
							  "explain", commands[i].explain, "harms",
							  (int)commands[i].harms, "plain",
							  (int)!commands[i].harms)) < 0)
			return NULL;
	}
	return take_ptr(list);
}

/* --- all of it */

static json_t *who_text(const json_t *rollout, const char *name)
{
	char buf[DEED_WHO];
	const char *who = view_str(rollout, name);

	return json_string(*who ? deed_who(who, buf) : "");
}

static json_t *ago_of(const json_t *object, const char *name, int64_t now_s)
{
	int64_t at = view_int(object, name);

	return at ? view_ago(at, now_s) : json_string("");
}

static bool add_people_and_times(json_t *r, const struct rollout_eyes *eyes)
{
	bool bad = false;

	view_set(r, "by_text", who_text(r, "created_by"), &bad);
	view_set(r, "approved_by_text", who_text(r, "approved_by"), &bad);
	view_set(r, "created_text", ago_of(r, "created", eyes->now_s), &bad);
	view_set(r, "started_text", ago_of(r, "started", eyes->now_s), &bad);
	view_set(r, "ended_text", ago_of(r, "ended", eyes->now_s), &bad);
	view_set(r, "created_at", view_time(view_int(r, "created")), &bad);
	view_set(r, "started_at", view_time(view_int(r, "started")), &bad);
	view_set(r, "ended_at", view_time(view_int(r, "ended")), &bad);
	return bad;
}

int rollout_view_row(json_t *r, const struct rollout_eyes *eyes)
{
	const json_t *spec = json_object_get(r, "specification");
	const char *phase = view_str(r, "phase");
	int64_t hosts = view_int(r, "hosts");
	bool bad = add_people_and_times(r, eyes);

	view_set(r, "badge", web_badge(rollout_phase_tone(phase), phase), &bad);
	view_set(r, "level_text", level_text(spec), &bad);
	view_set(r, "target", target(spec), &bad);
	view_set(r, "hosts_text", view_count(hosts), &bad);
	view_set(r, "done", json_integer(done(r)), &bad);
	view_set(r, "done_text", view_count(done(r)), &bad);
	view_set(r, "in_flight", json_integer(in_flight(r)), &bad);
	view_set(r, "failed_all", json_integer(failed(r)), &bad);
	view_set(r, "percent", json_integer(percent(done(r), hosts)), &bad);
	view_set(r, "n_stages",
		 json_integer((json_int_t)json_array_size(json_object_get(r, "stages"))), &bad);
	view_set(r, "begun", json_boolean(view_int(r, "started") != 0), &bad);
	view_set(r, "bar", bar(r), &bad);
	view_set(r, "bar_words", bar_words(r), &bad);
	view_set(r, "budget", budget(r), &bad);
	return bad ? -ENOMEM : 0;
}

int rollout_view(json_t *r, const struct rollout_eyes *eyes)
{
	const json_t *spec = json_object_get(r, "specification");
	const json_t *impact = json_object_get(spec, "impact");
	bool bad = rollout_view_row(r, eyes) < 0;

	view_set(r, "legend", legend(r, view_str(r, "id")), &bad);
	view_set(r, "start_text", start_text(spec), &bad);
	view_set(r, "kernels", kernels(json_object_get(r, "levels")), &bad);
	view_set(r, "hint", json_string(hint_of(view_str(r, "phase"))), &bad);
	view_set(r, "rows", stage_rows(r), &bad);
	view_set(r, "actions", actions(r, eyes), &bad);
	view_set(r, "own", json_boolean(is_own(r, eyes)), &bad);
	view_set(r, "transition_max", json_incref(json_object_get(impact, "transition_ms")), &bad);
	view_set(r, "gap_max", json_incref(json_object_get(impact, "gap_us")), &bad);
	view_set(r, "any_impact",
		 json_boolean(view_int(impact, "transition_ms") || view_int(impact, "gap_us")),
		 &bad);
	view_set(r, "may_copy", json_boolean(eyes->scopes & SCOPE_ROLLOUTS), &bad);
	return bad ? -ENOMEM : 0;
}

int rollout_view_host(json_t *h, int64_t now_s)
{
	const char *outcome = view_str(h, "outcome");
	int64_t ms = view_int(h, "transition_ms"), us = view_int(h, "gap_us");
	bool bad = false;

	view_set(h, "badge", web_badge(rollout_outcome_tone(outcome), outcome), &bad);
	view_set(h, "granted_text", ago_of(h, "granted", now_s), &bad);
	view_set(h, "applied_text", ago_of(h, "applied", now_s), &bad);
	view_set(h, "transition_text", ms ? view_micros(ms * 1000) : json_string(""), &bad);
	view_set(h, "gap_text", us ? view_micros(us) : json_string(""), &bad);
	return bad ? -ENOMEM : 0;
}
