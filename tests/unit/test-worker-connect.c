/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How root reaches a worker: the unit's socket, or a child of its own. */
#include "fake-tree.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/worker.h"

static const char *root_path(void)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/root", test_dir());
	return path;
}

static struct worker worker_of(int root)
{
	return (struct worker){ .sock = -1, .root = root, .root_path = root_path() };
}

static int serve_at(int root)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct oak_error err;

	EXPECT(dir_make(root, "run/oakum", &err) == 0);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%.80s/" WORKER_SOCKET, root_path());
	EXPECT(fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	EXPECT(listen(fd, 1) == 0);
	return fd;
}

TEST(worker_connect_to_the_unit)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(closep) int server = serve_at(root);
	_cleanup_(closep) int sock = -1;
	struct worker w = worker_of(root);
	struct oak_error err;
	char got[8] = "";
	int peer;

	EXPECT(worker_connect(&w, &sock, &err) == 0);
	EXPECT(fcntl(sock, F_GETFD) == FD_CLOEXEC);
	peer = accept(server, NULL, NULL);
	EXPECT(peer >= 0 && send(sock, "hello", 5, 0) == 5);
	EXPECT(recv(peer, got, sizeof(got), 0) == 5);
	EXPECT_STR(got, "hello");
	EXPECT(close(peer) == 0);
}

/* A path that is no socket of ours is not worked around: somebody should look. */
TEST(worker_connect_to_something_else)
{
	_cleanup_(closep) int root = tree_new();
	struct worker w = worker_of(root);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	_cleanup_(closep) int other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct oak_error err;
	int sock = -1;

	EXPECT(dir_make(root, "run/oakum", &err) == 0);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%.80s/" WORKER_SOCKET, root_path());
	EXPECT(bind(other, (const struct sockaddr *)&at, sizeof(at)) == 0 && listen(other, 1) == 0);
	EXPECT(worker_connect(&w, &sock, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "/" WORKER_SOCKET ": Protocol wrong type for socket: systemctl status "
			    "oakum-fetch.socket");
	EXPECT(sock == -1);
}

TEST(worker_connect_below_a_path_that_is_too_long)
{
	_cleanup_(closep) int root = tree_new();
	struct worker w = worker_of(root);
	struct oak_error err;
	char deep[300];
	int sock = -1;

	memset(deep, 'x', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	w.root_path = deep;
	EXPECT(worker_connect(&w, &sock, &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "/" WORKER_SOCKET ": File name too long");
}

/* No unit, and nobody to run as: never as root. */
TEST(worker_connect_without_a_user)
{
	_cleanup_(closep) int root = tree_new();
	struct worker w = worker_of(root);
	struct oak_error err;
	int sock = -1;

	w.user = "no-such-user";
	EXPECT(worker_connect(&w, &sock, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "no user 'no-such-user': the package makes it, or: useradd --system "
			    "--no-create-home no-such-user");
	w.user = "root";
	EXPECT(worker_connect(&w, &sock, &err) == -OAK_E_REFUSED);
	w.user = "no-such-user";
	/* A dead unit's socket is as none. */
	EXPECT(close(serve_at(root)) == 0);
	EXPECT(worker_connect(&w, &sock, &err) == -OAK_E_NOTFOUND);
	EXPECT(sock == -1);
}

/* A child that answers, whatever it finds, and ends when we hang up. */
TEST(worker_connect_forks)
{
	_cleanup_(closep) int root = tree_new_host();
	struct message_answer answer = { 0 }, got;
	struct message_ask ask;
	struct worker w = worker_of(root);
	struct settings settings;
	int fds[MESSAGE_FDS], sock = -1;
	struct oak_error err;

	if (getuid() != 0) {
		print_message("skipped: needs root\n");
		skip();
	}
	w.user = "nobody";
	EXPECT(settings_init(&settings, &err) == 0);
	w.settings = &settings;
	EXPECT(worker_connect(&w, &sock, &err) == 0);
	message_ask_init(&ask, &(const struct journal_view){ 0 });
	ask.cached = 1;
	EXPECT(message_send(sock, &ask, sizeof(ask), NULL, 0, &err) == 0);
	EXPECT(message_receive(sock, &got, sizeof(got), fds, &err) == (int)sizeof(got));
	EXPECT(message_check_answer(&got, sizeof(got), &answer, &err) == 0);
	EXPECT(answer.code != OAK_OK && answer.text[0] && fds[0] == -1);
	EXPECT(close(sock) == 0);
	settings_free(&settings);
}
