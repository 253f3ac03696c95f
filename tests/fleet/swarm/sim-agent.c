/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim-agent: the real agent over a kernel that is files. usage: sim-agent ROOT
 *
 * All of the agent is linked as it is: root side, worker with its own user and filter, children for
 * deeds, journal, guard, fleet client. The linker's --wrap puts this file between it and
 *
 *	syscall()                finit_module(2) and delete_module(2) make and remove what the kernel would
 *	                         show in ROOT/sys; each load adds "NAME SHA256" to ROOT/sim/loads
 *	livepatch_set_enabled()  and the transition that follows, by a process that is the kernel's
 *	settings_read()          times shorter than the product's limits: ROOT/sim/poll, jitter, soak, retry,
 *	                         health-interval, patience (seconds)
 *	confine_find_user()      the worker becomes "nobody": a test machine has no user oakum
 *
 * ROOT/sim also holds the host's fate, each a file with a number, read when it counts:
 *
 *	transition-ms  how long a transition takes; 0 by default
 *	load-errno     what a load ends with
 *	die            1: the machine is dead at the next load: all processes of the host are killed
 *
 * A module's first line is its name: tests/fleet/swarm.sh makes levels so.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../decimal.h"
#include "agent/agent.h"
#include "agent/confine.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "host/livepatch.h"
#include "host/settings.h"

#define SYS_PATH_MAX 256
#define MODULE_MAX   (1u << 20)

/* The linker's names: what is called, and what was meant. */
long __real_syscall(long n, ...);
long __wrap_syscall(long n, ...);
int __real_livepatch_set_enabled(int root, const char *name, bool enabled, struct oak_error *err);
int __wrap_livepatch_set_enabled(int root, const char *name, bool enabled, struct oak_error *err);
int __real_settings_read(int root, struct settings *ret, struct oak_error *err);
int __wrap_settings_read(int root, struct settings *ret, struct oak_error *err);
int __wrap_confine_find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid,
			     struct oak_error *err);

/* The kernel has no argument by which a call could tell whose it is. */
static int the_root = -1;

static unsigned fate(const char *key, unsigned otherwise)
{
	char path[SYS_PATH_MAX], text[32] = "";
	uint64_t n = otherwise;
	int fd;

	(void)snprintf(path, sizeof(path), "sim/%s", key);
	fd = openat(the_root, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return otherwise;
	if (read(fd, text, sizeof(text) - 1) > 0 && !decimal_read(text, &n))
		n = otherwise;
	(void)close(fd);
	return (unsigned)n;
}

/* In place, as an attribute changes: readers never miss the file. */
static void put(const char *path, const char *text)
{
	int fd = openat(the_root, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text));
	(void)!ftruncate(fd, (off_t)strlen(text));
	(void)close(fd);
}

static void put_attribute(const char *patch, const char *name, const char *text)
{
	char path[SYS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "sys/kernel/livepatch/%s/%s", patch, name);
	put(path, text);
}

static void drop_patch(const char *name)
{
	char path[SYS_PATH_MAX];
	struct oak_error err;

	(void)snprintf(path, sizeof(path), "sys/kernel/livepatch/%s", name);
	(void)!tree_remove(the_root, path, &err);
}

/* Ours are cumulative: the new one replaces all others when its transition ends. */
static void drop_others(const char *name)
{
	int fd = openat(the_root, "sys/kernel/livepatch", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && strcmp(e->d_name, name) != 0)
			drop_patch(e->d_name);
	if (d)
		(void)closedir(d);
}

static void end_transition(const char *name, bool patched)
{
	if (!patched) {
		drop_patch(name);
		return;
	}
	drop_others(name);
	put_attribute(name, "transition", "0\n");
}

/* The kernel goes on whoever dies: a process of its own, adopted by whoever adopts. */
static void transition(const char *name, bool patched)
{
	unsigned ms = fate("transition-ms", 0);
	pid_t pid;

	if (!ms) {
		end_transition(name, patched);
		return;
	}
	put_attribute(name, "transition", "1\n");
	pid = fork();
	if (pid == 0) {
		if (fork() == 0) {
			(void)usleep(ms * 1000);
			end_transition(name, patched);
		}
		_exit(0);
	}
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
}

