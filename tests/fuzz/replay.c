/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay: main() of a fuzz target where libFuzzer is absent.
 *
 * usage: replay-NAME DIRECTORY
 *
 * Feeds every file of the directory to the target, then copies of it cut short and copies with
 * one byte changed, at evenly spread places, until the file's share of the time is used up. The
 * same files give the same inputs on every run. One TAP line a file; a target that finds a defect
 * ends the program by a signal, with the name of the file and of the change on standard error.
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"

#define SEED_MAX_BYTES (1u << 20)
#define TOTAL_S        2.0 /* of all damaged copies together; seeds themselves always run */
#define CUTS_MAX       256
#define FLIPS_MAX      1024

/* What is being run, for the signal handler: the one place where a signal needs a global. */
static char doing[512];

static void say_what(int signo)
{
	(void)!write(STDERR_FILENO, doing, strlen(doing));
	(void)signal(signo, SIG_DFL);
	(void)raise(signo);
}

/* Runs on a heap copy of exact size, so that reading past the end is seen. */
static void feed(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void feed_damaged(const char *name, uint8_t *data, size_t size, double share_s)
{
	static const uint8_t masks[] = { 0x01, 0x80, 0xff, 0x20 };
	uint64_t start = clock_now_ns();
	size_t cuts = size < CUTS_MAX ? size : CUTS_MAX;
	size_t flips = size < FLIPS_MAX ? size : FLIPS_MAX;

	for (size_t i = 0; i < cuts && clock_seconds_since(start) < share_s / 2; i++) {
		size_t at = size * i / cuts;

		(void)snprintf(doing, sizeof(doing), "in %s, cut to %zu bytes\n", name, at);
		feed(data, at);
	}
	for (size_t i = 0; i < flips && clock_seconds_since(start) < share_s; i++) {
		size_t at = size * i / flips;
		uint8_t mask = masks[i % sizeof(masks)];

		(void)snprintf(doing, sizeof(doing), "in %s, byte %zu xor 0x%02x\n", name, at, mask);
		data[at] ^= mask;
		feed(data, size);
		data[at] ^= mask;
	}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted names of the directory's files, so that a failure is found again at the same place. */
static size_t list_files(const char *path, char ***ret)
{
	_cleanup_(closedirp) DIR *d = opendir(path);
	char **names = NULL;
	struct dirent *e;
	size_t n = 0;

	if (!d) {
		perror(path);
		exit(1);
	}
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		names = reallocarray(names, n + 1, sizeof(*names));
		if (!names)
			abort();
		names[n] = strdup(e->d_name);
		if (!names[n++])
			abort();
	}
	if (n)
		qsort(names, n, sizeof(*names), compare_names);
	*ret = names;
	return n;
}

static int replay_file(const char *dir, const char *name, double share_s)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	_cleanup_(freep) char *path = path_join(dir, name);
	struct oak_error err;

	if (!path)
		abort();
	if (file_read(AT_FDCWD, path, SEED_MAX_BYTES, &b, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return -1;
	}
	(void)snprintf(doing, sizeof(doing), "in %s, as it is\n", name);
	feed(b.data, b.len);
	feed_damaged(name, b.data, b.len, share_s);
	return 0;
}

int main(int argc, char **argv)
{
	static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	char **names;
	size_t n;
	int failed = 0;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	n = list_files(argv[1], &names);
	if (n == 0) {
		(void)fprintf(stderr, "%s: no seeds\n", argv[1]);
		return 1;
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], say_what);
	printf("1..%zu\n", n + 1);
	(void)fflush(stdout);
	feed((const uint8_t *)"", 0);
	printf("ok 1 - no bytes\n");
	for (size_t i = 0; i < n; i++) {
		int r = replay_file(argv[1], names[i], TOTAL_S / (double)n);

		failed |= r < 0;
		printf("%sok %zu - %s\n", r < 0 ? "not " : "", i + 2, names[i]);
		(void)fflush(stdout);
		free(names[i]);
	}
	free(names);
	return failed;
}
