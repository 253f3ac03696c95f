/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write: the database's bytes. Sections are gathered apart and laid behind each other at the end. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "trust/cve/catalog.h"
#include "trust/cve/file.h"
#include "trust/cve/kbuild-map.h"
#include "trust/cve/strings.h"

struct writer {
	const struct cve_catalog *c;
	struct buf sections[CVE_SECTIONS];
	struct strings strings;
	struct cve_file_interval *intervals; /* rising, each once */
	size_t n_intervals;
	const char **paths; /* the same */
	size_t n_paths;
};

static void writer_free(struct writer *w)
{
	for (unsigned i = 0; i < CVE_SECTIONS; i++)
		buf_free(&w->sections[i]);
	strings_free(&w->strings);
	free(w->intervals);
	free(w->paths);
}

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static uint32_t count(const struct writer *w, enum cve_section s)
{
	return (uint32_t)(w->sections[s].len / cve_entry_sizes[s]);
}

static int add(struct writer *w, enum cve_section s, const void *entry)
{
	return buf_add(&w->sections[s], entry, cve_entry_sizes[s]);
}

static int by_interval(const void *a, const void *b)
{
	const struct cve_file_interval *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return (x->hi > y->hi) - (x->hi < y->hi);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once; the new count. */
static size_t unique(void *v, size_t n, size_t size, int (*order)(const void *, const void *))
{
	char *bytes = v;
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(v, n, size, order);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || order(bytes + i * size, bytes + (kept - 1) * size) != 0)
			memmove(bytes + kept++ * size, bytes + i * size, size);
	return kept;
}

static int gather(struct writer *w, struct oak_error *err)
{
	size_t ranges = 0, files = 0;

	for (size_t i = 0; i < w->c->n; i++) {
		ranges += w->c->records[i]->n_ranges;
		files += w->c->records[i]->n_files;
	}
	w->intervals = calloc(ranges + 1, sizeof(*w->intervals));
	w->paths = calloc(files + 1, sizeof(*w->paths));
	if (!w->intervals || !w->paths)
		return out_of_memory(err);
	for (size_t i = 0; i < w->c->n; i++) {
		const struct cve_record *r = w->c->records[i];

		for (size_t k = 0; k < r->n_ranges; k++)
			w->intervals[w->n_intervals++] =
				(struct cve_file_interval){ .lo = r->ranges[k].lo,
							    .hi = r->ranges[k].hi };
		for (size_t k = 0; k < r->n_files; k++)
			w->paths[w->n_paths++] = r->files[k];
	}
	w->n_intervals = unique(w->intervals, w->n_intervals, sizeof(*w->intervals), by_interval);
	w->n_paths = unique(w->paths, w->n_paths, sizeof(*w->paths), by_text);
	if (w->n_intervals >= 1u << 26)
		return oak_fail(err, OAK_E_TOOLARGE, "too many different ranges");
	return buf_add(&w->sections[CVE_SECTION_INTERVALS], w->intervals,
		       w->n_intervals * sizeof(*w->intervals)) < 0
		       ? out_of_memory(err)
		       : 0;
}

static int write_rule(struct writer *w, const struct kbuild_rule *rule)
{
	struct cve_file_rule to = { .conditions = count(w, CVE_SECTION_CONDITIONS),
				    .n_conditions = (uint32_t)rule->n_conditions };
	uint32_t text;
	int r = strings_add(&w->strings, rule->module ? rule->module : "", &to.module);

	for (size_t i = 0; r == 0 && i < rule->n_conditions; i++) {
		r = strings_add(&w->strings, rule->conditions[i], &text);
		if (r == 0)
			r = add(w, CVE_SECTION_CONDITIONS, &text);
	}
	return r < 0 ? r : add(w, CVE_SECTION_RULES, &to);
}

static int write_path(struct writer *w, const char *name)
{
	struct cve_file_path to = { .rules = count(w, CVE_SECTION_RULES) };
	size_t n = 0;
	const struct kbuild_rule *rules = w->c->kbuild ? kbuild_map_find(w->c->kbuild, name, &n)
						       : NULL;
	int r = strings_add(&w->strings, name, &to.name);

	to.n_rules = (uint32_t)n;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = write_rule(w, &rules[i]);
	return r < 0 ? r : add(w, CVE_SECTION_PATHS, &to);
}

static int write_ranges(struct writer *w, const struct cve_record *r, struct cve_file_record *to)
{
	to->ranges = count(w, CVE_SECTION_RANGES);
	to->n_ranges = (uint32_t)r->n_ranges;
	for (size_t i = 0; i < r->n_ranges; i++) {
		const struct cve_range *from = &r->ranges[i];
		struct cve_file_interval key = { .lo = from->lo, .hi = from->hi };
		const struct cve_file_interval *at =
			bsearch(&key, w->intervals, w->n_intervals, sizeof(key), by_interval);
		uint32_t word = (uint32_t)from->kind | (uint32_t)from->affected << 2 |
				(uint32_t)from->entry << 3 | (uint32_t)(at - w->intervals) << 6;

		if (add(w, CVE_SECTION_RANGES, &word) < 0)
			return -1;
	}
	return 0;
}

