/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent-deed: children that change the kernel, and what follows from how they end. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent-priv.h"
#include "agent/child.h"
#include "base/cleanup.h"
#include "host/apply.h"
#include "host/lock.h"

static int run_errand(void *ctx)
{
	struct errand *e = ctx;
	struct oak_error err;
	bool told = false;
	int r;

	e->told = &told;
	r = errand_run(e, &err);
	/* With its own id it is in the journal already. */
	if (r < 0 && !told)
		agent_say(SAY_ERROR, "%s", err.msg);
	return -r;
}

static const char *deed_text(const struct agent *a)
{
	return a->deed_kind == ERRAND_REVERT ? "reverted" : "applied";
}

static bool is_quarantined(const struct agent *a, uint32_t level)
{
	struct journal_view v;

	agent_view(a, &v);
	return journal_quarantine(&v, level) != NULL;
}

/* Never a level that is good: between two looks the kernel may have come to one by itself. */
static void take_out_what_hurts(struct agent *a)
{
	uint32_t level = agent_level(a);

	if (level && is_quarantined(a, level))
		agent_deed_revert(a, level, JOURNAL_BY_GUARD);
}

static void failed(struct agent *a, int code)
{
	bool guard = a->deed_by == JOURNAL_BY_GUARD;

	/* What hurts is still there: without the level that should take its place, then. */
	if (guard && a->deed_kind == ERRAND_CACHED) {
		agent_say(SAY_ERROR, "level %u was not applied (%s)", a->deed_level,
			  oak_code_name((enum oak_code)code));
		take_out_what_hurts(a);
		return;
	}
	if (guard || code == OAK_E_AGAIN) {
		agent_say(SAY_WARN, "level %u was not %s; the next try is in %u s", a->deed_level,
			  deed_text(a), a->settings.retry_s);
		agent_schedule(a, a->settings.retry_s);
	} else {
		agent_say(SAY_ERROR, "level %u was not %s (%s)", a->deed_level, deed_text(a),
			  oak_code_name((enum oak_code)code));
	}
	if (!a->soak.level)
		agent_log_close(a);
}

static void succeeded(struct agent *a)
{
	agent_event(a,
		    a->deed_kind == ERRAND_REVERT ? MESSAGE_LEVEL_REVERTED : MESSAGE_LEVEL_APPLIED,
		    a->deed_level, "level %u is %s", a->deed_level, deed_text(a));
	if (a->deed_kind == ERRAND_REVERT) {
		agent_soak_end(a);
		agent_log_close(a);
	} else {
		agent_soak(a, a->deed_level);
	}
}

static int on_deed_end(sd_event_source *source, const siginfo_t *si, void *userdata)
{
	struct agent *a = userdata;

	(void)source;
	a->deed = 0;
	agent_drop(&a->deed_source);
	if (si->si_code != CLD_EXITED) {
		agent_say(SAY_ERROR, "the process that did it was killed by signal %d",
			  si->si_status);
		/* The journal may know nothing of it yet. */
		agent_schedule(a, a->settings.retry_s);
		agent_recover(a);
	} else if (si->si_status != 0) {
		failed(a, si->si_status);
	} else if (a->deed_kind != ERRAND_REVERT && is_quarantined(a, a->deed_level)) {
		/* The kernel complained before the transition was over. */
		agent_go_back(a, a->deed_level);
	} else {
		succeeded(a);
	}
	agent_tell(a);
	return 0;
}

static void start_deed(struct agent *a, struct errand *e, uint32_t level)
{
	pid_t pid;

	e->root = a->root;
	e->settings = &a->settings;
	e->progress = &agent_progress;
	if (e->kind != ERRAND_REVERT)
		agent_log_open(a);
	pid = child_start(run_errand, e);
	if (pid < 0 ||
	    sd_event_add_child(a->event, &a->deed_source, pid, WEXITED, on_deed_end, a) < 0) {
		agent_say(SAY_ERROR, "no process for the deed: %s", strerror(errno));
		return;
	}
	a->deed = pid;
	a->deed_kind = e->kind;
	a->deed_by = e->by;
	a->deed_level = level;
}

