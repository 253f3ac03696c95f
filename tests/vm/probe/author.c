/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * author: a probe for the examples in tests/author.
 *
 *	author seals	callbacks.patch, syscall.patch, ignored.patch and tests/vm/fix/syscalls.patch are
 *			in one level
 *	author shadow	shadow.patch
 *
 * Exit status: 0 all of it is there, 1 nothing of it, 2 cannot tell, or one without the others.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY               65534
#define I386_SYS_PERSONALITY 136
#define I386_SYS_GETRUSAGE   77
#define SOFT_LIMIT           16384 /* pages: what the kernel booted with, PIPE_DEF_BUFFERS * INR_OPEN_CUR */

/* Is the word in the file? -1: the file cannot be read. */
static int has_word(const char *path, const char *word)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		(void)close(fd);
	if (n < 0)
		return -1;
	text[n] = '\0';
	return strstr(text, word) != NULL;
}

static long personality_of_64_bits(void)
{
	return syscall(SYS_personality, ADDR_NO_RANDOMIZE) < 0 ? -errno : 0;
}

/* The way of a 32-bit program, which a 64-bit one may go too. */
static long call_of_32_bits(long number, long argument)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(number), "b"(argument), "c"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	return ret < 0 ? (int)ret : 0;
}

static long personality_of_32_bits(void)
{
	return call_of_32_bits(I386_SYS_PERSONALITY, ADDR_NO_RANDOMIZE);
}

/* A call without arguments: refused for another reason where it is patched. */
static long hang_up(void)
{
	if (vhangup() == 0)
		return -EIO;
	return errno == EACCES ? -EPERM : errno == EPERM ? 0 : -errno;
}

/* A call that 32-bit programs have alone: the same. */
static long usage_of_32_bits(void)
{
	long r = call_of_32_bits(I386_SYS_GETRUSAGE, 4711);

	return r == -EINVAL ? 0 : r;
}

/* Asked by a task without privilege: 1 refused, 0 allowed, -1 something else happened. */
static int refuses(long (*ask)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		long r = setuid(NOBODY) == 0 ? ask() : -EIO;

		_exit(r == -EPERM ? 1 : r == 0 ? 0 : 2);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) > 1)
		return -1;
	return WEXITSTATUS(status);
}

/* The running kernel keeps its own limit, whatever the level. */
static int limit_is_kept(void)
{
	char want[16];

	(void)snprintf(want, sizeof(want), "%d\n", SOFT_LIMIT);
	return has_word("/proc/sys/fs/pipe-user-pages-soft", want);
}

static int seals(void)
{
	int sealed = has_word("/proc/cmdline", "oakum.sealed");
	int wide = refuses(personality_of_64_bits), narrow = refuses(personality_of_32_bits);
	int none = refuses(hang_up), compat = refuses(usage_of_32_bits);

	printf("sealed %d, personality() refused %d, of 32 bits %d, vhangup() changed %d, "
	       "getrusage() of 32 bits %d, limit kept %d\n",
	       sealed, wide, narrow, none, compat, limit_is_kept());
	if (sealed < 0 || wide != sealed || narrow != sealed || none != sealed ||
	    compat != sealed || limit_is_kept() != 1)
		return 2;
	return !sealed;
}

/* Two writes; the level counts those since it came. */
static int shadow(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	char path[64];
	int seen;

	if (fd < 0 || eventfd_write(fd, 1) < 0 || eventfd_write(fd, 1) < 0)
		return 2;
	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	seen = has_word(path, "eventfd-writes:");
	if (seen == 1 && has_word(path, "eventfd-writes: 2\n") != 1)
		return 2;
	(void)close(fd);
	return seen < 0 ? 2 : !seen;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "seals") == 0)
		return seals();
	if (argc == 2 && strcmp(argv[1], "shadow") == 0)
		return shadow();
	return 2;
}
