/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fleet/client.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "agent/fleet/compose.h"
#include "agent/plain-text.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "host/plain.h"

#define PAUSE_MAX_S 86400u

bool fleet_client_is_open(const struct fleet_client *c)
{
	return c->decision && (int64_t)time(NULL) < decision_expires_s(c->decision);
}

/* A clock that was set back must not keep a host silent for ever. */
bool fleet_client_may_send(const struct fleet_client *c)
{
	int64_t left = c->memory.again_s - (int64_t)time(NULL);

	return !c->local && c->http && (left <= 0 || left > (int64_t)PAUSE_MAX_S);
}

static uint32_t random_between(uint32_t from, uint32_t to)
{
	uint32_t n = 0;

	if (to <= from || getrandom(&n, sizeof(n), GRND_NONBLOCK) != (ssize_t)sizeof(n))
		return from;
	return from + n % (to - from + 1);
}

/* Decorrelated: hosts that failed together do not come back together. */
void fleet_client_pause(struct fleet_client *c, uint32_t retry_s)
{
	uint32_t base = c->settings->retry_s, wait;

	if (c->memory.poll_s && c->memory.poll_s < base)
		base = c->memory.poll_s;
	wait = random_between(base, c->memory.wait_s ? 3 * c->memory.wait_s : 2 * base);
	if (wait > c->home.report_s && c->home.report_s > base)
		wait = c->home.report_s;
	c->memory.wait_s = wait < PAUSE_MAX_S ? wait : PAUSE_MAX_S;
	if (retry_s > wait)
		wait = retry_s;
	c->memory.again_s = (int64_t)time(NULL) + (wait < PAUSE_MAX_S ? wait : PAUSE_MAX_S);
}

static struct decision_host me(const struct fleet_client *c)
{
	return (struct decision_host){ .id = c->home.host,
				       .build_id = c->host ? c->host->id.build_id : "",
				       .os_id = c->os.id,
				       .os_version = c->os.version,
				       .tags = c->tags,
				       .n_tags = c->n_tags };
}

static const char *refused_why(const struct fleet_client *c, uint32_t level)
{
	for (size_t i = 0; i < c->n_refused; i++)
		if (c->refused[i].level == level)
			return c->refused[i].why;
	return NULL;
}

static void say_closed(const struct fleet_client *c, char why[POLICY_TEXT_MAX])
{
	const char *error = c->memory.error;

	if (c->decision) {
		char span[PLAIN_SPAN_MAX];

		plain_span((int64_t)time(NULL) - decision_expires_s(c->decision), span);
		(void)snprintf(why, POLICY_TEXT_MAX, "its last decision expired %s ago%s%.120s",
			       span, error[0] ? ": " : "", error);
	} else {
		(void)snprintf(why, POLICY_TEXT_MAX, "it has decided nothing yet%s%.120s",
			       error[0] ? ": " : "", error);
	}
}

/* struct policy_fleet.holds */
static bool holds(const void *ctx, uint32_t level, char why[POLICY_TEXT_MAX])
{
	const struct fleet_client *c = ctx;
	const struct decision_host h = me(c);
	const char *refused = refused_why(c, level);
	struct decision_verdict v;

	if (!fleet_client_is_open(c)) {
		say_closed(c, why);
		return true;
	}
	decision_judge(c->decision, &h, level, &v);
	if (v.word == DECISION_FREE)
		return false;
	if (v.word == DECISION_ASK && !refused && !c->local && c->n_refused < FLEET_ASKS_MAX)
		return false;
	if (v.word == DECISION_HOLD)
		(void)snprintf(why, POLICY_TEXT_MAX, "%s", v.why);
	else if (refused)
		(void)snprintf(why, POLICY_TEXT_MAX, "rollout %s: %s", v.rollout, refused);
	else if (c->local)
		(void)snprintf(why, POLICY_TEXT_MAX,
			       "%s: 'oakum update --no-wait' has the agent ask for it", v.why);
	else
		(void)snprintf(why, POLICY_TEXT_MAX, "others were asked for first");
	return true;
}

