/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shim: an LD_PRELOAD library that lets one call that changes files fail, or the process die there.
 *
 *	OAK_FAULT_DIR    only calls on paths below this directory are looked at
 *	OAK_FAULT_SKIP   paths that hold this text are not looked at; may be missing
 *	OAK_FAULT_MODE   kill      SIGKILL instead of the call; half of a write is done before
 *	                 full      a full disk from there on: what needs space fails with ENOSPC,
 *	                           the rest works; half of the first write is done before
 *	                 full-once the same for one call
 *	                 eio       EIO, for one call
 *	                 ro        EROFS from there on, as after a remount
 *	                 log       nothing fails; every call is written to the file
 *	OAK_FAULT_AT     the number of the call, from 1. 0: none, fsync is left out
 *	OAK_FAULT_MARK   a file; the name of the call and its path are written to it when it strikes
 *
 * Dying before call N+1 is dying after call N, so that "kill" for every N meets every state that a
 * program can leave; fsync and fchmod change nothing that the next process sees, and are not counted
 * there. In the modes about space only calls that need some are counted. fsync itself does nothing:
 * a killed process loses no page cache, and the walk is faster.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum need {
	NEEDS_SPACE, /* it changes files as well */
	CHANGES,
	SYNCS /* nothing that another process would see */
};

enum mode {
	MODE_NONE,
	MODE_KILL,
	MODE_FULL,
	MODE_FULL_ONCE,
	MODE_EIO,
	MODE_RO,
	MODE_LOG
};

static struct {
	bool ready;
	const char *dir, *skip;
	size_t dir_len;
	enum mode mode;
	long at, calls;
} shim;

static enum mode mode_of(const char *text)
{
	static const char *const names[] = { "", "kill", "full", "full-once", "eio", "ro", "log" };

	for (size_t i = 0; text && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], text) == 0)
			return (enum mode)i;
	return MODE_NONE;
}

/* 0 where it is no number. */
static long number(const char *text)
{
	long n = 0;

	for (; text && *text >= '0' && *text <= '9'; text++)
		n = 10 * n + (*text - '0');
	return n;
}

static void setup(void)
{
	shim.ready = true;
	shim.dir = getenv("OAK_FAULT_DIR");
	shim.dir_len = shim.dir ? strlen(shim.dir) : 0;
	shim.skip = getenv("OAK_FAULT_SKIP");
	shim.mode = mode_of(getenv("OAK_FAULT_MODE"));
	shim.at = number(getenv("OAK_FAULT_AT"));
}

static bool is_below(const char *path)
{
	if (!shim.ready)
		setup();
	return shim.dir && strncmp(path, shim.dir, shim.dir_len) == 0 &&
	       (path[shim.dir_len] == '/' || path[shim.dir_len] == '\0') &&
	       !(shim.skip && strstr(path, shim.skip));
}

static bool of_fd(int fd, char ret[PATH_MAX])
{
	char self[64];
	ssize_t n;

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	n = readlink(self, ret, PATH_MAX - 1);
	if (n < 0)
		return false;
	ret[n] = '\0';
	return true;
}

static bool of_path(int dirfd, const char *path, char ret[PATH_MAX])
{
	char base[PATH_MAX];

	if (path[0] == '/')
		return snprintf(ret, PATH_MAX, "%s", path) < PATH_MAX;
	if (dirfd == AT_FDCWD ? !getcwd(base, sizeof(base)) : !of_fd(dirfd, base))
		return false;
	return snprintf(ret, PATH_MAX, "%s/%s", base, path) < PATH_MAX;
}

static void mark(const char *call, const char *path)
{
	const char *file = getenv("OAK_FAULT_MARK");
	char text[PATH_MAX + 64];
	int fd, n;

	if (!file)
		return;
	n = snprintf(text, sizeof(text), "%s %s\n", call, path + shim.dir_len);
	fd = (int)syscall(SYS_openat, AT_FDCWD, file,
			  O_WRONLY | O_CREAT | (shim.mode == MODE_LOG ? O_APPEND : O_TRUNC), 0600);
	if (fd < 0)
		return;
	(void)!syscall(SYS_write, fd, text, (size_t)n);
	(void)syscall(SYS_close, fd);
}

