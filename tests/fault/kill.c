/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill: an LD_PRELOAD library that lets a process of the agent die, or the whole machine, before or
 * after one of the calls that apply and revert are made of. For tests/vm/kills.sh.
 *
 * /run/oakum-kill/plan, one line, says which; without the file nothing is done:
 *
 *	ID MODE ROLE NUMBER
 *
 *	MODE    log      nobody dies; NUMBER has no meaning
 *	        self     the process that is at the call
 *	        daemon   its parent
 *	        machine  a reset without a sync, by /proc/sysrq-trigger
 *	ROLE    agent    the daemon
 *	        deed     a child of the daemon that writes the journal, or "oakum revert"
 *	        worker   the process that asks the repository
 *	        boot     the one that loads the settled level
 *	NUMBER  of the point, from 1, among all of that role; each call has one before it and one after it
 *
 * Each point gets a line in /run/oakum-kill/log, which is where the numbers are counted: a later
 * process of a role goes on where an earlier one ended. A new ID starts them again. A plan is good
 * for one death: the file is removed before.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PLAN      "/run/oakum-kill/plan"
#define LOG       "/run/oakum-kill/log"
#define PUBLIC    __attribute__((visibility("default")))
#define READS_MAX 2 /* of "transition": how many there are depends on the machine's speed */

/* A preloaded library keeps its state here, having nobody to pass it. */
static struct {
	pid_t main;
	char program[12]; /* role of the main process */
	char plan[96];
	unsigned reads;
	bool wrote; /* the journal: a child that did is a deed, and no teller */
} now;

__attribute__((constructor)) static void begin(void)
{
	char line[256] = "";
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);

	if (fd >= 0)
		(void)close(fd);
	for (ssize_t i = 0; i + 1 < n; i++)
		if (!line[i])
			line[i] = ' ';
	now.main = getpid();
	(void)snprintf(now.program, sizeof(now.program), "%s",
		       strstr(line, "--fetch")   ? "worker"
		       : strstr(line, "--boot")  ? "boot"
		       : strstr(line, " revert") ? "deed"
						 : "agent");
}

static const char *role(void)
{
	return getpid() == now.main ? now.program : "deed";
}

/* The library's own files are reached past what is defined below. */
static long direct(long n, long a, long b, long c, long d, long e, long f)
{
	static long (*real)(long, ...);

	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return real(n, a, b, c, d, e, f);
}

static int open_own(const char *path, int flags)
{
	return (int)direct(SYS_openat, AT_FDCWD, (long)path, flags | O_CLOEXEC, 0666, 0, 0);
}

static void write_own(const char *path, int flags, const char *text)
{
	int fd = open_own(path, flags);

	if (fd < 0)
		return;
	(void)direct(SYS_write, fd, (long)text, (long)strlen(text), 0, 0, 0);
	(void)close(fd);
}

static bool read_plan(void)
{
	char text[sizeof(now.plan)] = "";
	int fd = open_own(PLAN, O_RDONLY);

	if (fd < 0)
		return false;
	(void)direct(SYS_read, fd, (long)text, sizeof(text) - 1, 0, 0, 0);
	(void)close(fd);
	memcpy(now.plan, text, sizeof(text));
	return true;
}

/* Points of this plan and role so far. */
static unsigned counted(const char *id)
{
	static char text[65536];
	int fd = open_own(LOG, O_RDONLY);
	char start[48];
	unsigned n = 0;
	long len;

	if (fd < 0)
		return 0;
	len = direct(SYS_read, fd, (long)text, sizeof(text) - 1, 0, 0, 0);
	(void)close(fd);
	text[len > 0 ? len : 0] = '\0';
	(void)snprintf(start, sizeof(start), "%s %s ", id, role());
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		n += strncmp(line, start, strlen(start)) == 0;
	return n;
}

static _Noreturn void strike(const char *mode)
{
	(void)unlink(PLAN);
	if (strcmp(mode, "machine") == 0)
		write_own("/proc/sysrq-trigger", O_WRONLY, "b");
	if (strcmp(mode, "daemon") == 0)
		(void)kill(getppid(), SIGKILL);
	else
		/* What the worker's filter lets through; kill() is not. */
		(void)direct(SYS_tgkill, getpid(), (long)gettid(), SIGKILL, 0, 0, 0);
	/* Its parent's end is this one's as well. */
	for (;;)
		(void)pause();
}