static bool refuse_level(struct fleet_client *c, uint32_t level, const char *why)
{
	if (c->n_refused < FLEET_ASKS_MAX) {
		c->refused[c->n_refused].level = level;
		plain_copy(c->refused[c->n_refused].why, sizeof(c->refused[0].why), why);
		c->n_refused++;
	}
	return false;
}

/* Why root's side could not make use of a grant at this moment, or NULL. */
static const char *is_busy(const struct fleet_client *c, uint32_t level)
{
	static const char *const moving[] = { "applying", "soaking", "stalled", "reverting" };
	const json_t *now = json_object_get(c->facts, "level");
	const char *state = json_get_str(now, "state");
	const char *off = json_get_str(json_object_get(c->facts, "local"), "switched");

	if (!c->facts || !state)
		return "the agent has not looked at this host yet";
	if (off && off[0])
		return "a switch of this host holds it too";
	for (size_t i = 0; i < sizeof(moving) / sizeof(moving[0]); i++)
		if (strcmp(state, moving[i]) == 0 &&
		    json_integer_value(json_object_get(now, "number")) != (json_int_t)level)
			return "the level before it has not settled yet";
	return NULL;
}

/* From the moment that the report was sent, whatever the answer took. */
static bool use_grant(struct fleet_client *c, const char *rollout, uint32_t level)
{
	for (size_t i = 0; i < c->n_grants; i++) {
		uint64_t until = c->grants_sent_ms + (uint64_t)c->grants[i].for_s * 1000u;

		if (c->grants[i].level != level || strcmp(c->grants[i].rollout, rollout) != 0 ||
		    fleet_boottime_ms() >= until)
			continue;
		c->grant_until_ms = until;
		return true;
	}
	return false;
}

/* struct plan_ask.granted */
static bool granted(void *ctx, uint32_t level)
{
	struct fleet_client *c = ctx;
	const struct decision_host h = me(c);
	struct report_ask ask = { .level = level };
	struct decision_verdict v;
	struct oak_error err = { .code = OAK_OK };
	const char *busy;

	if (!c->decision)
		return true; /* patience is over */
	decision_judge(c->decision, &h, level, &v);
	if (v.word == DECISION_FREE)
		return true;
	if (use_grant(c, v.rollout, level))
		return true;
	busy = is_busy(c, level);
	if (busy)
		return refuse_level(c, level, busy);
	memcpy(ask.rollout, v.rollout, sizeof(ask.rollout));
	c->answer_why[0] = '\0';
	if (fleet_client_send(c, &ask, &err) < 0)
		return refuse_level(c, level, err.msg);
	if (use_grant(c, v.rollout, level))
		return true;
	return refuse_level(c, level, c->answer_why[0] ? c->answer_why : "it was not granted");
}

static int take_tags(struct fleet_client *c, struct oak_error *err)
{
	size_t n = json_array_size(c->home.tags);

	c->tags = calloc(n + 1, sizeof(*c->tags));
	if (!c->tags)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		c->tags[i] = json_string_value(json_array_get(c->home.tags, i));
	c->n_tags = n;
	return 0;
}

static int open_http(struct fleet_client *c, struct oak_error *err)
{
	_cleanup_(freep) char *ca = c->home.has_ca ? path_join(c->root_path, FLEET_CA) : NULL;
	const char *proxy = c->settings->proxy;
	const struct http_client_options opt = {
		.ca = ca,
		.pinned = c->home.pinned,
		.proxy = proxy && strcmp(proxy, "none") == 0 ? "" : proxy,
	};

	if (c->home.has_ca && !ca)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return http_client_open(&opt, &c->http, err);
}

static void hear(struct fleet_client *c)
{
	struct oak_error err = { .code = OAK_OK };

	if (!fleet_client_may_send(c))
		return;
	c->memory.error[0] = '\0';
	fleet_decision_fetch(c);
	if (fleet_client_may_send(c) && fleet_client_deliver(c, &err) < 0)
		plain_copy(c->memory.error, sizeof(c->memory.error), err.msg);
}

