/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cves-bench: what judging the CVEs of a host takes
 *
 *	cves-bench DATABASE ROOT
 *		prints milliseconds, each the median of RUNS: a whole host (facts read, database opened,
 *		every record judged), of that the facts; one CVE of a host whose facts are known
 *		(database opened, record found, judged, put into words); the peak memory in KiB; then
 *		milliseconds of all statements of that host as OpenVEX, and the peak with it.
 *	cves-bench --json RECORDS
 *		prints how many seconds merely reading the records' JSON takes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "host/cve/judge.h"
#include "host/vex/write.h"
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

/* Every record judged, and what oakum vex says by default written. */
static int statements(const struct cve_host *h, const char *path, double *ret)
{
	static const struct vex_revision revision = { .at_s = 1 };
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	_cleanup_(vex_free) struct vex v = { .kernel = h->kernel };
	_cleanup_(buf_free) struct buf text = { 0 };
	uint64_t start = clock_now_ns();
	struct oak_error err;

	v.issue = (struct vex_issue){ .version = 1, .revisions = &revision };
	if (cve_db_open(AT_FDCWD, path, &db, &err) < 0)
		return -1;
	for (size_t i = 0; i < db.n; i++) {
		const struct cve_judgement j = cve_judge(h, &db, &db.records[i]);

		if (!vex_is_plain(&j) && vex_add(&v, h, &db, &db.records[i], &j, &err) < 0)
			return -1;
	}
	vex_sort(&v);
	if (vex_write(&v, VEX_OPENVEX, &text, &err) < 0)
		return -1;
	*ret = clock_seconds_since(start);
	return 0;
}

static int bench(const char *path, const char *root_path)
{
	_cleanup_(closep) int root = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(cve_host_free) struct cve_host h = { .next = { .upstream = 0 } };
	double facts[RUNS], all[RUNS], one[RUNS], vex[RUNS];
	long peak;
	struct rusage usage;
	struct oak_error err;

	for (int i = 0; i < RUNS; i++)
		if (whole_host(root, path, &facts[i], &all[i]) < 0)
			return 1;
	(void)getrusage(RUSAGE_SELF, &usage);
	peak = usage.ru_maxrss;
	if (cve_host_read(root, &h, &err) < 0)
		return 1;
	for (int i = 0; i < RUNS; i++)
		if (one_cve(&h, path, &one[i]) < 0)
			return 1;
	for (int i = 0; i < RUNS; i++)
		if (statements(&h, path, &vex[i]) < 0)
			return 1;
	(void)getrusage(RUSAGE_SELF, &usage);
	printf("%.1f %.1f %.2f %ld %.1f %ld\n", median(all), median(facts), median(one), peak,
	       median(vex), usage.ru_maxrss);
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

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	return strcmp(argv[1], "--json") == 0 ? read_json(argv[2]) : bench(argv[1], argv[2]);
}
