/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each case runs in a child: a filter cannot be taken off again. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/confine.h"

/* 0: as it should be; otherwise the number of the line. */
static int in_child(int (*body)(void))
{
	int status;
	pid_t pid = fork();

	EXPECT(pid >= 0);
	if (pid == 0)
		_exit(body());
	EXPECT(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

#define MUST(cond)                  \
	do {                        \
		if (!(cond))        \
			return 100; \
	} while (0)

static void *thread(void *arg)
{
	return arg;
}

static int worker_can_work(void)
{
	struct oak_error err;
	pthread_t t;
	int fd;

	MUST(confine_worker_calls(&err) == 0);
	fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	MUST(fd >= 0 && close(fd) == 0);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MUST(fd >= 0 && close(fd) == 0);
	MUST(pthread_create(&t, NULL, thread, NULL) == 0 && pthread_join(t, NULL) == 0);
	return 0;
}

static int worker_has_no_other_sockets(void)
{
	struct oak_error err;

	MUST(confine_worker_calls(&err) == 0);
	MUST(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) < 0 && errno == EPERM);
	MUST(socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0) < 0 && errno == EPERM);
	return 0;
}

static int worker_makes_no_process(void)
{
	struct oak_error err;

	MUST(confine_worker_calls(&err) == 0);
	MUST(fork() < 0 && errno == EPERM);
	return 0;
}

static int worker_starts_no_program(void)
{
	char name[] = "true", *const argv[] = { name, NULL };
	struct oak_error err;

	MUST(confine_worker_calls(&err) == 0);
	(void)execv("/bin/true", argv);
	return 101;
}

static int worker_loads_no_module(void)
{
	struct oak_error err;

	MUST(confine_worker_calls(&err) == 0);
	(void)syscall(SYS_finit_module, 0, "", 0);
	return 101;
}

static int worker_is_nobody(void)
{
	struct oak_error err;

	if (geteuid() != 0)
		return 0;
	MUST(confine_worker(65534, 65534, &err) == 0);
	MUST(geteuid() == 65534 && getegid() == 65534);
	MUST(open("/etc/shadow", O_RDONLY | O_CLOEXEC) < 0);
	return 0;
}

static int root_side_mounts_nothing(void)
{
	struct oak_error err;

	if (geteuid() != 0)
		return 0;
	MUST(confine_root(&err) == 0);
	MUST(mount("none", "/tmp", "tmpfs", 0, "") < 0 && errno == EPERM);
	MUST(syscall(SYS_bpf, 0, NULL, 0) < 0 && errno == EPERM);
	/* Hooks need these. */
	MUST(fork() >= 0);
	return 0;
}

TEST(the_worker_can_do_its_work)
{
	EXPECT(in_child(worker_can_work) == 0);
}

TEST(the_worker_reaches_nothing_else)
{
	EXPECT(in_child(worker_has_no_other_sockets) == 0);
	EXPECT(in_child(worker_makes_no_process) == 0);
	EXPECT(in_child(worker_is_nobody) == 0);
}

TEST(the_worker_dies_of_what_nothing_honest_asks_for)
{
	EXPECT(in_child(worker_starts_no_program) == 1000 + SIGSYS);
	EXPECT(in_child(worker_loads_no_module) == 1000 + SIGSYS);
}

TEST(the_root_side_gives_up_what_it_does_not_need)
{
	EXPECT(in_child(root_side_mounts_nothing) == 0);
}