void agent_deed(struct agent *a, enum errand_kind kind, enum journal_by by,
		const struct message_answer *answer, const int *fds)
{
	struct errand e = { .kind = kind, .by = by, .answer = answer, .fds = fds };

	start_deed(a, &e, answer->level);
}

void agent_deed_revert(struct agent *a, uint32_t level, enum journal_by by)
{
	struct errand e = { .kind = ERRAND_REVERT, .by = by, .only = level };

	start_deed(a, &e, level);
}

static void quarantine(struct agent *a, const struct recover *r)
{
	char why[JOURNAL_WHY_MAX];

	(void)snprintf(why, sizeof(why), "the host died in %s", r->at);
	agent_event(a, MESSAGE_CRASH_FOUND, r->level, "level %u is quarantined: %s", r->level, why);
	agent_note(a, r->level, JOURNAL_QUARANTINED, JOURNAL_BY_AGENT, why);
}

/* Whoever died between disabling a level and unloading its module left that behind. */
static void sweep(const struct host *h)
{
	const struct apply_options opt = { .ops = &module_ops_kernel,
					   .by = JOURNAL_BY_AGENT,
					   .progress = &agent_progress };

	level_sweep(h, 0, &opt);
}

/* What another oakum is doing looks just like what a dead one has left: under the lock nobody is. */
static int plan_recovery(const struct agent *a, struct recover *ret, struct oak_error *err)
{
	_cleanup_(closep) int lock = -1;
	_cleanup_(host_clear) struct host h = { 0 };
	struct journal_view v;
	int r = lock_take(a->root, &lock, err);

	if (r == 0)
		r = host_read(a->root, &h, err);
	if (r < 0)
		return r;
	agent_view(a, &v);
	*ret = recover_plan(&v, &h);
	sweep(&h);
	return 0;
}

/* What a guard takes away makes room for an earlier level; what somebody else does, for none. */
static void finish_revert(struct agent *a, const struct recover *r)
{
	if (r->by == JOURNAL_BY_GUARD)
		agent_go_back(a, r->level);
	else
		agent_deed_revert(a, r->level, r->by);
}

static void recover(struct agent *a, const struct recover *r)
{
	switch (r->action) {
	case RECOVER_QUARANTINE:
		quarantine(a, r);
		break;
	case RECOVER_NOTE_FAILED:
		agent_note(a, r->level, JOURNAL_FAILED, r->by, "interrupted");
		break;
	case RECOVER_NOTE_APPLIED:
		agent_note(a, r->level, JOURNAL_APPLIED, r->by, NULL);
		agent_soak(a, r->level);
		break;
	case RECOVER_NOTE_REVERTED:
		agent_note(a, r->level, JOURNAL_REVERTED, r->by, NULL);
		break;
	case RECOVER_REVERT:
		agent_soak_end(a);
		finish_revert(a, r);
		break;
	case RECOVER_SOAK:
		if (a->soak.level != r->level)
			agent_soak(a, r->level);
		break;
	/* The check that follows finds it, and waits. */
	case RECOVER_WAIT:
	case RECOVER_NOTHING:
		break;
	}
}

static int on_recover(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	agent_recover(userdata);
	return 0;
}

void agent_recover(struct agent *a)
{
	struct recover todo;
	struct oak_error err;
	int r;

	if (a->deed || a->sock >= 0)
		return;
	r = plan_recovery(a, &todo, &err);
	if (r == -OAK_E_AGAIN)
		agent_arm(a, &a->recover_timer, 2, on_recover);
	else if (r < 0)
		agent_say(SAY_ERROR, "%s", err.msg);
	else
		recover(a, &todo);
	agent_tell(a);
}
