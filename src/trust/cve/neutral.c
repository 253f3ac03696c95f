/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/neutral.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "trust/cve/file.h"

/* From the hash of a thing to its place. */
struct name {
	uint32_t key, place;
};

struct names {
	struct name *v; /* rising by key, each once */
	size_t n;
};

/* One image, in either form. */
struct image {
	uint8_t *base;
	size_t size; /* of the database; the low bits of ranges lie behind it */
	uint32_t salt;
	bool undo;
	struct names strings, paths, intervals;
	uint32_t bad; /* references that are to nothing */
};

static void image_free(struct image *im)
{
	free(im->strings.v);
	free(im->paths.v);
	free(im->intervals.v);
}

static void *section(const struct image *im, enum cve_section s, uint32_t *n)
{
	const struct cve_file_header *h = (const void *)im->base;

	*n = h->sections[s].n;
	return im->base + h->sections[s].off;
}

/* FNV-1a, folded. */
static uint32_t hash(uint32_t salt, const void *data, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u ^ (salt * 0x9e3779b97f4a7c15u);
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return (uint32_t)(h ^ (h >> 32));
}

static int by_key(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static int settle(struct names *names, struct oak_error *err)
{
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_key);
	for (size_t i = 1; i < names->n; i++)
		if (names->v[i - 1].key == names->v[i].key)
			return oak_fail(err, OAK_E_UNSUPPORTED,
					"two things of the CVE database have one hash");
	return 0;
}

static int make_room(struct names *names, size_t n, struct oak_error *err)
{
	names->v = calloc(n + 1, sizeof(*names->v));
	return names->v ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* The section ends with a NUL, so that no text leaves it. */
static int name_strings(struct image *im, struct oak_error *err)
{
	uint32_t n, texts = 0;
	const char *strings = section(im, CVE_SECTION_STRINGS, &n);
	int r;

	if (n == 0 || strings[0] || strings[n - 1])
		return cve_file_damaged(err, "its texts");
	for (uint32_t i = 0; i < n; i++)
		texts += strings[i] == '\0';
	r = make_room(&im->strings, texts, err);
	for (uint32_t at = 0; r == 0 && at < n;) {
		size_t len = strlen(strings + at);

		im->strings.v[im->strings.n++] =
			(struct name){ .key = hash(im->salt, strings + at, len), .place = at };
		at += (uint32_t)len + 1;
	}
	return r < 0 ? r : settle(&im->strings, err);
}

static int name_intervals(struct image *im, struct oak_error *err)
{
	uint32_t n;
	const struct cve_file_interval *v = section(im, CVE_SECTION_INTERVALS, &n);
	int r = make_room(&im->intervals, n, err);

	for (uint32_t i = 0; r == 0 && i < n; i++)
		im->intervals.v[im->intervals.n++] =
			(struct name){ .key = hash(im->salt, &v[i], sizeof(v[i])), .place = i };
	return r < 0 ? r : settle(&im->intervals, err);
}

static uint32_t key_of_string(struct image *im, uint32_t off)
{
	uint32_t n;
	const char *strings = section(im, CVE_SECTION_STRINGS, &n);

	/* The beginning of a text: what lies before it ends one. */
	if (off < n && (off == 0 || strings[off - 1] == '\0'))
		return hash(im->salt, strings + off, strlen(strings + off));
	im->bad++;
	return 0;
}

/* A path is called as its name is. */
static int name_paths(struct image *im, struct oak_error *err)
{
	uint32_t n;
	const struct cve_file_path *v = section(im, CVE_SECTION_PATHS, &n);
	int r = make_room(&im->paths, n, err);

	for (uint32_t i = 0; r == 0 && i < n; i++)
		im->paths.v[im->paths.n++] = (struct name){
			.key = im->undo ? v[i].name : key_of_string(im, v[i].name),
			.place = i,
		};
	return r < 0 ? r : settle(&im->paths, err);
}

static uint32_t place_of(struct image *im, const struct names *names, uint32_t key)
{
	const struct name want = { .key = key };
	const struct name *at = names->n ? bsearch(&want, names->v, names->n, sizeof(want), by_key)
					 : NULL;

	im->bad += !at;
	return at ? at->place : 0;
}

static void turn_string(struct image *im, uint32_t *ref)
{
	*ref = im->undo ? place_of(im, &im->strings, *ref) : key_of_string(im, *ref);
}

/* "First" of a list: where the one before ended is where it should begin. */
static void turn_first(const struct image *im, uint32_t *first, uint32_t n, uint32_t *expected)
{
	uint32_t place = im->undo ? *first + *expected : *first;

	*first = im->undo ? place : place - *expected;
	*expected = place + n;
}

static void turn_records(struct image *im)
{
	uint32_t n, ranges = 0, files = 0, commits = 0, releases = 0;
	struct cve_file_record *v = section(im, CVE_SECTION_RECORDS, &n);

	for (uint32_t i = 0; i < n; i++) {
		turn_string(im, &v[i].title);
		turn_string(im, &v[i].vector);
		turn_first(im, &v[i].ranges, v[i].n_ranges, &ranges);
		turn_first(im, &v[i].files, v[i].n_files, &files);
		turn_first(im, &v[i].commits, v[i].n_commits, &commits);
		turn_first(im, &v[i].releases, v[i].n_releases, &releases);
	}
}

static void turn_ranges(struct image *im)
{
	uint32_t n, intervals;
	uint32_t *v = section(im, CVE_SECTION_RANGES, &n);
	const struct cve_file_interval *interval = section(im, CVE_SECTION_INTERVALS, &intervals);
	uint8_t *low = im->base + im->size;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t place;

		if (im->undo) {
			v[i] = place_of(im, &im->intervals, v[i]) << 6 | (low[i] & 63u);
			continue;
		}
		place = CVE_RANGE_INTERVAL(v[i]);
		low[i] = v[i] & 63u;
		im->bad += place >= intervals;
		v[i] = place < intervals ? hash(im->salt, &interval[place], sizeof(*interval)) : 0;
	}
}

