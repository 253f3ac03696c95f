/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent-soak: a level that was just applied is watched: the kernel's log, and the user's own command.
 * After the soak time it is settled; a level that hurts is quarantined and taken out.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "agent/agent-priv.h"
#include "agent/child.h"
#include "agent/outside.h"
#include "base/cleanup.h"

#define HEALTH_FAILURES 2 /* in a row: once may be the command's own bad moment */
#define LOG_SILENT_S    1

/* What the kernel says belongs to the level that is coming, or the one that soaks. */
static uint32_t watched_level(const struct agent *a)
{
	if (a->soak.level)
		return a->soak.level;
	return a->deed && a->deed_kind != ERRAND_REVERT ? a->deed_level : 0;
}

static void judge(struct agent *a, const struct kmsg_finding *f)
{
	char why[JOURNAL_WHY_MAX];

	if (f->severity == KMSG_NOTE)
		agent_say(SAY_WARN, "the kernel's log: %s", f->line);
	if (f->severity != KMSG_FATAL || !watched_level(a))
		return;
	agent_say(SAY_ERROR, "the kernel's log (%s):\n%s", f->what, f->text);
	(void)snprintf(why, sizeof(why), "%s: %.200s", f->what, f->line);
	agent_hurt(a, why);
}

static int on_log_silent(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct agent *a = userdata;
	struct kmsg_finding f;

	(void)source;
	(void)usec;
	if (kmsg_watch_flush(&a->soak.watch, &f))
		judge(a, &f);
	return 0;
}

static int on_log(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct agent *a = userdata;
	struct kmsg_record record;
	struct kmsg_finding f;

	(void)source;
	(void)fd;
	(void)revents;
	while (a->kmsg.fd >= 0 && kmsg_next(&a->kmsg, &record) > 0)
		if (kmsg_watch_feed(&a->soak.watch, &record, &f))
			judge(a, &f);
	if (a->kmsg.fd >= 0)
		agent_arm(a, &a->log_timer, LOG_SILENT_S, on_log_silent);
	return 0;
}

void agent_log_open(struct agent *a)
{
	struct oak_error err;

	if (a->kmsg.fd >= 0)
		return;
	kmsg_watch_begin(&a->soak.watch, NULL);
	if (kmsg_open(a->root, KMSG_NOW, &a->kmsg, &err) < 0) {
		a->kmsg.fd = -1;
		agent_say(SAY_WARN, "the kernel's log is not watched: %s", err.msg);
	} else if (sd_event_add_io(a->event, &a->log_source, a->kmsg.fd, EPOLLIN, on_log, a) < 0) {
		agent_log_close(a);
	}
}

void agent_log_close(struct agent *a)
{
	agent_drop(&a->log_source);
	agent_drop(&a->log_timer);
	kmsg_close(&a->kmsg);
	a->kmsg = (struct kmsg){ .fd = -1 };
}

void agent_soak_end(struct agent *a)
{
	agent_drop(&a->settle_timer);
	agent_drop(&a->health_timer);
	if (a->health)
		(void)kill(-a->health, SIGKILL);
	livepatch_list_free(&a->soak.patches);
	a->soak = (struct soak){ 0 };
	kmsg_watch_begin(&a->soak.watch, NULL);
}

static void settle(struct agent *a)
{
	uint32_t level = a->soak.level;

	agent_soak_end(a);
	agent_log_close(a);
	agent_note(a, level, JOURNAL_SETTLED, JOURNAL_BY_AGENT, NULL);
	agent_event(a, MESSAGE_LEVEL_SETTLED, level, "level %u is settled", level);
	agent_tell(a);
}

/* With a health command it is that which has the last word, however long it takes. */
static void settle_if_well(struct agent *a)
{
	if (a->soak.is_over && (!a->settings.health || a->soak.is_well))
		settle(a);
}

static int on_settle(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct agent *a = userdata;

	(void)source;
	(void)usec;
	a->soak.is_over = true;
	settle_if_well(a);
	return 0;
}

void agent_go_back(struct agent *a, uint32_t level)
{
	struct journal_view v;
	uint32_t settled;

	/* What hurts does not wait for a check that is under way. */
	if (a->sock >= 0) {
		agent_ask_cleanup(a);
		agent_schedule(a, a->settings.retry_s);
	}
	agent_view(a, &v);
	a->deed_level = level;
	a->go_back_tries = 0;
	settled = journal_last_settled(&v);
	if (settled && settled != level)
		agent_ask(a, PURPOSE_GO_BACK, settled);
	else
		agent_deed_revert(a, level, JOURNAL_BY_GUARD);
}

