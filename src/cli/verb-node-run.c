/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-node run: until SIGTERM; looks each second whether the agent has something new to say. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/node.h"

enum {
	ROOT = NODE_OPTS,
	TAINT,
	ONCE,
};

static const struct cli_option options[] = {
	NODE_OPTIONS,
	[ROOT] = { .name = "root", .arg = "DIR", .help = "look below DIR, not below /" },
	[TAINT] = { .name = "taint", .help = "NoSchedule while this node is critical" },
	[ONCE] = { .name = "once", .help = "one try, and its outcome as the exit status" },
	{ .name = NULL },
};

/* What tells a file from the one before it: it is replaced, never written to. */
struct mark {
	ino_t ino;
	int64_t s, ns;
	bool alive;
};

struct loop {
	struct node_sync *sync;
	const struct progress *notes;
	struct mark mark;
	unsigned failures;
	int64_t next_s; /* of the boot's clock */
	bool waits;     /* after a failure nothing new makes it hurry */
};

static int64_t boot_s(void)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec;
}

static struct mark look(const struct node_sync *s)
{
	struct mark m = { .alive = s->dead_since_s == 0 ||
				   time(NULL) - s->dead_since_s < NODE_DEAD_S };
	struct stat st;

	if (fstatat(s->root, NODE_STATUS_PATH, &st, 0) == 0) {
		m.ino = st.st_ino;
		m.s = st.st_mtim.tv_sec;
		m.ns = st.st_mtim.tv_nsec;
	}
	return m;
}

static bool is_new(const struct mark *a, const struct mark *b)
{
	return a->ino != b->ino || a->s != b->s || a->ns != b->ns || a->alive != b->alive;
}

static void attempt(struct loop *l)
{
	struct oak_error err = { .code = OAK_OK };
	int64_t now = boot_s();

	l->mark = look(l->sync);
	if (node_sync_once(l->sync, time(NULL), &err) == 0) {
		if (l->failures)
			progress_step(l->notes, "the API server answers again");
		l->failures = 0;
		l->next_s = now + NODE_HEARTBEAT_S + node_offset_s(l->sync->node);
	} else {
		l->failures++;
		l->next_s = now + node_backoff_s(l->failures, err.retry_s);
		progress_step(l->notes, "%s; next try in %lld s", err.msg,
			      (long long)(l->next_s - now));
	}
	l->waits = l->failures > 0;
}

/* A look at the agent each second is a stat(); the view is made where something is new. */
static void turn(struct loop *l)
{
	struct node_view *v = calloc(1, sizeof(*v));
	struct mark now;

	if (v)
		node_sync_look(l->sync, time(NULL), v);
	free(v);
	now = look(l->sync);
	if (boot_s() >= l->next_s || (!l->waits && is_new(&now, &l->mark)))
		attempt(l);
}

static int wait_for_end(struct loop *l, struct oak_error *err)
{
	sigset_t set;
	_cleanup_(closep) int fd = -1;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return oak_fail_errno(err, errno, "no signals");
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		return oak_fail_errno(err, errno, "no signals");
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		turn(l);
		if (poll(&p, 1, 1000) > 0)
			return 0;
	}
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(closep) int root =
		open(cli_value(args, ROOT, "/"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(buf_free) struct buf url = { 0 };
	_cleanup_(freep) struct node_sync *s = calloc(1, sizeof(*s));
	struct loop l = { .sync = s, .notes = cli->progress };
	int r = s ? node_cli_name(args, &s->node, err)
		  : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r == 0)
		r = node_cli_api(args, &url, &s->api, err);
	if (r < 0)
		return r;
	if (root < 0)
		return oak_fail(err, OAK_E_NOTFOUND, "--root %s: no such folder",
				cli_value(args, ROOT, "/"));
	s->root = root;
	s->taint = args->opt[TAINT].n > 0;
	progress_step(cli->progress, "node %s, API server %s", s->node, s->api.server);
	return args->opt[ONCE].n ? node_sync_once(s, time(NULL), err) : wait_for_end(&l, err);
}

const struct verb verb_node_run = {
	.name = "run",
	.help = "keep the cluster's picture of this node true",
	.options = options,
	.run = run,
};