static void count(const char *when, const char *call, const char *path)
{
	char id[16], mode[16], who[16], at[16], line[512];
	unsigned number = 0, is;

	if (!read_plan() || sscanf(now.plan, "%15s %15s %15s %15[0-9]", id, mode, who, at) != 4)
		return;
	for (const char *c = at; *c; c++)
		number = number * 10 + (unsigned)(*c - '0');
	is = counted(id) + 1;
	(void)snprintf(line, sizeof(line), "%s %s %u %s %s %s\n", id, role(), is, when, call, path);
	write_own(LOG, O_WRONLY | O_CREAT | O_APPEND, line);
	if (strcmp(mode, "log") != 0 && strcmp(who, role()) == 0 && number == is)
		strike(mode);
}

/* The caller still has to read the error of the call that this is the end of. */
static void point(const char *when, const char *call, const char *path)
{
	int saved = errno;

	count(when, call, path);
	errno = saved;
}

static bool path_of(int fd, char path[256])
{
	char link[32];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, 255);
	path[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* What of the files matters after a restart. */
static bool is_ours(const char *path)
{
	if (strstr(path, "/var/lib/oakum/journal") && strcmp(role(), "agent") != 0)
		now.wrote = true;
	return strncmp(path, "/var/lib/oakum/", 15) == 0 && !strstr(path, "/lock");
}

static bool is_written(int fd, char path[256])
{
	return path_of(fd, path) &&
	       (is_ours(path) || strncmp(path, "/sys/kernel/livepatch/", 22) == 0);
}

static bool is_message(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	/* A child that tells others how things are looks whether the agent is there. */
	return strcmp(role(), "deed") != 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))

PUBLIC ssize_t write(int fd, const void *data, size_t len)
{
	char path[256];
	bool told = is_written(fd, path);
	ssize_t n;

	if (told)
		point("before", "write", path);
	n = direct(SYS_write, fd, (long)data, (long)len, 0, 0, 0);
	if (told)
		point("after", "write", path);
	return n;
}

PUBLIC ssize_t read(int fd, void *data, size_t len)
{
	char path[256];

	if (now.wrote && now.reads < READS_MAX && path_of(fd, path) && strstr(path, "/transition")) {
		now.reads++;
		point("before", "read", path);
	}
	return direct(SYS_read, fd, (long)data, (long)len, 0, 0, 0);
}

PUBLIC int fdatasync(int fd)
{
	char path[256];
	int r;

	(void)path_of(fd, path);
	point("before", "fdatasync", path);
	r = (int)direct(SYS_fdatasync, fd, 0, 0, 0, 0, 0);
	point("after", "fdatasync", path);
	return r;
}

PUBLIC int renameat(int from, const char *old, int to, const char *new)
{
	char path[256];
	bool told;
	int r;

	/* "dir/new" below a folder, or a bare name in it. */
	(void)path_of(to, path);
	told = strstr(path, "/var/lib/oakum") || strstr(new, "var/lib/oakum");
	if (told)
		point("before", "rename", new);
	r = (int)direct(SYS_renameat, from, (long)old, to, (long)new, 0, 0);
	if (told)
		point("after", "rename", new);
	return r;
}

PUBLIC ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	bool told = is_message(fd);
	ssize_t n;

	if (told)
		point("before", "sendmsg", "-");
	n = direct(SYS_sendmsg, fd, (long)m, flags, 0, 0, 0);
	if (told)
		point("after", "sendmsg", "-");
	return n;
}

PUBLIC ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	bool told = is_message(fd);
	ssize_t n = direct(SYS_recvmsg, fd, (long)m, flags, 0, 0, 0);

	if (told)
		point("after", "recvmsg", "-");
	return n;
}

PUBLIC int connect(int fd, const struct sockaddr *at, socklen_t len)
{
	int r = (int)direct(SYS_connect, fd, (long)at, len, 0, 0, 0);

	if (is_message(fd))
		point("after", "connect", "-");
	return r;
}

PUBLIC pid_t fork(void)
{
	pid_t pid;

	pid = REAL("fork", pid_t(*)(void))();
	if (pid == 0) {
		now.reads = 0;
		now.wrote = false;
	}
	return pid;
}

PUBLIC long syscall(long n, ...)
{
	const char *name = n == SYS_finit_module    ? "finit_module"
			   : n == SYS_delete_module ? "delete_module"
						    : NULL;
	long v[6], r;
	va_list ap;

	va_start(ap, n);
	for (int i = 0; i < 6; i++)
		v[i] = va_arg(ap, long);
	va_end(ap);
	if (name)
		point("before", name, "-");
	r = direct(n, v[0], v[1], v[2], v[3], v[4], v[5]);
	if (name)
		point("after", name, "-");
	return r;
}
