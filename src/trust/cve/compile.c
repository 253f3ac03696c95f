/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/compile.h"

#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "trust/cve/catalog.h"
#include "trust/cve/feed.h"
#include "trust/cve/kbuild-map.h"
#include "trust/cve/overlay.h"

#define STEP       2000u /* records between two lines of progress */
#define NAME_BYTES 256u

struct compile {
	const struct cve_compile_options *opt;
	struct cve_compile_report *report;
	struct cve_catalog catalog;
};

static void refuse(struct compile *c, const char *name, const char *why)
{
	char plain_name[NAME_BYTES], plain_why[OAK_ERROR_MSG_MAX];

	c->report->refused++;
	if (!c->opt->refused)
		return;
	/* Whoever made the archive chose the names, and a parser quotes what it could not read. */
	cve_printable(plain_name, sizeof(plain_name), name);
	cve_printable(plain_why, sizeof(plain_why), why);
	c->opt->refused(c->opt->ctx, plain_name, plain_why);
}

static bool is_record(const char *name)
{
	size_t len = strlen(name);

	return len > 9 && strncmp(name, "CVE-", 4) == 0 && strcmp(name + len - 5, ".json") == 0;
}

/* A record must be what its file is called. */
static bool has_its_name(const struct cve_record *r, const char *name)
{
	const char *slash = strrchr(name, '/');
	char id[CVE_ID_MAX];

	cve_id_format(r->year, r->number, id);
	name = slash ? slash + 1 : name;
	return strncmp(name, id, strlen(id)) == 0 && strcmp(name + strlen(id), ".json") == 0;
}

static int take_file(void *ctx, const struct feed_file *file, struct oak_error *err)
{
	_cleanup_(cve_record_freep) struct cve_record *r = NULL;
	struct compile *c = ctx;
	struct oak_error why = { .code = OAK_OK };

	if (++c->report->read % STEP == 0)
		progress_step(c->opt->progress, "%zu records read", c->report->read);
	if (c->report->read > CVE_RECORDS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u records", CVE_RECORDS_MAX);
	if (!file->bytes) {
		refuse(c, file->name, file->why->msg);
		return 0;
	}
	if (cve_record_parse(file->bytes->data, file->bytes->len, "record", &r, &why) < 0) {
		if (why.code == OAK_E_NOMEM)
			return oak_fail(err, why.code, "%s", why.msg);
		refuse(c, file->name, why.msg);
		return 0;
	}
	if (!has_its_name(r, file->name)) {
		refuse(c, file->name, "contradicts itself: it is the record of another id");
		return 0;
	}
	if (file->mtime_s > c->catalog.as_of_s)
		c->catalog.as_of_s = file->mtime_s;
	if (catalog_add(&c->catalog, r) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = NULL;
	return 0;
}

static bool same_id(const struct cve_record *a, const struct cve_record *b)
{
	return a->year == b->year && a->number == b->number;
}

/* The first record of an id stays. */
static void drop_duplicates(struct compile *c)
{
	struct cve_catalog *all = &c->catalog;
	size_t kept = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct cve_record *r = all->records[i];
		char id[CVE_ID_MAX];

		if (kept == 0 || !same_id(all->records[kept - 1], r)) {
			all->records[kept++] = r;
			continue;
		}
		cve_id_format(r->year, r->number, id);
		refuse(c, id, "given more than once; the first is kept");
		cve_record_free(r);
	}
	all->n = kept;
}

static int read_records(struct compile *c, struct oak_error *err)
{
	const struct feed_options feed = {
		.file_max = CVE_RECORD_BYTES_MAX, .wanted = is_record, .file = take_file, .ctx = c
	};
	int r = feed_read(c->opt->records, &feed, err);

	if (r < 0)
		return r;
	if (catalog_sort(&c->catalog) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	drop_duplicates(c);
	if (c->catalog.n == 0)
		return oak_fail(err, OAK_E_FORMAT,
				"%s: no record CVE-*.json that can be read (%zu were refused); "
				"give the folder or the archive of the kernel's CVE authority",
				c->opt->records, c->report->refused);
	for (size_t i = 0; i < c->catalog.n; i++) {
		c->report->published += c->catalog.records[i]->state == CVE_PUBLISHED;
		c->report->rejected += c->catalog.records[i]->state == CVE_REJECTED;
		c->report->reserved += c->catalog.records[i]->state == CVE_RESERVED;
	}
	c->catalog.refused = (uint32_t)c->report->refused;
	return 0;
}

static int read_overlay(struct compile *c, const char *path, overlay_parse parse,
			enum cve_source source, struct cve_overlay_count *ret,
			struct oak_error *err)
{
	_cleanup_(mapping_close) struct mapping map = { 0 };
	int r;

	if (!path)
		return 0;
	progress_step(c->opt->progress, "reading %s", path);
	r = mapping_open(AT_FDCWD, path, &map, err);
	if (r < 0)
		return r;
	c->catalog.sources |= source;
	r = parse(&c->catalog, (const char *)map.data, map.len, ret, err);
	return r < 0 ? oak_context(err, "%s", path) : 0;
}

static int read_overlays(struct compile *c, struct oak_error *err)
{
	struct cve_compile_report *to = c->report;
	int r = read_overlay(c, c->opt->debian, overlay_debian, CVE_SOURCE_DEBIAN, &to->debian, err);

	if (r == 0)
		r = read_overlay(c, c->opt->kev, overlay_kev, CVE_SOURCE_KEV, &to->kev, err);
	if (r == 0)
		r = read_overlay(c, c->opt->epss, overlay_epss, CVE_SOURCE_EPSS, &to->epss, err);
	return r;
}

/* How many files the records name, and of how many the rules are known. */
static void count_paths(const struct buf *bytes, struct cve_compile_report *ret)
{
	const struct cve_file_header *h = (const void *)bytes->data;
	const struct cve_file_section *s = &h->sections[CVE_SECTION_PATHS];
	const struct cve_file_path *paths = (const void *)(bytes->data + s->off);

	ret->paths = s->n;
	for (uint32_t i = 0; i < s->n; i++)
		ret->paths_mapped += paths[i].n_rules > 0;
}

static int write_database(struct compile *c, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	int r = catalog_write(&c->catalog, &bytes, err);

	if (r < 0)
		return r;
	c->report->bytes = bytes.len;
	count_paths(&bytes, c->report);
	return file_write(AT_FDCWD, c->opt->output, bytes.data, bytes.len, 0644, err);
}

static int compile(struct compile *c, struct kbuild_map *map, struct oak_error *err)
{
	int r = read_records(c, err);

	if (r == 0)
		r = read_overlays(c, err);
	if (r == 0 && c->opt->source) {
		progress_step(c->opt->progress, "reading the Makefiles of %s", c->opt->source);
		r = kbuild_map_read(c->opt->source, map, err);
		c->catalog.kbuild = map;
		c->catalog.sources |= CVE_SOURCE_KBUILD;
	}
	return r < 0 ? r : write_database(c, err);
}

int cve_compile(const struct cve_compile_options *opt, struct cve_compile_report *ret,
		struct oak_error *err)
{
	_cleanup_(kbuild_map_free) struct kbuild_map map = { 0 };
	uint64_t start = clock_now_ns();
	struct compile c = { .opt = opt, .report = ret };
	int r;

	*ret = (struct cve_compile_report){ 0 };
	r = compile(&c, &map, err);
	catalog_free(&c.catalog);
	ret->seconds = clock_seconds_since(start);
	return r;
}
