/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent-check: when the worker is asked, and what is made of its answer. */
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "agent/agent-priv.h"
#include "base/cleanup.h"
#include "host/switches.h"

#define ANSWER_MAX_S     900 /* a worker that takes longer is hung, or its server is hostile */
#define CACHED_MAX_S     20  /* the same, of one that reads this host's own disk */
#define GO_BACK_TRIES    2   /* a worker may die by chance; what hurts does not wait for a third */
#define PATIENCE_MAX_S   86400u
#define EXPIRY_WARNING_S 7200 /* as agent/verdict.h warns */

static int on_check(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct agent *a = userdata;

	(void)source;
	(void)usec;
	/* A level that hurts and could not leave at once comes first. */
	agent_recover(a);
	agent_ask(a, PURPOSE_CHECK, 0);
	return 0;
}

void agent_schedule(struct agent *a, uint64_t seconds)
{
	a->next_s = (int64_t)time(NULL) + (int64_t)seconds;
	agent_arm(a, &a->check_timer, seconds, on_check);
}

/* The next regular check; earlier where something may change before, later where a server asks for it. */
static void schedule_after(struct agent *a, const struct message_answer *answer)
{
	uint64_t s = a->settings.poll_s;
	int64_t left = answer->again_s - (int64_t)time(NULL);

	/* What failed is tried earlier: the server may be back, the disk have room. */
	if (answer->code != OAK_OK && a->settings.retry_s < s)
		s = a->settings.retry_s;
	if (answer->again_s && left < (int64_t)s)
		s = left > 0 ? (uint64_t)left + 1 : 1;
	if (answer->retry_s > s)
		s = answer->retry_s < PATIENCE_MAX_S ? answer->retry_s : PATIENCE_MAX_S;
	agent_schedule(a, s);
}

void agent_ask_cleanup(struct agent *a)
{
	agent_drop(&a->answer_source);
	agent_drop(&a->answer_timer);
	closep(&a->sock);
	a->sock = -1;
}

static void close_all(int fds[MESSAGE_FDS])
{
	for (int i = 0; i < MESSAGE_FDS; i++)
		closep(&fds[i]);
}

/* The level that should take the place of the one that hurts is not to be had: then none. */
static void go_back_without(struct agent *a, const char *why)
{
	agent_say(SAY_WARN, "no earlier level to go back to: %s", why);
	agent_deed_revert(a, a->deed_level, JOURNAL_BY_GUARD);
}

/*
 * "boot = network": where the first check fails, the cache takes its place, once. Return: whether it is
 * asked now.
 */
static bool boot_from_cache(struct agent *a)
{
	struct journal_view v;
	uint32_t settled;

	if (a->boot_is_over || a->settings.boot != BOOT_NETWORK)
		return false;
	a->boot_is_over = true;
	agent_view(a, &v);
	settled = journal_last_settled(&v);
	if (!settled || agent_level(a))
		return false;
	agent_ask(a, PURPOSE_BOOT, settled);
	return true;
}

/* "": it went well. */
static void note_check(struct agent *a, const char *error)
{
	a->tried_s = (int64_t)time(NULL);
	(void)snprintf(a->error, sizeof(a->error), "%s", error);
}

static void no_answer(struct agent *a, const char *why)
{
	enum purpose purpose = a->purpose;

	agent_ask_cleanup(a);
	/* The next check asks again. */
	if (purpose == PURPOSE_CVES || purpose == PURPOSE_REPORT) {
		agent_say(SAY_WARN, "%s: %s",
			  purpose == PURPOSE_CVES ? "the CVE database" : "the fleet's server", why);
		return;
	}
	if (purpose == PURPOSE_GO_BACK) {
		if (++a->go_back_tries < GO_BACK_TRIES)
			agent_ask(a, PURPOSE_GO_BACK, a->asked);
		else
			go_back_without(a, why);
		return;
	}
	agent_say(SAY_ERROR, "%s", why);
	a->by_hand = false;
	agent_schedule(a, a->settings.retry_s);
	if (purpose != PURPOSE_CHECK)
		return;
	note_check(a, why);
	(void)boot_from_cache(a);
	agent_tell(a);
}