static void note_load(const char *name, const struct buf *module)
{
	char line[SYS_PATH_MAX], sha256[SHA256_HEX_MAX];
	int fd = openat(the_root, "sim/loads", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	sha256_hex(module->data, module->len, sha256);
	(void)snprintf(line, sizeof(line), "%s %s\n", name, sha256);
	if (fd >= 0) {
		(void)!write(fd, line, strlen(line));
		(void)close(fd);
	}
}

static int read_module(int fd, struct buf *ret, char name[LIVEPATCH_NAME_MAX])
{
	static char bytes[MODULE_MAX];
	ssize_t n = pread(fd, bytes, sizeof(bytes), 0);
	const char *end = n > 0 ? memchr(bytes, '\n', (size_t)n) : NULL;

	if (!end || (size_t)(end - bytes) >= LIVEPATCH_NAME_MAX ||
	    buf_add(ret, bytes, (size_t)n) < 0)
		return -ENOEXEC;
	memcpy(name, bytes, (size_t)(end - bytes));
	name[end - bytes] = '\0';
	return livepatch_level_of(name) ? 0 : -ENOEXEC;
}

static int load(int fd)
{
	_cleanup_(buf_free) struct buf module = { 0 };
	char name[LIVEPATCH_NAME_MAX], path[SYS_PATH_MAX];
	unsigned error = fate("load-errno", 0);
	struct oak_error err;
	int r = read_module(fd, &module, name);

	if (r < 0)
		return r;
	note_load(name, &module);
	if (fate("die", 0))
		(void)kill(0, SIGKILL);
	if (error)
		return -(int)error;
	(void)snprintf(path, sizeof(path), "sys/module/%s", name);
	if (file_exists(the_root, path))
		return -EEXIST;
	r = dir_make(the_root, path, &err);
	(void)snprintf(path, sizeof(path), "sys/kernel/livepatch/%s/vmlinux/do_exit,1", name);
	if (r == 0)
		r = dir_make(the_root, path, &err);
	if (r < 0)
		return -EIO;
	put_attribute(name, "transition", "1\n");
	put_attribute(name, "enabled", "1\n");
	transition(name, true);
	return 0;
}

static int unload(const char *name)
{
	char path[SYS_PATH_MAX];
	struct oak_error err;

	(void)snprintf(path, sizeof(path), "sys/kernel/livepatch/%s", name);
	if (file_exists(the_root, path))
		return -EBUSY;
	(void)snprintf(path, sizeof(path), "sys/module/%s", name);
	if (!file_exists(the_root, path))
		return -ENOENT;
	return tree_remove(the_root, path, &err) < 0 ? -EIO : 0;
}

/* As the C library's: -1 and errno. */
static long answer(int r)
{
	if (r == 0)
		return 0;
	errno = -r;
	return -1;
}

long __wrap_syscall(long n, ...)
{
	long arg[6];
	va_list ap;

	va_start(ap, n);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(ap, long);
	va_end(ap);
	if (n == SYS_finit_module)
		return answer(load((int)arg[0]));
	if (n == SYS_delete_module)
		return answer(unload((const char *)arg[0]));
	return __real_syscall(n, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}

int __wrap_livepatch_set_enabled(int root, const char *name, bool enabled, struct oak_error *err)
{
	int r = __real_livepatch_set_enabled(root, name, enabled, err);

	if (r == 0)
		transition(name, enabled);
	return r;
}

int __wrap_settings_read(int root, struct settings *ret, struct oak_error *err)
{
	int r = __real_settings_read(root, ret, err);

	if (r < 0)
		return r;
	ret->poll_s = fate("poll", ret->poll_s);
	ret->jitter_s = fate("jitter", ret->jitter_s);
	ret->soak_s = fate("soak", ret->soak_s);
	ret->retry_s = fate("retry", ret->retry_s);
	ret->health_interval_s = fate("health-interval", ret->health_interval_s);
	return 0;
}

int __wrap_confine_find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid, struct oak_error *err)
{
	(void)name;
	(void)err;
	*ret_uid = 65534;
	*ret_gid = 65534;
	return 0;
}

static int run(const char *root_path)
{
	struct oak_error err;
	int r = agent_run(the_root, root_path, &err);

	if (r < 0)
		(void)fprintf(stderr, "%s\n", err.msg);
	return oak_exit_code(r);
}

/*
 * The host's init: workers and the kernel's processes are adopted and collected, for that of a test machine
 * may not care. It ends with the agent, and SIGTERM goes on to it.
 */
static int be_init(pid_t agent)
{
	sigset_t set;
	siginfo_t si;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGCHLD);
	for (;;) {
		int status = 0;
		pid_t pid;

		if (sigwaitinfo(&set, &si) < 0)
			continue;
		if (si.si_signo != SIGCHLD)
			(void)kill(agent, si.si_signo);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == agent)
				return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	}
}

int main(int argc, char **argv)
{
	sigset_t set, old;
	pid_t agent;

	if (argc != 2) {
		(void)fputs("usage: sim-agent ROOT\n", stderr);
		return 2;
	}
	the_root = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (the_root < 0) {
		perror(argv[1]);
		return 1;
	}
	/* A host's processes are one group, but for its health command: what dies, dies together. */
	(void)setpgid(0, 0);
	(void)sigfillset(&set);
	(void)sigprocmask(SIG_BLOCK, &set, &old);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	agent = fork();
	if (agent < 0)
		return 1;
	if (agent > 0)
		return be_init(agent);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return run(argv[1]);
}
