/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/control.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/agent-priv.h"
#include "base/cleanup.h"
#include "base/file.h"

#define WORD_MAX 16
#define ANSWER_S 5
#define BACKLOG  8

static int address(const char *root_path, struct sockaddr_un *ret)
{
	int n;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/" CONTROL_SOCKET, root_path);
	return n > 0 && (size_t)n < sizeof(ret->sun_path) ? 0 : -ENAMETOOLONG;
}

bool control_is_there(const char *root_path)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un at;

	if (fd < 0 || address(root_path, &at) < 0)
		return false;
	/* EACCES: the socket is there, and we are not root. A dead agent's refuses. */
	return connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 || errno == EACCES;
}

bool control_say(const char *root_path, const char *word)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	const struct timeval patience = { .tv_sec = ANSWER_S };
	struct sockaddr_un at;
	char answer[WORD_MAX];

	if (fd < 0 || address(root_path, &at) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
	    send(fd, word, strlen(word), MSG_NOSIGNAL) < 0)
		return false;
	return recv(fd, answer, sizeof(answer), 0) == 2 && memcmp(answer, "ok", 2) == 0;
}

static void obey(struct agent *a, const char *word)
{
	if (strcmp(word, "check") == 0) {
		a->by_hand = true;
		agent_schedule(a, 0);
	} else if (strcmp(word, "changed") == 0) {
		agent_recover(a);
	}
}

/* Who connects is root: the word is there already, or nobody waits for it. */
static int on_connection(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	_cleanup_(closep) int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	const struct timeval patience = { .tv_sec = 1 };
	char word[WORD_MAX];
	ssize_t n;

	(void)source;
	(void)revents;
	if (peer < 0 || setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		return 0;
	n = recv(peer, word, sizeof(word) - 1, 0);
	if (n <= 0)
		return 0;
	word[n] = '\0';
	/* Answered first: what follows may take its time. */
	(void)send(peer, "ok", 2, MSG_NOSIGNAL);
	obey(userdata, word);
	return 0;
}

int agent_control_open(struct agent *a, struct oak_error *err)
{
	_cleanup_(closep) int fd =
		socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un at;
	mode_t mask;
	int r;

	if (fd < 0 || address(a->root_path, &at) < 0)
		return oak_fail_errno(err, fd < 0 ? errno : ENAMETOOLONG, "/" CONTROL_SOCKET);
	r = dir_make(a->root, "run/oakum", err);
	if (r < 0)
		return r;
	/* Whoever answers there is alive; what is left of a dead one is in the way. */
	if (control_say(a->root_path, "ping"))
		return oak_fail(err, OAK_E_AGAIN,
				"an agent runs already: systemctl status "
				"oakum-agent");
	(void)unlinkat(a->root, CONTROL_SOCKET, 0);
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&at, sizeof(at));
	(void)umask(mask);
	if (r < 0 || listen(fd, BACKLOG) < 0)
		return oak_fail_errno(err, errno, "/" CONTROL_SOCKET);
	if (sd_event_add_io(a->event, NULL, fd, EPOLLIN, on_connection, a) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	a->control = take_fd(fd);
	return 0;
}
