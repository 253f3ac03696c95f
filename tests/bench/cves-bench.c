/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cves-bench: what judging the CVEs of a host takes
 *
 *	cves-bench DATABASE ROOT
 *		prints milliseconds, each the median of RUNS: a whole host (facts read, database opened,
 *		every record judged), of that the facts; one CVE of a host whose facts are known
 *		(database opened, record found, judged, put into words); and the peak memory in KiB.
 *	cves-bench --json RECORDS
 *		prints how many seconds merely reading the records' JSON takes.
 *	cves-bench --delta OLD NEW
 *		prints the bytes of NEW packed, of what makes it of OLD, how many milliseconds a host
 *		takes to make it, and the peak memory of that in KiB.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "host/cve/judge.h"
#include "trust/cve/delta.h"
#include "trust/cve/feed.h"
#include "trust/cve/record.h"

#define RUNS 7

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double v[RUNS])
{
	qsort(v, RUNS, sizeof(*v), by_value);
	return v[RUNS / 2] * 1000;
}

static int whole_host(int root, const char *path, double *ret_facts, double *ret_all)
{
	_cleanup_(cve_host_free) struct cve_host h = { .next = { .upstream = 0 } };
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	uint64_t start = clock_now_ns();
	struct oak_error err;
	size_t open = 0;

	if (cve_host_read(root, &h, &err) < 0)
		goto failed;
	*ret_facts = clock_seconds_since(start);
	if (cve_db_open(AT_FDCWD, path, &db, &err) < 0)
		goto failed;
	for (size_t i = 0; i < db.n; i++)
		open += cve_judge(&h, &db, &db.records[i]).verdict == CVE_VERDICT_EXPOSED;
	*ret_all = clock_seconds_since(start);
	return open ? 0 : -1;
failed:
	(void)fprintf(stderr, "cves-bench: %s\n", err.msg);
	return -1;
}

static int one_cve(const struct cve_host *h, const char *path, double *ret)
{
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	uint64_t start = clock_now_ns();
	const struct cve_file_record *r;
	struct cve_judgement j;
	struct oak_error err;

	if (cve_db_open(AT_FDCWD, path, &db, &err) < 0)
		return -1;
	r = cve_db_find(&db, 2025, 38236);
	if (!r)
		return -1;
	j = cve_judge(h, &db, r);
	if (cve_judgement_reason(h, &db, &j, &text) < 0)
		return -1;
	*ret = clock_seconds_since(start);
	return 0;
}

static int bench(const char *path, const char *root_path)
{
	_cleanup_(closep) int root = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(cve_host_free) struct cve_host h = { .next = { .upstream = 0 } };
	double facts[RUNS], all[RUNS], one[RUNS];
	struct rusage usage;
	struct oak_error err;

	for (int i = 0; i < RUNS; i++)
		if (whole_host(root, path, &facts[i], &all[i]) < 0)
			return 1;
	(void)getrusage(RUSAGE_SELF, &usage);
	if (cve_host_read(root, &h, &err) < 0)
		return 1;
	for (int i = 0; i < RUNS; i++)
		if (one_cve(&h, path, &one[i]) < 0)
			return 1;
	printf("%.1f %.1f %.2f %ld\n", median(all), median(facts), median(one), usage.ru_maxrss);
	return 0;
}

static bool is_json(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".json") == 0;
}

static int parse(_unused_ void *ctx, const struct feed_file *file, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = NULL;

	return file->bytes ? json_parse(file->bytes->data, file->bytes->len, CVE_RECORD_BYTES_MAX,
					file->name, &j, err)
			   : 0;
}

static int read_json(const char *records)
{
	const struct feed_options opt = { .file_max = CVE_RECORD_BYTES_MAX,
					  .wanted = is_json,
					  .file = parse };
	uint64_t start = clock_now_ns();
	struct oak_error err;

	if (feed_read(records, &opt, &err) < 0) {
		(void)fprintf(stderr, "cves-bench: %s\n", err.msg);
		return 1;
	}
	printf("%.2f\n", clock_seconds_since(start));
	return 0;
}

static int read_file(const char *path, struct buf *ret)
{
	struct oak_error err;

	if (file_read(AT_FDCWD, path, CVE_FILE_MAX, ret, &err) == 0)
		return 0;
	(void)fprintf(stderr, "cves-bench: %s\n", err.msg);
	return -1;
}

/* In a process of its own: what the publisher took is not the host's. */
static int apply(const char *old, const struct buf *delta, size_t size)
{
	_cleanup_(buf_free) struct buf db = { 0 };
	uint64_t start = clock_now_ns();
	struct rusage usage;
	struct oak_error err;

	if (read_file(old, &db) < 0 || cve_delta_apply(&db, delta, size, &err) < 0)
		return 1;
	(void)getrusage(RUSAGE_SELF, &usage);
	printf(" %.1f %ld\n", clock_seconds_since(start) * 1000, usage.ru_maxrss);
	return fflush(stdout) != 0;
}

static int delta(const char *old_path, const char *new_path)
{
	_cleanup_(buf_free) struct buf packed = { 0 }, made = { 0 };
	struct oak_error err;
	int pipes[2], status = 1;
	size_t size;

	if (pipe(pipes) < 0)
		return 1;
	if (fork() == 0) {
		_cleanup_(buf_free) struct buf old = { 0 }, new = { 0 };

		if (read_file(old_path, &old) < 0 || read_file(new_path, &new) < 0 ||
		    cve_pack(&new, &packed, &err) < 0 ||
		    cve_delta_make(&old, &new, &made, &err) < 0)
			_exit(1);
		printf("%zu %zu", packed.len, made.len);
		(void)fflush(stdout);
		(void)!write(pipes[1], &new.len, sizeof(new.len));
		(void)!write(pipes[1], made.data, made.len);
		_exit(0);
	}
	(void)close(pipes[1]);
	if (read(pipes[0], &size, sizeof(size)) != sizeof(size))
		return 1;
	while (buf_reserve(&made, 65536) == 0) {
		ssize_t n = read(pipes[0], made.data + made.len, 65536);

		if (n <= 0)
			break;
		made.len += (size_t)n;
	}
	(void)close(pipes[0]);
	return wait(&status) < 0 || status != 0 ? 1 : apply(old_path, &made, size);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "--delta") == 0)
		return delta(argv[2], argv[3]);
	if (argc != 3)
		return 2;
	return strcmp(argv[1], "--json") == 0 ? read_json(argv[2]) : bench(argv[1], argv[2]);
}