/* After the paths themselves have their names, before those become places again. */
static void turn_files(struct image *im)
{
	uint32_t n, n_paths;
	uint32_t *v = section(im, CVE_SECTION_FILES, &n);
	const struct cve_file_path *paths = section(im, CVE_SECTION_PATHS, &n_paths);

	for (uint32_t i = 0; i < n; i++) {
		if (im->undo) {
			v[i] = place_of(im, &im->paths, v[i]);
			continue;
		}
		im->bad += v[i] >= n_paths;
		v[i] = v[i] < n_paths ? key_of_string(im, paths[v[i]].name) : 0;
	}
}

static void turn_rest(struct image *im)
{
	uint32_t n, rules = 0, conditions = 0;
	struct cve_file_release *release = section(im, CVE_SECTION_RELEASES, &n);

	for (uint32_t i = 0; i < n; i++) {
		turn_string(im, &release[i].package);
		turn_string(im, &release[i].release);
		turn_string(im, &release[i].fixed);
	}
	struct cve_file_path *path = section(im, CVE_SECTION_PATHS, &n);

	for (uint32_t i = 0; i < n; i++) {
		turn_string(im, &path[i].name);
		turn_first(im, &path[i].rules, path[i].n_rules, &rules);
	}
	struct cve_file_rule *rule = section(im, CVE_SECTION_RULES, &n);

	for (uint32_t i = 0; i < n; i++) {
		turn_string(im, &rule[i].module);
		turn_first(im, &rule[i].conditions, rule[i].n_conditions, &conditions);
	}
	uint32_t *condition = section(im, CVE_SECTION_CONDITIONS, &n);

	for (uint32_t i = 0; i < n; i++)
		turn_string(im, &condition[i]);
}

/* One behind the other, as they are written: what is changed must not be what names are read from. */
static int check_order(const struct image *im, struct oak_error *err)
{
	const struct cve_file_header *h = (const void *)im->base;
	uint64_t end = sizeof(*h);

	for (unsigned i = 0; i < CVE_SECTIONS; i++) {
		const struct cve_file_section *s = &h->sections[i];

		if (s->off < end)
			return cve_file_damaged(err, "a section");
		end = s->off + (uint64_t)s->n * s->entry_size;
	}
	return 0;
}

static int turn(struct image *im, struct oak_error *err)
{
	int r = check_order(im, err);

	if (r == 0)
		r = name_strings(im, err);
	if (r == 0)
		r = name_intervals(im, err);
	if (r == 0)
		r = name_paths(im, err);
	if (r < 0)
		return r;
	turn_records(im);
	turn_ranges(im);
	turn_files(im);
	turn_rest(im);
	return im->bad ? oak_fail(err, OAK_E_UNSUPPORTED,
				  "the CVE database refers to %u things that it does not have",
				  im->bad)
		       : 0;
}

int cve_neutral_make(struct buf *db, uint32_t salt, struct oak_error *err)
{
	_cleanup_(image_free) struct image im = { .size = db->len, .salt = salt };
	const struct cve_file_header *h = (const void *)db->data;

	if (buf_add_zero(db, h->sections[CVE_SECTION_RANGES].n) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	im.base = db->data;
	return turn(&im, err);
}

int cve_neutral_undo(struct buf *form, size_t size, uint32_t salt, struct oak_error *err)
{
	_cleanup_(image_free) struct image im = {
		.base = form->data, .size = size, .salt = salt, .undo = true
	};
	const struct cve_file_header *h = (const void *)form->data;
	int r = cve_file_check_header(form->data, form->len, size, err);

	if (r == 0)
		r = cve_file_check_sections(h, size, err);
	if (r == 0 && (form->len < size || form->len - size != h->sections[CVE_SECTION_RANGES].n))
		r = cve_file_damaged(err, "its length");
	if (r == 0)
		r = turn(&im, err);
	/* Of bytes from elsewhere nothing is unsupported: they are wrong. */
	if (r == -OAK_E_UNSUPPORTED)
		r = cve_file_damaged(err, "its references");
	if (r < 0)
		return r;
	form->len = size;
	return 0;
}