static bool is_counted(enum need need)
{
	if (shim.mode == MODE_FULL || shim.mode == MODE_FULL_ONCE)
		return need == NEEDS_SPACE;
	if (shim.mode == MODE_KILL)
		return need != SYNCS;
	return shim.mode != MODE_NONE;
}

static bool is_sticky(void)
{
	return shim.mode == MODE_FULL || shim.mode == MODE_RO;
}

/* Return: 0 where the call is to be made, or the error that it fails with. @first: it strikes now. */
static int strike(const char *call, const char *path, enum need need, bool *first)
{
	static const int errors[] = {
		[MODE_FULL] = ENOSPC, [MODE_FULL_ONCE] = ENOSPC, [MODE_EIO] = EIO, [MODE_RO] = EROFS
	};

	*first = false;
	if (is_below(path) && shim.mode == MODE_LOG)
		mark(call, path);
	if (!is_below(path) || shim.mode == MODE_LOG || shim.at <= 0 || !is_counted(need))
		return 0;
	shim.calls++;
	if (shim.calls < shim.at || (shim.calls > shim.at && !is_sticky()))
		return 0;
	*first = shim.calls == shim.at;
	if (*first)
		mark(call, path);
	/* The caller of a write does half of it before it dies. */
	if (shim.mode == MODE_KILL)
		return EINTR;
	return errors[shim.mode];
}

static int die_or(int error)
{
	if (shim.mode == MODE_KILL)
		(void)kill(getpid(), SIGKILL);
	errno = error;
	return -1;
}

static int strike_fd(const char *call, int fd, enum need need)
{
	char path[PATH_MAX];
	bool first;
	int error = of_fd(fd, path) ? strike(call, path, need, &first) : 0;

	return error ? die_or(error) : 0;
}

static int strike_path(const char *call, int dirfd, const char *name, enum need need)
{
	char path[PATH_MAX];
	bool first;
	int error = of_path(dirfd, name, path) ? strike(call, path, need, &first) : 0;

	return error ? die_or(error) : 0;
}

/* What follows takes the place of the C library's functions. */
#define PUBLIC __attribute__((visibility("default")))

/* Only where a file may be made or emptied. */
static int open_any(int dirfd, const char *name, int flags, mode_t mode)
{
	bool changes = flags & O_TRUNC ||
		       (flags & O_CREAT && faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0);

	if (changes && strike_path("open", dirfd, name, NEEDS_SPACE) < 0)
		return -1;
	return (int)syscall(SYS_openat, dirfd, name, flags, mode);
}

static mode_t mode_arg(int flags, va_list ap)
{
	return (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
}

#define OPEN(name, first, dirfd)                           \
	PUBLIC int name first                              \
	{                                                  \
		va_list ap;                                \
		mode_t mode;                               \
                                                           \
		va_start(ap, flags);                       \
		mode = mode_arg(flags, ap);                \
		va_end(ap);                                \
		return open_any(dirfd, path, flags, mode); \
	}

OPEN(open, (const char *path, int flags, ...), AT_FDCWD)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN(openat, (int dirfd, const char *path, int flags, ...), dirfd)
OPEN(openat64, (int dirfd, const char *path, int flags, ...), dirfd)

static ssize_t pass_write(int fd, const void *data, size_t len, off_t at)
{
	return at < 0 ? syscall(SYS_write, fd, data, len)
		      : syscall(SYS_pwrite64, fd, data, len, at);
}

/* Half of it arrives: what a disk that fills up takes, and what a crash leaves. */
static ssize_t write_any(int fd, const void *data, size_t len, off_t at)
{
	char path[PATH_MAX];
	bool first = false;
	int error = of_fd(fd, path) ? strike("write", path, NEEDS_SPACE, &first) : 0;

	if (!error)
		return pass_write(fd, data, len, at);
	if (first && len > 1 && (shim.mode == MODE_KILL || shim.mode == MODE_FULL)) {
		ssize_t n = pass_write(fd, data, len / 2, at);

		if (shim.mode == MODE_FULL)
			return n;
	}
	return die_or(error);
}

PUBLIC ssize_t write(int fd, const void *data, size_t len)
{
	return write_any(fd, data, len, -1);
}

PUBLIC ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	return write_any(fd, data, len, at);
}

