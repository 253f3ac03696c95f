/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The author's program. */
#include "guest/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROBE         "/oakum/probe"
#define PROBE_ARGS    "/oakum/probe.args"
#define PROBE_MS      15000
#define ARGS_MAX      32
#define ARGS_SIZE     4096
#define SAID_MAX      8192 /* bytes of what it prints that are passed on */
#define VULNERABLE_AT 1    /* exit status; 2 and more: cannot tell */

struct args {
	char text[ARGS_SIZE];
	char *v[ARGS_MAX + 2];
};

static void read_args(struct args *a)
{
	static char name[] = PROBE;
	char *rest = a->text;
	size_t n = 0;

	a->v[n++] = name;
	if (!read_text(PROBE_ARGS, a->text, sizeof(a->text)))
		a->text[0] = '\0';
	while (n <= ARGS_MAX && rest && *rest)
		a->v[n++] = strsep(&rest, "\n");
	a->v[n] = NULL;
}

/* Its output goes to @out. Return: its pid, or -errno. */
static int start(int out)
{
	static char path[] = "PATH=/bin", *env[] = { path, NULL };
	posix_spawn_file_actions_t actions;
	struct args args;
	pid_t pid = 0;
	int r;

	read_args(&args);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return -ENOMEM;
	r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	if (r == 0)
		r = posix_spawn(&pid, PROBE, &actions, NULL, args.v, env);
	(void)posix_spawn_file_actions_destroy(&actions);
	return r ? -r : pid;
}

/* Passes on lines with a mark before each, so that no probe can speak for us. */
static void pass_on(FILE *report, const char *text, size_t n, bool *line_open)
{
	for (size_t i = 0; i < n; i++) {
		if (!*line_open && text[i] != '\n')
			(void)fputs("| ", report);
		if (*line_open || text[i] != '\n')
			(void)fputc(text[i], report);
		*line_open = text[i] != '\n';
	}
}

/* Until the probe has closed its output or time is up: 0 or -ETIMEDOUT. */
static int listen_to(FILE *report, int fd)
{
	uint64_t until = now_ms() + PROBE_MS;
	bool line_open = false;
	size_t said = 0;
	int r = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint64_t now = now_ms();
		char text[512];
		ssize_t n;

		if (now >= until || poll(&p, 1, (int)(until - now)) == 0) {
			r = -ETIMEDOUT;
			break;
		}
		n = read(fd, text, sizeof(text));
		if (n <= 0)
			break;
		if (said < SAID_MAX)
			pass_on(report, text, (size_t)n, &line_open);
		said += (size_t)n;
	}
	if (line_open)
		(void)fputc('\n', report);
	return r;
}

static int judge(pid_t pid, int listened, struct answer *ret)
{
	int status;

	if (listened < 0)
		(void)kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		return -ECHILD;
	if (listened < 0)
		return say_why(ret, listened, "the probe did not end within %d s", PROBE_MS / 1000);
	if (WIFSIGNALED(status))
		return say_why(ret, -EFAULT, "the probe was killed by signal %d", WTERMSIG(status));
	ret->value[ret->n_values++] = (uint64_t)WEXITSTATUS(status);
	return 0;
}

/* probe: once, its lines and its exit status reported */
static int step_probe(struct guest *g, const char *const *w, struct answer *ret)
{
	int out[2], pid, r;

	(void)w;
	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	pid = start(out[1]);
	(void)close(out[1]);
	r = pid < 0 ? 0 : listen_to(g->report, out[0]);
	(void)close(out[0]);
	return pid < 0 ? say_why(ret, pid, "the probe cannot be started: %s", strerror(-pid))
		       : judge(pid, r, ret);
}

/* Takes note of how a run ended; 1 while it goes on. */
static int collect(struct background *b, int options)
{
	int status;
	pid_t pid = b->pid ? waitpid(b->pid, &status, options) : 0;

	if (!b->pid)
		return 0;
	if (pid == 0)
		return 1;
	b->pid = 0;
	if (pid < 0)
		return -errno;
	b->runs++;
	b->crashed += !WIFEXITED(status);
	b->fixed += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	b->vulnerable += WIFEXITED(status) && WEXITSTATUS(status) == VULNERABLE_AT;
	return 0;
}

int probe_background(struct background *b, bool again)
{
	int fd, r = collect(b, WNOHANG);

	if (r || !again)
		return r < 0 ? r : 0;
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = start(fd);
	(void)close(fd);
	b->pid = r < 0 ? 0 : r;
	return r < 0 ? r : 0;
}

int probe_background_end(struct background *b)
{
	uint64_t until = now_ms() + PROBE_MS;

	for (;;) {
		int r = collect(b, WNOHANG);

		if (r <= 0)
			return r;
		if (now_ms() >= until)
			(void)kill(b->pid, SIGKILL);
		nap();
	}
}

const struct step probe_steps[] = {
	{ "probe", step_probe },
	{ .verb = NULL },
};
