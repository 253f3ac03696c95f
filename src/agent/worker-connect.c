/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/child.h"
#include "agent/confine.h"
#include "agent/say.h"
#include "agent/worker.h"
#include "base/cleanup.h"

static int connect_unit(const struct worker *w, int *ret, struct oak_error *err)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int n = snprintf(at.sun_path, sizeof(at.sun_path), "%s/" WORKER_SOCKET, w->root_path);

	if (fd < 0 || n < 0 || (size_t)n >= sizeof(at.sun_path))
		return oak_fail_errno(err, fd < 0 ? errno : ENAMETOOLONG, "/" WORKER_SOCKET);
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			return oak_fail(err, OAK_E_NOTFOUND, "/" WORKER_SOCKET ": not served");
		return oak_fail(err, OAK_E_AGAIN,
				"/" WORKER_SOCKET ": %s: systemctl status "
				"oakum-fetch.socket",
				strerror(errno));
	}
	*ret = take_fd(fd);
	return 0;
}

/* What the child is told. */
struct child {
	struct worker worker;
	uid_t uid;
	gid_t gid;
	int other; /* the end that is not its own */
};

/* Nothing is read from the socket before it is confined. */
static int serve(void *ctx)
{
	struct child *c = ctx;
	struct oak_error err;
	int r;

	(void)close(c->other);
	r = confine_worker(c->uid, c->gid, &err);
	if (r == 0)
		r = worker_run(&c->worker, &err);
	if (r < 0)
		agent_say(SAY_ERROR, "worker: %s", err.msg);
	return r < 0;
}

/* A child of a child that ends at once: whoever adopts it also collects it. */
static int detach(void *ctx)
{
	return child_start(serve, ctx) < 0;
}

static int fork_worker(const struct worker *w, int *ret, struct oak_error *err)
{
	struct child c = { .worker = *w };
	int pair[2], status = 0;
	pid_t pid;
	int r = confine_find_user(w->user ? w->user : CONFINE_USER, &c.uid, &c.gid, err);

	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return oak_fail_errno(err, errno, "no socket for the worker");
	c.other = pair[0];
	c.worker.sock = pair[1];
	pid = child_start(detach, &c);
	(void)close(pair[1]);
	if (pid > 0 && (waitpid(pid, &status, 0) != pid || status != 0))
		pid = -ECHILD;
	if (pid < 0) {
		(void)close(pair[0]);
		return oak_fail_errno(err, pid, "no worker process");
	}
	*ret = pair[0];
	return 0;
}

int worker_connect(const struct worker *w, int *ret, struct oak_error *err)
{
	int r = connect_unit(w, ret, err);

	return r == -OAK_E_NOTFOUND ? fork_worker(w, ret, err) : r;
}