PUBLIC ssize_t pwrite64(int fd, const void *data, size_t len, off_t at)
{
	return write_any(fd, data, len, at);
}

PUBLIC ssize_t writev(int fd, const struct iovec *v, int n)
{
	return strike_fd("writev", fd, NEEDS_SPACE) < 0 ? -1 : syscall(SYS_writev, fd, v, n);
}

PUBLIC int fsync(int fd)
{
	return strike_fd("fsync", fd, SYNCS);
}

PUBLIC int fdatasync(int fd)
{
	return strike_fd("fdatasync", fd, SYNCS);
}

PUBLIC int ftruncate(int fd, off_t len)
{
	return strike_fd("ftruncate", fd, CHANGES) < 0 ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

PUBLIC int ftruncate64(int fd, off_t len)
{
	return ftruncate(fd, len);
}

PUBLIC int fchmod(int fd, mode_t mode)
{
	return strike_fd("fchmod", fd, SYNCS) < 0 ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

PUBLIC int fchmodat(int dirfd, const char *path, mode_t mode, int flags)
{
	(void)flags; /* the system call has none */
	return strike_path("chmod", dirfd, path, CHANGES) < 0
		       ? -1
		       : (int)syscall(SYS_fchmodat, dirfd, path, mode);
}

PUBLIC int chmod(const char *path, mode_t mode)
{
	return fchmodat(AT_FDCWD, path, mode, 0);
}

PUBLIC int mkdirat(int dirfd, const char *path, mode_t mode)
{
	/* One that is there already is asked for often, and changes nothing. */
	if (faccessat(dirfd, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	    strike_path("mkdir", dirfd, path, NEEDS_SPACE) < 0)
		return -1;
	return (int)syscall(SYS_mkdirat, dirfd, path, mode);
}

PUBLIC int mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

PUBLIC int renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
	/* Two lines of a log; what is moved is not a call of its own elsewhere. */
	if (shim.mode == MODE_LOG)
		(void)strike_path("from", from, old, CHANGES);
	return strike_path("rename", to, new, CHANGES) < 0
		       ? -1
		       : (int)syscall(SYS_renameat2, from, old, to, new, flags);
}

PUBLIC int renameat(int from, const char *old, int to, const char *new)
{
	return renameat2(from, old, to, new, 0);
}

PUBLIC int rename(const char *old, const char *new)
{
	return renameat2(AT_FDCWD, old, AT_FDCWD, new, 0);
}

PUBLIC int linkat(int from, const char *old, int to, const char *new, int flags)
{
	return strike_path("link", to, new, NEEDS_SPACE) < 0
		       ? -1
		       : (int)syscall(SYS_linkat, from, old, to, new, flags);
}

PUBLIC int link(const char *old, const char *new)
{
	return linkat(AT_FDCWD, old, AT_FDCWD, new, 0);
}

PUBLIC int symlinkat(const char *old, int to, const char *new)
{
	return strike_path("symlink", to, new, NEEDS_SPACE) < 0
		       ? -1
		       : (int)syscall(SYS_symlinkat, old, to, new);
}

PUBLIC int symlink(const char *old, const char *new)
{
	return symlinkat(old, AT_FDCWD, new);
}

PUBLIC int unlinkat(int dirfd, const char *path, int flags)
{
	if (faccessat(dirfd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	    strike_path("unlink", dirfd, path, CHANGES) < 0)
		return -1;
	return (int)syscall(SYS_unlinkat, dirfd, path, flags);
}

PUBLIC int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

PUBLIC int rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}
