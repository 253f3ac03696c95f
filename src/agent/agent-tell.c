/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent-tell: what others are told, after each change: the system's journal, files, systemd. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "agent/agent-priv.h"
#include "agent/child.h"
#include "agent/fleet/facts.h"
#include "agent/fleet/home.h"
#include "agent/lift.h"
#include "agent/picture.h"
#include "agent/state.h"
#include "agent/tell-journal.h"
#include "agent/tell.h"
#include "base/cleanup.h"
#include "host/plain.h"

void agent_event(const struct agent *a, enum message what, uint32_t level, const char *fmt, ...)
{
	char text[SAY_MAX];
	struct tell_event e = {
		.what = what, .level = level, .build_id = a->id.build_id, .text = text
	};
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell_event(NULL, &e, &agent_progress);
}

/* What "oakum status" says comes next. */
static struct state state_of(const struct agent *a)
{
	struct state s = { .next_at_s = a->deed ? 0 : a->next_s,
			   .soak_level = a->soak.level,
			   .soak_until_s = a->soak.until_s,
			   .tried_s = a->tried_s };
	const char *next = "checks the repository";

	if (a->deed)
		next = a->deed_kind == ERRAND_REVERT ? "is taking a level back"
						     : "is applying a level";
	(void)snprintf(s.next, sizeof(s.next), "%s", next);
	plain_copy(s.error, sizeof(s.error), a->error);
	return s;
}

/*
 * A child takes the picture and writes the files: what it reads was written by the worker too, and the
 * daemon's own memory stays as small as it is.
 */
static int tell(void *ctx)
{
	const struct agent *a = ctx;
	_cleanup_(picture_clear) struct picture p = { 0 };
	struct oak_error err;

	lift_mitigations(a->root, &agent_progress);
	if (picture_take(a->root, a->root_path, &p, &err) < 0)
		agent_say(SAY_WARN, "%s", err.msg);
	else
		tell_all(a->root, &p, (int64_t)time(NULL), &agent_progress);
	if (fleet_is_enrolled(a->root) &&
	    fleet_facts_write(a->root, &p, (int64_t)time(NULL), &err) < 0)
		agent_say(SAY_WARN, "%s", err.msg);
	return 0;
}

static int on_told(sd_event_source *source, const siginfo_t *si, void *userdata)
{
	struct agent *a = userdata;

	(void)source;
	(void)si;
	a->teller = 0;
	agent_drop(&a->teller_source);
	if (a->tell_again)
		agent_tell(a);
	else
		agent_fleet_told(a);
	return 0;
}

static void start_teller(struct agent *a)
{
	pid_t pid;

	a->tell_again = a->teller != 0;
	if (a->teller)
		return;
	pid = child_start(tell, a);
	if (pid < 0 || sd_event_add_child(a->event, &a->teller_source, pid, WEXITED, on_told, a) < 0)
		agent_say(SAY_WARN, "nobody is told: %s", strerror(errno));
	else
		a->teller = pid;
}

void agent_tell(struct agent *a)
{
	const struct state s = state_of(a);
	struct oak_error err;

	if (state_write(a->root, &s, &err) < 0)
		agent_say(SAY_WARN, "%s", err.msg);
	(void)sd_notifyf(0, "STATUS=%s", a->soak.level ? "a level is being watched" : "waiting");
	start_teller(a);
}
