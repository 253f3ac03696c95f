/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What verbs say to an agent: to one that is there, to a dead one, to something else. */
#include "fake-tree.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/agent-priv.h"
#include "agent/control.h"

static const char *root_path(void)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/root", test_dir());
	return path;
}

/* Answers one connection with @answer, and keeps what it was told. */
struct fake_agent {
	const char *answer; /* NULL: closes without a word */
	char heard[32];
	int fd;
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct fake_agent *a = arg;
	int peer = accept(a->fd, NULL, NULL);
	ssize_t n = recv(peer, a->heard, sizeof(a->heard) - 1, 0);

	a->heard[n > 0 ? n : 0] = '\0';
	if (a->answer)
		(void)send(peer, a->answer, strlen(a->answer), MSG_NOSIGNAL);
	(void)close(peer);
	return NULL;
}

static int listen_at(int root)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct oak_error err;

	EXPECT(dir_make(root, "run/oakum", &err) == 0);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%.80s/" CONTROL_SOCKET, root_path());
	EXPECT(fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	EXPECT(listen(fd, 4) == 0);
	return fd;
}

TEST(control_answers)
{
	static const struct {
		const char *answer;
		bool want;
	} cases[] = {
		{ "ok", true }, { "no", false }, { "okay", false }, { "o", false }, { NULL, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new();
		struct fake_agent a = { .answer = cases[i].answer };

		test_case = cases[i].answer;
		a.fd = listen_at(root);
		EXPECT(pthread_create(&a.thread, NULL, serve, &a) == 0);
		EXPECT(control_say(root_path(), "changed") == cases[i].want);
		EXPECT(pthread_join(a.thread, NULL) == 0);
		EXPECT_STR(a.heard, "changed");
		EXPECT(close(a.fd) == 0);
	}
}

TEST(control_is_there_or_not)
{
	_cleanup_(closep) int root = tree_new();
	char deep[300];
	int fd;

	EXPECT(!control_is_there(root_path()) && !control_say(root_path(), "ping"));
	fd = listen_at(root);
	EXPECT(control_is_there(root_path()));
	/* Dead: its socket is still there, and refuses. */
	EXPECT(close(fd) == 0);
	EXPECT(file_exists(root, CONTROL_SOCKET));
	EXPECT(!control_is_there(root_path()) && !control_say(root_path(), "ping"));
	/* A path that no address holds. */
	memset(deep, 'x', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	EXPECT(!control_is_there(deep) && !control_say(deep, "ping"));
}

struct loop {
	struct agent a;
	int turns;
	pthread_t thread;
};

static void *turn(void *arg)
{
	struct loop *l = arg;

	for (int i = 0; i < l->turns; i++)
		EXPECT(sd_event_run(l->a.event, 5000000) >= 0);
	return NULL;
}

/* The loop's answer to a word; @turns of it. */
static bool say(struct loop *l, const char *word)
{
	bool r;

	l->turns = 1;
	EXPECT(pthread_create(&l->thread, NULL, turn, l) == 0);
	r = control_say(root_path(), word);
	EXPECT(pthread_join(l->thread, NULL) == 0);
	return r;
}

TEST(control_of_an_agent)
{
	_cleanup_(closep) int root = tree_new_host();
	struct loop l = {
		.a = { .root = root, .root_path = root_path(), .sock = -1, .control = -1 }
	};
	struct stat st;
	struct oak_error err;
	int dead;

	EXPECT(sd_event_new(&l.a.event) >= 0);
	/* A dead one's socket is no obstacle. */
	dead = listen_at(root);
	EXPECT(close(dead) == 0);
	EXPECT(agent_control_open(&l.a, &err) == 0);
	EXPECT(fstatat(root, CONTROL_SOCKET, &st, 0) == 0 && (st.st_mode & 0777) == 0600);
	EXPECT(say(&l, "ping") && !l.a.by_hand && !l.a.check_timer);
	EXPECT(say(&l, "no such word") && !l.a.by_hand);
	EXPECT(say(&l, "a word that is longer than all words are") && !l.a.by_hand);
	EXPECT(say(&l, "check") && l.a.by_hand && l.a.check_timer);
	agent_drop(&l.a.check_timer);
	closep(&l.a.control);
	sd_event_unref(l.a.event);
}

TEST(control_one_agent_only)
{
	_cleanup_(closep) int root = tree_new();
	struct agent second = { .root = root, .root_path = root_path(), .control = -1 };
	struct fake_agent first = { .answer = "ok" };
	struct oak_error err;

	first.fd = listen_at(root);
	EXPECT(pthread_create(&first.thread, NULL, serve, &first) == 0);
	EXPECT(agent_control_open(&second, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "an agent runs already: systemctl status oakum-agent");
	EXPECT(pthread_join(first.thread, NULL) == 0);
	EXPECT_STR(first.heard, "ping");
	EXPECT(file_exists(root, CONTROL_SOCKET));
	EXPECT(close(first.fd) == 0);
}