static void act(struct agent *a, const struct message_answer *answer, const int *fds)
{
	static const enum errand_kind kinds[MESSAGE_ACTIONS] = {
		[MESSAGE_APPLY] = ERRAND_APPLY,
		[MESSAGE_WAIT] = ERRAND_WAIT,
		[MESSAGE_REVERT] = ERRAND_REVERT,
	};
	enum errand_kind kind = kinds[answer->action];
	enum journal_by by = JOURNAL_BY_AGENT;
	struct switches s;

	if (a->purpose != PURPOSE_CHECK) {
		kind = ERRAND_CACHED;
		by = a->purpose == PURPOSE_BOOT ? JOURNAL_BY_BOOT : JOURNAL_BY_GUARD;
	}
	switches_read(a->root, &s);
	/* What takes a level away is no harm that a switch guards against. */
	if (s.state != SWITCH_NONE && kind != ERRAND_REVERT) {
		agent_say(SAY_WARN, "level %u is not applied: %s", answer->level, s.why);
		if (a->purpose == PURPOSE_GO_BACK)
			go_back_without(a, s.why);
		else
			agent_schedule(a, a->settings.poll_s);
		return;
	}
	/* One at a time: what soaks now is what there is to go back to. */
	if (a->soak.level && kind == ERRAND_APPLY && a->soak.level != answer->level) {
		int64_t left = a->soak.until_s - (int64_t)time(NULL);

		agent_say(SAY_INFO, "level %u waits until level %u has settled", answer->level,
			  a->soak.level);
		agent_schedule(a, left > 0 ? (uint64_t)left + 1 : 1);
		return;
	}
	agent_deed(a, kind, by, answer, fds);
}

/* It was asked for a level of this host's own disk: every other answer is none. */
static bool is_asked_level(const struct agent *a, const struct message_answer *answer)
{
	return answer->code == OAK_OK && answer->action == MESSAGE_APPLY &&
	       answer->level == a->asked;
}

/* Each thing once, as long as it stays so. */
static void tell_answer(struct agent *a, const struct message_answer *answer)
{
	static const enum message events[MESSAGE_NEWS_KINDS] = {
		[MESSAGE_NEWS_WITHHELD] = MESSAGE_WITHHELD,
		[MESSAGE_NEWS_NO_LEVEL] = MESSAGE_NO_LEVEL_FOR_KERNEL,
	};
	int64_t left = answer->expires_s - (int64_t)time(NULL);

	if (answer->expires_s && left < EXPIRY_WARNING_S)
		agent_event(a, MESSAGE_TRUST_EXPIRING, 0,
			    "the trusted metadata expires in %" PRId64 " minutes",
			    left > 0 ? left / 60 : 0);
	if (strcmp(a->said, answer->text) == 0)
		return;
	memcpy(a->said, answer->text, sizeof(a->said));
	if (answer->code != OAK_OK)
		agent_event(a, MESSAGE_CHECK_FAILED, 0, "the check failed: %s", answer->text);
	else if (answer->action == MESSAGE_REVERT)
		agent_event(a, MESSAGE_LEVEL_WITHDRAWN, answer->level, "%s", answer->text);
	else if (answer->action == MESSAGE_NOTHING && answer->news != MESSAGE_NEWS_NONE)
		agent_event(a, events[answer->news], 0, "%s", answer->text);
	else if (answer->text[0] && answer->action != MESSAGE_TAKE_BACK)
		agent_say(SAY_INFO, "%s", answer->text);
}

static void take_cached(struct agent *a, const struct message_answer *answer, const int *fds)
{
	const char *why = answer->code != OAK_OK ? answer->text : "another was offered";

	if (is_asked_level(a, answer))
		act(a, answer, fds);
	else if (a->purpose == PURPOSE_GO_BACK)
		go_back_without(a, why);
	else
		agent_say(SAY_ERROR, "level %u is not loaded: %s", a->asked, why);
}