int fleet_client_begin(struct fleet_client *c, struct oak_error *err)
{
	int r;

	if (!fleet_is_enrolled(c->root))
		return 1;
	r = fleet_home_read(c->root, &c->home, err);
	if (r == 0)
		r = take_tags(c, err);
	if (r < 0)
		return r;
	fleet_memory_read(c->root, &c->memory);
	os_name_read(c->root, &c->os);
	fleet_decision_load(c);
	c->policy = (struct policy_fleet){ .holds = holds, .ctx = c };
	c->ask = (struct plan_ask){ .granted = granted, .ctx = c };
	if (c->local)
		return 0;
	r = open_http(c, err);
	if (r == 0)
		hear(c);
	return r;
}

const struct policy_fleet *fleet_client_policy(struct fleet_client *c)
{
	uint32_t patience = c->settings->fleet_patience_s;

	c->memory.alone = patience && !fleet_client_is_open(c) &&
			  (int64_t)time(NULL) - c->memory.heard_s > (int64_t)patience;
	return c->memory.alone ? NULL : &c->policy;
}

bool fleet_client_takes_back(const struct fleet_client *c, uint32_t level, char why[POLICY_TEXT_MAX])
{
	const struct decision_host h = me(c);
	struct decision_verdict v;

	if (!level || c->settings->fleet_take_back == SETTINGS_NO || !fleet_client_is_open(c) ||
	    !decision_takes_back(c->decision, &h, level, &v))
		return false;
	(void)snprintf(why, POLICY_TEXT_MAX, "the fleet takes level %u back: %s", level, v.why);
	return true;
}

static uint32_t report_s(const struct fleet_client *c)
{
	return c->memory.report_s ? c->memory.report_s : c->home.report_s;
}

void fleet_client_report(struct fleet_client *c)
{
	struct oak_error err = { .code = OAK_OK };
	char news[65];

	if (!c->facts || !fleet_client_may_send(c))
		return;
	fleet_news(c->facts, &c->memory, news);
	if (strcmp(news, c->memory.said) == 0 &&
	    (int64_t)time(NULL) - c->memory.reported_s < (int64_t)report_s(c))
		return;
	if (fleet_client_send(c, NULL, &err) < 0)
		plain_copy(c->memory.error, sizeof(c->memory.error), err.msg);
}

/* Since when: of the level that was told before, as long as the fleet still holds that one too. */
static void note_held(struct fleet_client *c, const struct policy_choice *choice)
{
	struct fleet_memory *m = &c->memory;
	const struct policy_withheld *newest = NULL;
	bool still = false;

	for (size_t i = 0; i < choice->n_withheld; i++) {
		const struct policy_withheld *w = &choice->withheld[i];

		if (w->reason != POLICY_FLEET)
			continue;
		newest = newest ? newest : w;
		still = still || w->level == m->held_level;
	}
	if (!newest) {
		m->held_level = 0;
		m->held_s = 0;
		m->held_why[0] = '\0';
		return;
	}
	if (!still || !m->held_s)
		m->held_s = (int64_t)time(NULL);
	m->held_level = newest->level;
	plain_copy(m->held_why, sizeof(m->held_why), newest->text);
}

static void sooner(int64_t *at, int64_t other)
{
	if (other && (!*at || other < *at))
		*at = other;
}

/* The server may want hosts to ask more often than their own 'poll', never less often. */
static int64_t next(const struct fleet_client *c)
{
	int64_t now = (int64_t)time(NULL), at = c->again_s;
	uint32_t poll = c->memory.poll_s ? c->memory.poll_s : c->home.poll_s;

	if (poll < c->settings->poll_s)
		sooner(&at, now + poll);
	if (c->memory.again_s > now)
		sooner(&at, c->memory.again_s);
	else if (c->facts)
		sooner(&at, c->memory.reported_s + report_s(c));
	return !at || at > now ? at : now + 1;
}

int64_t fleet_client_end(struct fleet_client *c, const struct policy_choice *choice)
{
	int64_t at = 0;

	if (c->home.server[0] && !c->local) {
		if (choice)
			note_held(c, choice);
		at = next(c);
		fleet_client_save(c);
	}
	decision_free(c->decision);
	http_client_close(c->http);
	free(c->tags);
	json_decref(c->facts);
	fleet_home_clear(&c->home);
	*c = (struct fleet_client){ .root = -1 };
	return at;
}
