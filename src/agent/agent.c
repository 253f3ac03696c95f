/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/agent.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "agent/agent-priv.h"
#include "agent/confine.h"
#include "agent/window.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"

void agent_drop(sd_event_source **source)
{
	*source = sd_event_source_disable_unref(*source);
}

void agent_arm(struct agent *a, sd_event_source **timer, uint64_t seconds,
	       sd_event_time_handler_t handler)
{
	agent_drop(timer);
	if (sd_event_add_time_relative(a->event, timer, CLOCK_MONOTONIC, seconds * 1000000u, 0,
				       handler, a) < 0)
		agent_say(SAY_ERROR, "out of memory");
}

void agent_view(const struct agent *a, struct journal_view *ret)
{
	struct oak_error err;

	if (journal_read(a->root, a->id.build_id, ret, &err) < 0) {
		agent_say(SAY_ERROR, "%s", err.msg);
		journal_fold("", 0, a->id.build_id, ret);
	}
}

void agent_note(const struct agent *a, uint32_t level, enum journal_step step, enum journal_by by,
		const char *why)
{
	const struct journal j = {
		.root = a->root, .boot_id = a->id.boot_id, .build_id = a->id.build_id, .by = by
	};
	struct oak_error err;

	if (journal_write(&j, level, step, why, &err) < 0)
		agent_say(SAY_ERROR, "%s", err.msg);
}

/* The same for this host at each start, and another one for each host: 0 to jitter. */
static uint64_t offset_s(const struct agent *a)
{
	_cleanup_(freep) char *machine = NULL;
	char hash[SHA256_HEX_MAX];
	uint64_t n = 0;

	if (file_read_line(a->root, "etc/machine-id", &machine, NULL) < 0)
		return 0;
	sha256_hex(machine, strlen(machine), hash);
	for (int i = 0; i < 8; i++)
		n = n * 16 + (uint64_t)(hash[i] <= '9' ? hash[i] - '0' : hash[i] - 'a' + 10);
	return n % ((uint64_t)a->settings.jitter_s + 1);
}

static int read_settings(struct agent *a, struct oak_error *err)
{
	struct settings s = { 0 };
	int r = settings_read(a->root, &s, err);

	if (r == 0)
		r = window_use_zone(&s, err);
	if (r < 0) {
		settings_free(&s);
		return r;
	}
	settings_free(&a->settings);
	a->settings = s;
	return 0;
}

uint32_t agent_level(const struct agent *a)
{
	struct host h = { 0 };
	struct oak_error err;
	uint32_t level = 0;

	if (host_read(a->root, &h, &err) == 0)
		level = host_level(&h) ? host_level(&h)->level : 0;
	host_clear(&h);
	return level;
}

/* SIGHUP: new settings, where they are good, and a check at once. */
static int on_reload(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
	struct agent *a = userdata;
	struct oak_error err;

	(void)source;
	(void)si;
	if (read_settings(a, &err) < 0)
		agent_say(SAY_ERROR, "the settings stay as they were: %s", err.msg);
	agent_soak_health(a);
	agent_schedule(a, 0);
	return 0;
}

/*
 * Whatever is under way goes on in the kernel and is found again by the next start; a child that is
 * about to change something has its line in the journal.
 */
static int on_end(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
	struct agent *a = userdata;

	(void)source;
	(void)si;
	if (a->deed)
		(void)kill(a->deed, SIGKILL);
	return sd_event_exit(a->event, 0);
}

static int add_signals(struct agent *a)
{
	sigset_t set;
	int r;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	r = sd_event_add_signal(a->event, NULL, SIGHUP, on_reload, a);
	if (r >= 0)
		r = sd_event_add_signal(a->event, NULL, SIGTERM, on_end, a);
	return r < 0 ? r : sd_event_add_signal(a->event, NULL, SIGINT, on_end, a);
}

static void agent_clear(struct agent *a)
{
	agent_ask_cleanup(a);
	agent_soak_end(a);
	agent_log_close(a);
	agent_drop(&a->check_timer);
	agent_drop(&a->deed_source);
	agent_drop(&a->recover_timer);
	agent_drop(&a->health_source);
	agent_drop(&a->teller_source);
	agent_drop(&a->report_timer);
	agent_drop(&a->cves_timer);
	agent_drop(&a->cves_source);
	closep(&a->control);
	a->event = sd_event_unref(a->event);
	settings_free(&a->settings);
}

static int start(struct agent *a, struct oak_error *err)
{
	int r = identity_read(a->root, &a->id, err);

	if (r == 0)
		r = read_settings(a, err);
	if (r < 0)
		return r;
	if (sd_event_default(&a->event) < 0 || add_signals(a) < 0 ||
	    sd_event_set_watchdog(a->event, 1) < 0)
		return oak_fail(err, OAK_E_FAILED, "no event loop");
	r = agent_control_open(a, err);
	return r < 0 ? r : confine_root(err);
}

int agent_run(int root, const char *root_path, struct oak_error *err)
{
	_cleanup_(agent_clear) struct agent a = {
		.root = root, .root_path = root_path, .sock = -1, .control = -1, .kmsg = { .fd = -1 }
	};
	int r = start(&a, err);

	if (r < 0)
		return r;
	(void)sd_notify(0, "READY=1");
	agent_event(&a, MESSAGE_AGENT_STARTED, 0, "the agent watches kernel %s (%s)", a.id.release,
		    a.id.build_id);
	agent_recover(&a);
	/* While something is done at once, the check comes right after. */
	agent_schedule(&a, a.deed || a.sock >= 0 ? 5 : offset_s(&a));
	agent_fleet_begin(&a);
	agent_tell(&a);
	r = sd_event_loop(a.event);
	(void)sd_notify(0, "STOPPING=1");
	return r < 0 ? oak_fail_errno(err, r, "the event loop") : 0;
}