static void take(struct agent *a, const struct message_answer *answer, const int *fds)
{
	if (a->purpose == PURPOSE_CVES) {
		agent_cves_take(a, answer, fds);
		return;
	}
	if (a->purpose == PURPOSE_REPORT) {
		agent_fleet_answer(a, answer);
		return;
	}
	if (a->purpose != PURPOSE_CHECK) {
		take_cached(a, answer, fds);
		return;
	}
	if (answer->action == MESSAGE_CVES) {
		no_answer(a, "the worker's answer is to another question");
		return;
	}
	a->by_hand = false;
	note_check(a, answer->code != OAK_OK ? answer->text : "");
	schedule_after(a, answer);
	tell_answer(a, answer);
	if (answer->code != OAK_OK && boot_from_cache(a))
		return;
	a->boot_is_over = a->boot_is_over || answer->code == OAK_OK;
	if (answer->code == OAK_OK)
		agent_cves_look(a);
	if (answer->action == MESSAGE_TAKE_BACK)
		agent_fleet_take_back(a, answer->level, answer->text);
	else if (answer->action != MESSAGE_NOTHING)
		act(a, answer, fds);
	else
		agent_tell(a);
}

static int on_answer(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct agent *a = userdata;
	struct message_answer buf, answer;
	int fds[MESSAGE_FDS];
	struct oak_error err;
	int r;

	(void)source;
	(void)revents;
	r = message_receive(fd, &buf, sizeof(buf), fds, &err);
	if (r == -OAK_E_AGAIN)
		return 0;
	if (r == 0)
		r = oak_fail(&err, OAK_E_FAILED, "the worker ended without an answer");
	else if (r > 0)
		r = message_check_answer(&buf, (size_t)r, &answer, &err);
	if (r < 0) {
		no_answer(a, err.msg);
	} else {
		agent_ask_cleanup(a);
		take(a, &answer, fds);
	}
	close_all(fds);
	return 0;
}

static int on_answer_late(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	no_answer(userdata, "the worker gave no answer in time");
	return 0;
}

static int ask(struct agent *a, const struct message_ask *question, struct oak_error *err)
{
	const struct worker w = {
		.sock = -1, .root = a->root, .root_path = a->root_path, .settings = &a->settings
	};
	_cleanup_(closep) int facts = agent_fleet_facts(a);
	int r = worker_connect(&w, &a->sock, err);

	if (r == 0)
		r = message_send(a->sock, question, sizeof(*question), &facts, facts >= 0, err);
	if (r == 0 &&
	    sd_event_add_io(a->event, &a->answer_source, a->sock, EPOLLIN, on_answer, a) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r;
}

void agent_ask(struct agent *a, enum purpose purpose, uint32_t cached)
{
	struct message_ask question;
	struct journal_view view;
	struct switches s;
	struct oak_error err;

	switches_read(a->root, &s);
	if (purpose == PURPOSE_CHECK && s.state == SWITCH_OFF) {
		agent_say(SAY_WARN, "nothing is done: %s", s.why);
		agent_schedule(a, a->settings.poll_s);
		agent_tell(a);
		return;
	}
	/* Levels do not wait for the CVE database: it is asked for again. */
	if (a->sock >= 0 && (a->purpose == PURPOSE_CVES || a->purpose == PURPOSE_REPORT) &&
	    purpose != PURPOSE_CVES)
		agent_ask_cleanup(a);
	/* One thing at a time; what is under way ends, and then it is asked again. */
	if (a->sock >= 0 || a->deed) {
		agent_schedule(a, 5);
		return;
	}
	agent_view(a, &view);
	message_ask_init(&question, &view);
	question.by_hand = a->by_hand;
	question.cached = cached;
	question.cves = purpose == PURPOSE_CVES;
	question.report = purpose == PURPOSE_REPORT;
	a->purpose = purpose;
	a->asked = cached;
	if (ask(a, &question, &err) < 0) {
		no_answer(a, err.msg);
		return;
	}
	agent_arm(a, &a->answer_timer,
		  purpose == PURPOSE_GO_BACK || purpose == PURPOSE_BOOT ? CACHED_MAX_S
									: ANSWER_MAX_S,
		  on_answer_late);
}