void agent_hurt(struct agent *a, const char *why)
{
	uint32_t level = watched_level(a);

	agent_note(a, level, JOURNAL_QUARANTINED, JOURNAL_BY_GUARD, why);
	agent_event(a, MESSAGE_LEVEL_QUARANTINED, level,
		    "level %u is quarantined and taken out: %s", level, why);
	agent_soak_end(a);
	/* While its transition is under way the deed's end does it. */
	if (!a->deed)
		agent_go_back(a, level);
	agent_tell(a);
}

static int on_health(sd_event_source *source, uint64_t usec, void *userdata);

static int on_health_end(sd_event_source *source, const siginfo_t *si, void *userdata)
{
	struct agent *a = userdata;
	bool good = si->si_code == CLD_EXITED && si->si_status == 0;
	char why[JOURNAL_WHY_MAX];

	(void)source;
	a->health = 0;
	agent_drop(&a->health_source);
	if (!a->soak.level)
		return 0;
	a->soak.is_well = good;
	a->soak.health_failures = good ? 0 : a->soak.health_failures + 1;
	if (!good)
		agent_say(SAY_WARN, "health: %s failed (%s %d)", a->settings.health,
			  si->si_code == CLD_EXITED ? "status" : "signal", si->si_status);
	if (a->soak.health_failures < HEALTH_FAILURES) {
		agent_arm(a, &a->health_timer, a->settings.health_interval_s, on_health);
		settle_if_well(a);
		return 0;
	}
	(void)snprintf(why, sizeof(why), "health: %.150s failed %u times in a row",
		       a->settings.health, a->soak.health_failures);
	agent_hurt(a, why);
	return 0;
}

static int run_health(void *ctx)
{
	const struct agent *a = ctx;
	char level[32];
	const char *const env[] = { level, NULL };
	struct outside program;

	(void)setpgid(0, 0);
	(void)snprintf(level, sizeof(level), "OAKUM_LEVEL=%u", a->soak.level);
	if (putenv(level) == 0 &&
	    outside_make(&program, a->settings.health, env, a->settings.health_interval_s) == 0)
		(void)execvp(program.argv[0], (char *const *)(uintptr_t)program.argv);
	return 127;
}

static int on_health_late(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct agent *a = userdata;

	(void)source;
	(void)usec;
	if (a->health)
		(void)kill(-a->health, SIGKILL);
	return 0;
}

static int on_health(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct agent *a = userdata;
	pid_t pid;

	(void)source;
	(void)usec;
	if (a->health || !a->soak.level)
		return 0;
	if (!a->settings.health) {
		settle_if_well(a);
		return 0;
	}
	pid = child_start(run_health, a);
	if (pid < 0 ||
	    sd_event_add_child(a->event, &a->health_source, pid, WEXITED, on_health_end, a) < 0) {
		agent_say(SAY_WARN, "health: no process: %s", strerror(errno));
		agent_arm(a, &a->health_timer, a->settings.health_interval_s, on_health);
		return 0;
	}
	a->health = pid;
	/* It may take as long as the pause between two. */
	agent_arm(a, &a->health_timer, a->settings.health_interval_s, on_health_late);
	return 0;
}

void agent_soak(struct agent *a, uint32_t level)
{
	char name[LIVEPATCH_NAME_MAX];
	struct journal_view v;
	struct oak_error err;

	agent_soak_end(a);
	agent_view(a, &v);
	if (journal_is_settled(&v, level)) {
		agent_log_close(a);
		return;
	}
	agent_log_open(a);
	livepatch_name_of(level, name);
	if (livepatch_read(a->root, &a->soak.patches, &err) < 0)
		agent_say(SAY_WARN, "%s", err.msg);
	a->soak.level = level;
	a->soak.until_s = (int64_t)time(NULL) + a->settings.soak_s;
	kmsg_watch_begin(&a->soak.watch, livepatch_find(&a->soak.patches, name));
	if (a->settings.soak_s == 0) {
		settle(a);
		return;
	}
	agent_arm(a, &a->settle_timer, a->settings.soak_s, on_settle);
	if (a->settings.health)
		agent_arm(a, &a->health_timer, 0, on_health);
}

void agent_soak_health(struct agent *a)
{
	if (a->soak.level && !a->health)
		agent_arm(a, &a->health_timer, 0, on_health);
}