static int write_files(struct writer *w, const struct cve_record *r, struct cve_file_record *to)
{
	to->files = count(w, CVE_SECTION_FILES);
	to->n_files = (uint32_t)r->n_files;
	for (size_t i = 0; i < r->n_files; i++) {
		const char *key = r->files[i];
		const char **at = bsearch(&key, w->paths, w->n_paths, sizeof(key), by_text);
		uint32_t index = (uint32_t)(at - w->paths);

		if (add(w, CVE_SECTION_FILES, &index) < 0)
			return -1;
	}
	return 0;
}

static int write_releases(struct writer *w, const struct cve_record *r, struct cve_file_record *to)
{
	to->releases = count(w, CVE_SECTION_RELEASES);
	to->n_releases = (uint32_t)r->n_releases;
	for (size_t i = 0; i < r->n_releases; i++) {
		const struct cve_release *from = &r->releases[i];
		struct cve_file_release row = { .status = from->status };

		if (strings_add(&w->strings, from->package, &row.package) < 0 ||
		    strings_add(&w->strings, from->release, &row.release) < 0 ||
		    strings_add(&w->strings, from->fixed, &row.fixed) < 0 ||
		    add(w, CVE_SECTION_RELEASES, &row) < 0)
			return -1;
	}
	return 0;
}

static int write_record(struct writer *w, const struct cve_record *r)
{
	struct cve_file_record to = {
		.year = (uint16_t)r->year,
		.number = r->number,
		.state = (uint8_t)r->state,
		.n_entries = r->n_entries,
		.defaults = r->defaults,
		.severity = r->severity,
		.score = r->score,
		.flags = r->flags,
		.epss = r->epss,
		.percentile = r->percentile,
		.kev_date = r->kev_date,
		.commits = count(w, CVE_SECTION_COMMITS),
		.n_commits = (uint32_t)r->n_commits,
	};

	if (strings_add(&w->strings, r->title, &to.title) < 0 ||
	    strings_add(&w->strings, r->vector, &to.vector) < 0 || write_ranges(w, r, &to) < 0 ||
	    write_files(w, r, &to) < 0 || write_releases(w, r, &to) < 0)
		return -1;
	for (size_t i = 0; i < r->n_commits; i++)
		if (add(w, CVE_SECTION_COMMITS, r->commits[i]) < 0)
			return -1;
	return add(w, CVE_SECTION_RECORDS, &to);
}

/* Header, sections, checksum. */
static int lay_out(struct writer *w, struct buf *ret)
{
	struct cve_file_header h = {
		.magic = CVE_FILE_MAGIC,
		.version = CVE_FILE_VERSION,
		.header_size = sizeof(h),
		.as_of_s = w->c->as_of_s,
		.refused = w->c->refused,
		.sources = w->c->sources,
		.kbuild = w->c->kbuild ? w->c->kbuild->version : 0,
	};
	size_t start = ret->len, at = sizeof(h);
	uint64_t checksum;

	for (unsigned i = 0; i < CVE_SECTIONS; i++) {
		h.sections[i] = (struct cve_file_section){ .off = at,
							   .n = count(w, (enum cve_section)i),
							   .entry_size = cve_entry_sizes[i] };
		at += (w->sections[i].len + 7) & ~(size_t)7;
	}
	h.file_size = at + sizeof(checksum);
	if (buf_add(ret, &h, sizeof(h)) < 0)
		return -1;
	for (unsigned i = 0; i < CVE_SECTIONS; i++)
		if (buf_add(ret, w->sections[i].data, w->sections[i].len) < 0 ||
		    buf_add_zero(ret, -w->sections[i].len & 7) < 0)
			return -1;
	checksum = cve_checksum(ret->data + start, ret->len - start);
	return buf_add(ret, &checksum, sizeof(checksum));
}

int catalog_write(const struct cve_catalog *c, struct buf *ret, struct oak_error *err)
{
	_cleanup_(writer_free) struct writer w = { .c = c };
	size_t start = ret->len;
	uint32_t empty;
	int r = gather(&w, err);

	if (r < 0)
		return r;
	if (strings_add(&w.strings, "", &empty) < 0)
		return out_of_memory(err);
	for (size_t i = 0; i < w.n_paths; i++)
		if (write_path(&w, w.paths[i]) < 0)
			return out_of_memory(err);
	for (size_t i = 0; i < c->n; i++)
		if (write_record(&w, c->records[i]) < 0)
			return out_of_memory(err);
	w.sections[CVE_SECTION_STRINGS] = w.strings.bytes;
	w.strings.bytes = (struct buf){ 0 };
	if (lay_out(&w, ret) < 0)
		return out_of_memory(err);
	if (ret->len - start > CVE_FILE_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "the database has more than %u bytes",
				CVE_FILE_MAX);
	return 0;
}
