/* SPDX-License-Identifier: GPL-2.0-or-later */
/* boot: what is done once at each boot, and at its end. No loop, no network. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "agent/agent-priv.h"
#include "base/cleanup.h"
#include "host/switches.h"

#define ANSWER_S 20 /* of a worker that reads this host's own disk */

/* The machine died with a level that had not settled: first of all that is written down. */
static int note_crash(const struct agent *a, struct journal_view *v, struct oak_error *err)
{
	const struct journal j = { .root = a->root,
				   .boot_id = a->id.boot_id,
				   .build_id = a->id.build_id,
				   .by = JOURNAL_BY_BOOT };
	char why[JOURNAL_WHY_MAX];
	const char *at;
	uint32_t level = journal_crashed(v, a->id.boot_id, &at);
	int r;

	if (!level)
		return 0;
	(void)snprintf(why, sizeof(why), "the host died in %s", at);
	agent_event(a, MESSAGE_CRASH_FOUND, level, "level %u is quarantined: %s", level, why);
	r = journal_write(&j, level, JOURNAL_QUARANTINED, why, err);
	return r < 0 ? r : journal_read(a->root, a->id.build_id, v, err);
}

static int refuse(const struct agent *a, struct oak_error *err)
{
	struct switches s;

	switches_read(a->root, &s);
	if (s.state != SWITCH_NONE)
		return oak_fail(err, OAK_E_NOTHING, "no level is loaded: %s", s.why);
	if (a->settings.boot != BOOT_CACHE)
		return oak_fail(err, OAK_E_NOTHING, "no level is loaded: 'boot' says so");
	return 0;
}

static int ask(struct agent *a, const struct message_ask *question, struct message_answer *ret,
	       int fds[MESSAGE_FDS], struct oak_error *err)
{
	const struct worker w = {
		.sock = -1, .root = a->root, .root_path = a->root_path, .settings = &a->settings
	};
	const struct timeval patience = { .tv_sec = ANSWER_S };
	struct message_answer buf;
	int r = worker_connect(&w, &a->sock, err);

	if (r == 0)
		r = message_send(a->sock, question, sizeof(*question), NULL, 0, err);
	if (r == 0 && setsockopt(a->sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		r = oak_fail_errno(err, errno, "the worker's socket");
	if (r < 0)
		return r;
	r = message_receive(a->sock, &buf, sizeof(buf), fds, err);
	if (r == 0)
		return oak_fail(err, OAK_E_FAILED, "the worker ended without an answer");
	if (r > 0)
		r = message_check_answer(&buf, (size_t)r, ret, err);
	if (r == 0 && ret->code != OAK_OK)
		r = oak_fail(err, (enum oak_code)ret->code, "%s", ret->text);
	if (r == 0 && (ret->action != MESSAGE_APPLY || ret->level != question->cached))
		r = oak_fail(err, OAK_E_TRUST, "the worker was asked for level %u, and has another",
			     question->cached);
	return r;
}

static int load(struct agent *a, const struct journal_view *v, uint32_t level, struct oak_error *err)
{
	struct message_ask question;
	struct message_answer answer;
	int fds[MESSAGE_FDS] = { -1, -1, -1 };
	const struct errand e = { .kind = ERRAND_CACHED,
				  .by = JOURNAL_BY_BOOT,
				  .root = a->root,
				  .settings = &a->settings,
				  .answer = &answer,
				  .fds = fds,
				  .progress = &agent_progress };
	int r;

	message_ask_init(&question, v);
	question.cached = level;
	r = ask(a, &question, &answer, fds, err);
	if (r == 0)
		r = errand_run(&e, err);
	for (int i = 0; i < MESSAGE_FDS; i++)
		closep(&fds[i]);
	closep(&a->sock);
	return r;
}

static int boot(struct agent *a, struct oak_error *err)
{
	_cleanup_(host_clear) struct host h = { 0 };
	struct journal_view v;
	uint32_t level;
	int r = host_read(a->root, &h, err);

	if (r < 0)
		return r;
	a->id = h.id;
	if (!a->id.livepatch)
		return oak_fail(err, OAK_E_UNSUPPORTED, "this kernel has no livepatch support");
	r = journal_read(a->root, a->id.build_id, &v, err);
	if (r == 0)
		r = note_crash(a, &v, err);
	if (r == 0)
		r = settings_read(a->root, &a->settings, err);
	if (r == 0)
		r = refuse(a, err);
	if (r < 0)
		return r;
	level = journal_last_settled(&v);
	if (host_level(&h))
		return oak_fail(err, OAK_E_NOTHING, "a level is in the kernel already");
	if (!level)
		return oak_fail(err, OAK_E_NOTHING, "no level has settled on this kernel yet");
	return load(a, &v, level, err);
}

int agent_boot(int root, const char *root_path, struct oak_error *err)
{
	struct agent a = { .root = root, .root_path = root_path, .sock = -1 };
	int r = boot(&a, err);

	settings_free(&a.settings);
	return r;
}

int agent_stopping(int root, struct oak_error *err)
{
	struct identity id;
	struct journal j = { .root = root, .by = JOURNAL_BY_BOOT };
	int r = identity_read(root, &id, err);

	if (r < 0)
		return r;
	j.boot_id = id.boot_id;
	j.build_id = id.build_id;
	return journal_write(&j, 0, JOURNAL_STOPPING, NULL, err);
}
