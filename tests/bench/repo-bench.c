/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo-bench: what the measurements of repositories need and no program of ours does.
 *
 *	repo-bench fill DIR KEYDIR KERNELS LEVELS
 *		publishes so many levels of so many kernels in a new repository. The files of the
 *		levels are not made: only the metadata and the lists are as they would be.
 *	repo-bench run PROGRAM ARGUMENT...
 *		prints the milliseconds of processor time and the KiB of memory that it took
 *	repo-bench refresh STATE URL N
 *		refreshes as a program does that has just started, then N times as a daemon does,
 *		and prints the microseconds of processor time of the first and of each later one
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "trust/author/state.h"
#include "trust/canonical.h"
#include "trust/levels.h"

#define FIXES_A_LEVEL 3
#define LEVEL_BYTES   60000
#define BUILD_ID_HEX  40

static int die(const struct oak_error *err)
{
	(void)fprintf(stderr, "repo-bench: %s\n", err->msg);
	return 1;
}

static void build_id_of(unsigned kernel, char ret[SHA256_HEX_MAX])
{
	char name[32];

	(void)snprintf(name, sizeof(name), "kernel %u", kernel);
	sha256_hex(name, strlen(name), ret);
	ret[BUILD_ID_HEX] = '\0';
}

static json_t *list_of(const char *build_id, unsigned levels)
{
	json_t *entries = json_array(), *fixes = json_array();
	char text[SHA256_HEX_MAX];

	for (unsigned level = 1; level <= levels; level++) {
		(void)snprintf(text, sizeof(text), "%064x", level);
		(void)json_array_append_new(entries,
					    json_pack("{s:i, s:[s, s], s:{s:i, s:s}, s:n}", "level",
						      (int)level, "channels", "edge", "stable",
						      "module", "size", LEVEL_BYTES, "sha256", text,
						      "effective_version"));
		for (unsigned i = 0; i < FIXES_A_LEVEL; i++) {
			(void)snprintf(text, sizeof(text), "CVE-2026-%u",
				       10000 + FIXES_A_LEVEL * level + i);
			(void)json_array_append_new(fixes,
						    json_pack("{s:s, s:[s], s:i}", "id", text,
							      "cve", text, "since", (int)level));
		}
	}
	return json_pack("{s:i, s:{s:s, s:s, s:s, s:s, s:s}, s:o, s:o}", "schema", LEVELS_SCHEMA,
			 "kernel", "build_id", build_id, "release", "6.1.0-50-amd64", "arch",
			 "x86_64", "distribution", "debian", "package_version", "6.1.176-1",
			 "levels", entries, "fixes", fixes);
}

static json_t *target_of(size_t len, const char *sha256, json_t *custom)
{
	return json_pack("{s:I, s:{s:s}, s:o*}", "length", (json_int_t)len, "hashes", "sha256",
			 sha256, "custom", custom);
}

static void add_kernel(json_t *targets, const char *build_id, unsigned levels)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	json_t *list = list_of(build_id, levels);
	char path[MANIFEST_PATH_MAX], hex[SHA256_HEX_MAX];

	for (unsigned level = 1; level <= levels; level++) {
		levels_module_path("x86_64", build_id, level, path);
		sha256_hex(path, strlen(path), hex);
		(void)json_object_set_new(targets, path, target_of(LEVEL_BYTES / 3, hex, NULL));
	}
	if (canonical_json(list, &text, NULL) < 0 || buf_add(&text, "\n", 1) < 0)
		return;
	sha256_hex(text.data, text.len, hex);
	levels_path("x86_64", build_id, path);
	(void)json_object_set_new(targets, path, target_of(text.len, hex, list));
}

static bool starts_with(const char *text, const char *start)
{
	while (*start && *text == *start) {
		text++;
		start++;
	}
	return !*start;
}

/* All kernels of one bin: "kernels-0a" has those whose build-id begins with 0a. */
static int fill_bin(struct repo *repo, const struct delegated_role *bin, unsigned kernels,
		    unsigned levels, struct oak_error *err)
{
	const char *digits = strchr(bin->name, '-');
	json_t *next;
	int r = digits++ ? author_next(repo, bin->name, &next, err)
			 : oak_fail(err, OAK_E_FORMAT, "%s is no bin", bin->name);

	if (r < 0)
		return r;
	for (unsigned kernel = 0; kernel < kernels; kernel++) {
		char build_id[SHA256_HEX_MAX];

		build_id_of(kernel, build_id);
		if (starts_with(build_id, digits))
			add_kernel(json_object_get(next, "targets"), build_id, levels);
	}
	return author_stage(repo, bin->name, next, err);
}

static int fill(const char *dir, const char *keys, unsigned kernels, unsigned levels,
		struct oak_error *err)
{
	const struct repo_options opt = { .dir = dir, .keys = keys, .now_s = time(NULL) };
	_cleanup_(repo_closep) struct repo *repo = NULL;
	const struct delegations *d;
	const struct metadata *targets;
	struct repo_outcome out;
	int r = repo_open(&opt, &repo, err);

	if (r == 0)
		r = author_latest(repo, "targets", &targets, err);
	d = r == 0 ? metadata_delegations(targets) : NULL;
	for (size_t i = 0; r == 0 && d && i < d->n; i++)
		r = fill_bin(repo, &d->roles[i], kernels, levels, err);
	if (r == 0)
		r = repo_sign(repo, &out, err);
	return r;
}

static double cpu_us(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* The state again, and the connection: what a process has that runs for long. */
static int refresh(const char *state, const char *url, unsigned n, struct oak_error *err)
{
	const struct tuf_refresh how = { .now_s = time(NULL), .quick = true };
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	_cleanup_(fetcher_close) struct fetcher fetcher = { 0 };
	double start = cpu_us(), first;
	int r = tuf_client_open(state, NULL, &c, err);

	if (r == 0)
		r = fetcher_open(url, &fetcher, err);
	if (r == 0)
		r = tuf_client_refresh(c, &fetcher, &how, err);
	first = cpu_us() - start;
	start = cpu_us();
	for (unsigned i = 0; r >= 0 && i < n; i++)
		r = tuf_client_refresh(c, &fetcher, &how, err);
	printf("%.0f %.0f\n", first, (cpu_us() - start) / n);
	return r;
}

static int run(char **argv)
{
	struct rusage u;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &u) != pid || !WIFEXITED(status))
		return 1;
	printf("%.1f %ld\n",
	       (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
		       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3,
	       u.ru_maxrss);
	return WEXITSTATUS(status);
}

/* Arguments are ours: anything else is 0. */
static unsigned number(const char *text)
{
	unsigned n = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		n = 10 * n + (unsigned)(*text - '0');
	return n;
}

int main(int argc, char **argv)
{
	struct oak_error err = { .code = OAK_OK };

	if (argc == 6 && strcmp(argv[1], "fill") == 0)
		return fill(argv[2], argv[3], number(argv[4]), number(argv[5]), &err) < 0
			       ? die(&err)
			       : 0;
	if (argc > 2 && strcmp(argv[1], "run") == 0)
		return run(argv + 2);
	if (argc == 5 && strcmp(argv[1], "refresh") == 0 && number(argv[4]))
		return refresh(argv[2], argv[3], number(argv[4]), &err) < 0 ? die(&err) : 0;
	(void)fprintf(stderr, "usage: repo-bench fill DIR KEYDIR KERNELS LEVELS\n"
			      "       repo-bench run PROGRAM ARGUMENT...\n"
			      "       repo-bench refresh STATE URL N\n");
	return 2;
}
