/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

struct pipes {
	int in[2], out[2], err[2];
	int report[2]; /* carries a struct failure; closed by a successful exec */
};

/* What stopped the child before it became the program. */
struct failure {
	int in_cwd; /* 1: the folder cannot be entered; 0: the program cannot be run */
	int sys;
};

static void pipes_close(struct pipes *p)
{
	int *all[] = { p->in, p->out, p->err, p->report };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		closep(&all[i][0]);
		closep(&all[i][1]);
	}
}

static int pipes_open(struct pipes *p, int want_in)
{
	*p = (struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if ((want_in && pipe2(p->in, O_CLOEXEC) < 0) || pipe2(p->out, O_CLOEXEC) < 0 ||
	    pipe2(p->err, O_CLOEXEC) < 0 || pipe2(p->report, O_CLOEXEC) < 0)
		return -errno;
	/*
	 * A blocking write of more than the pipe holds would wait for a program that itself waits
	 * for us to read its output.
	 */
	if (want_in && fcntl(p->in[1], F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

/* Runs between fork and exec: async-signal-safe calls only. */
static void __attribute__((noreturn))
child(const char *const *argv, const struct process_options *opt, struct pipes *p, pid_t parent)
{
	int null = p->in[0] < 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : p->in[0];
	struct failure failure = { 0 };
	sigset_t none;

	/* Nobody would end a machine that outlived us. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent)
		goto fail;
	if (opt && opt->timeout_ms && setpgid(0, 0) < 0)
		goto fail;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (dup2(null, 0) < 0 || dup2(p->out[1], 1) < 0 || dup2(p->err[1], 2) < 0)
		goto fail;
	failure.in_cwd = opt && opt->cwd && chdir(opt->cwd) < 0;
	if (failure.in_cwd)
		goto fail;
	/* execvp takes non-const pointers for historical reasons and does not write to them. */
	if (opt && opt->env)
		(void)execvpe(argv[0], (char *const *)(uintptr_t)argv,
			      (char *const *)(uintptr_t)opt->env);
	else
		(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
fail:
	failure.sys = errno;
	(void)!write(p->report[1], &failure, sizeof(failure));
	_exit(127);
}

static int fail_start(const char *program, const struct process_options *opt,
		      const struct failure *failure, struct oak_error *err)
{
	if (failure->in_cwd && opt)
		return oak_fail_errno(err, failure->sys, "%s: cannot enter %s", program, opt->cwd);
	if (failure->sys == ENOENT)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such program", program);
	return oak_fail_errno(err, failure->sys, "%s", program);
}

int process_start(const char *const *argv, const struct process_options *opt, struct process *ret,
		  struct oak_error *err)
{
	_cleanup_(pipes_close) struct pipes p;
	struct failure failure;
	pid_t pid, parent = getpid();
	ssize_t n;
	int r;

	r = pipes_open(&p, opt && opt->input);
	if (r < 0)
		return oak_fail_errno(err, r, "%s: pipe", argv[0]);
	pid = fork();
	if (pid < 0)
		return oak_fail_errno(err, errno, "%s: fork", argv[0]);
	if (pid == 0)
		child(argv, opt, &p, parent);
	closep(&p.report[1]);
	p.report[1] = -1;
	do
		n = read(p.report[0], &failure, sizeof(failure));
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(failure)) {
		(void)waitpid(pid, NULL, 0);
		return fail_start(argv[0], opt, &failure, err);
	}
	*ret = (struct process){
		.pid = pid,
		.in = take_fd(p.in[1]),
		.out = take_fd(p.out[0]),
		.err = take_fd(p.err[0]),
		.input = opt ? opt->input : NULL,
		.input_len = opt ? opt->input_len : 0,
		.deadline_ns = opt && opt->timeout_ms
				       ? clock_now_ns() + (uint64_t)opt->timeout_ms * 1000000u
				       : 0,
		.output_max = opt && opt->output_max ? opt->output_max : PROCESS_OUTPUT_MAX,
	};
	return 0;
}

/* Returns 1 at end of file, 0 to go on. Beyond the limit bytes are read and dropped. */
static int drain(int fd, struct buf *b, size_t max)
{
	uint8_t tmp[65536];
	ssize_t n = read(fd, tmp, sizeof(tmp));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (n == 0)
		return 1;
	if ((size_t)n > max - b->len)
		n = (ssize_t)(max - b->len);
	return buf_add(b, tmp, (size_t)n);
}

static void feed(struct process *p)
{
	ssize_t n = write(p->in, p->input, p->input_len);

	if (n > 0) {
		p->input = (const uint8_t *)p->input + n;
		p->input_len -= (size_t)n;
	}
	/* A reader that went away is its own business: its exit status tells. */
	if (p->input_len == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
		closep(&p->in);
		p->in = -1;
	}
}

/* What is ready on the pipes of one program. Return: 1 when both of its outputs have ended. */
static int serve(struct process *p, struct process_result *ret, const struct pollfd pfd[3])
{
	struct buf *bufs[2] = { &ret->out, &ret->err };
	int *fds[2] = { &p->out, &p->err };

	if (p->in >= 0 && pfd[2].revents)
		feed(p);
	for (int i = 0; i < 2; i++) {
		int r;

		if (*fds[i] < 0 || !pfd[i].revents)
			continue;
		r = drain(*fds[i], bufs[i], p->output_max);
		if (r < 0)
			return r;
		if (r == 1) {
			closep(fds[i]);
			*fds[i] = -1;
		}
	}
	return p->out < 0 && p->err < 0;
}

/* For poll(): until the first deadline; -1: there is none. */
static int time_left_ms(struct process *const *v, size_t n)
{
	uint64_t now = clock_now_ns(), left = UINT64_MAX;

	for (size_t i = 0; i < n; i++) {
		uint64_t at = v[i]->deadline_ns, one = at > now ? at - now : 0;

		if (at && one < left)
			left = one;
	}
	if (left == UINT64_MAX)
		return -1;
	/* Rounded up: a poll() that returns too early would only turn in a circle. */
	left = left / 1000000u + 1;
	return left < INT32_MAX ? (int)left : INT32_MAX;
}

static bool is_late(const struct process *p)
{
	return p->deadline_ns && clock_now_ns() >= p->deadline_ns;
}

/* Until one of them has ended, or is late: which in @ret; its failure is its own. */
static int pump(struct process *const *v, struct process_result *const *results, size_t n,
		size_t *ret)
{
	struct pollfd pfd[3 * PROCESS_AT_ONCE_MAX];

	for (;;) {
		for (size_t i = 0; i < n; i++) {
			pfd[3 * i] = (struct pollfd){ .fd = v[i]->out, .events = POLLIN };
			pfd[3 * i + 1] = (struct pollfd){ .fd = v[i]->err, .events = POLLIN };
			pfd[3 * i + 2] = (struct pollfd){ .fd = v[i]->in, .events = POLLOUT };
		}
		*ret = 0;
		if (poll(pfd, 3 * n, time_left_ms(v, n)) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		for (size_t i = 0; i < n; i++) {
			int r = serve(v[i], results[i], &pfd[3 * i]);

			if (r || is_late(v[i])) {
				*ret = i;
				return r < 0 ? r : 0;
			}
		}
	}
}

static bool has_ended(const struct process *p)
{
	siginfo_t si = { .si_pid = 0 };

	return waitid(P_PID, (id_t)p->pid, &si, WEXITED | WNOHANG | WNOWAIT) < 0 || si.si_pid != 0;
}

/*
 * A late one goes with its group: what it started would hold on to what the caller changes. It may
 * live on for a while without its outputs.
 */
static void end_in_time(struct process *p, struct process_result *ret)
{
	const struct timespec pause = { .tv_nsec = 2000000 };

	if (!p->deadline_ns)
		return;
	while (!is_late(p)) {
		if (has_ended(p))
			return;
		(void)nanosleep(&pause, NULL);
	}
	ret->timed_out = true;
	(void)kill(-p->pid, SIGKILL);
}

int process_wait_any(struct process *const *v, struct process_result *const *results, size_t n,
		     size_t *ret, struct oak_error *err)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	struct process *p;
	int r, st = 0;

	(void)sigaction(SIGPIPE, &ignore, &old);
	r = pump(v, results, n, ret);
	(void)sigaction(SIGPIPE, &old, NULL);
	p = v[*ret];
	closep(&p->in);
	closep(&p->out);
	closep(&p->err);
	p->in = p->out = p->err = -1;
	end_in_time(p, results[*ret]);
	while (waitpid(p->pid, &st, 0) < 0)
		if (errno != EINTR)
			return oak_fail_errno(err, errno, "waitpid");
	results[*ret]->status = WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
	if (r < 0)
		return oak_fail_errno(err, r, "reading a program's output");
	return 0;
}

int process_wait(struct process *p, struct process_result *ret, struct oak_error *err)
{
	struct process *const v[] = { p };
	struct process_result *const results[] = { ret };
	size_t which;

	*ret = (struct process_result){ 0 };
	return process_wait_any(v, results, 1, &which, err);
}

int process_run(const char *const *argv, const struct process_options *opt,
		struct process_result *ret, struct oak_error *err)
{
	struct process p;
	int r = process_start(argv, opt, &p, err);

	return r < 0 ? r : process_wait(&p, ret, err);
}

void process_result_free(struct process_result *r)
{
	buf_free(&r->out);
	buf_free(&r->err);
}
