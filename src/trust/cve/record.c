/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/record.h"

#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "trust/cve/version.h"
#include "trust/severity.h"

#define PRODUCT      "Linux"
#define ZERO_COMMITS 40u /* hex digits of a commit; shorter ones are old and name none for sure */
#define PATH_BYTES   256u

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

void cve_printable(char *ret, size_t size, const char *from)
{
	size_t n = 0;

	for (; *from && n + 1 < size; from++)
		ret[n++] = *from;
	ret[n] = '\0';
	for (char *p = ret; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

/* "versionType" of a range that says nothing about version numbers. */
static bool is_git(const json_t *v)
{
	const char *type = json_get_str(v, "versionType");

	return type && strcmp(type, "git") == 0;
}

static int add_commit(struct cve_record *r, const json_t *v, struct oak_error *err)
{
	const char *text = json_get_str(v, "lessThan");
	uint8_t commit[CVE_COMMIT_BYTES];

	if (!text || strlen(text) != ZERO_COMMITS)
		return 0; /* not fixed there */
	if (hex_decode(text, commit, sizeof(commit)) != (int)sizeof(commit))
		return oak_fail(err, OAK_E_FORMAT, "lessThan: not a commit");
	for (size_t i = 0; i < r->n_commits; i++)
		if (memcmp(r->commits[i], commit, sizeof(commit)) == 0)
			return 0;
	if (r->n_commits == CVE_COMMITS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u commits", CVE_COMMITS_MAX);
	memcpy(r->commits[r->n_commits++], commit, sizeof(commit));
	return 0;
}

static int status_of(const json_t *j, const char *key, bool *ret, struct oak_error *err)
{
	const char *text = json_get_str(j, key);

	if (!text || (strcmp(text, "affected") != 0 && strcmp(text, "unaffected") != 0))
		return oak_fail(err, OAK_E_FORMAT, "%s: not 'affected' or 'unaffected'", key);
	*ret = text[0] == 'a';
	return 0;
}

/* The end of a range: "lessThan": X, "lessThanOrEqual": X, X.* or *, or nothing. */
static int range_end(const json_t *v, struct cve_range *range, struct oak_error *err)
{
	const char *less = json_get_str(v, "lessThan");
	const char *equal = json_get_str(v, "lessThanOrEqual");
	uint64_t lo;

	if (less && equal)
		return oak_fail(err, OAK_E_FORMAT, "lessThan and lessThanOrEqual");
	if (!less && !equal) {
		range->kind = CVE_RANGE_EXACT;
		range->hi = range->lo + 1;
		return 0;
	}
	range->kind = CVE_RANGE_PLAIN;
	if (less && cve_version_parse(less, &range->hi) < 0)
		return oak_fail(err, OAK_E_FORMAT, "lessThan: not a version");
	if (less)
		return 0;
	if (cve_version_parse(equal, &range->hi) > 0) {
		range->hi++;
		return 0;
	}
	if (cve_version_wild(equal, &lo, &range->hi) < 0)
		return oak_fail(err, OAK_E_FORMAT, "lessThanOrEqual: not a version");
	range->kind = CVE_RANGE_BRANCH;
	/* "6.1.*": the same leading numbers, and not below. */
	range->lo = lo > range->lo ? lo : range->lo;
	return 0;
}

static int read_range(const json_t *v, struct cve_range *range, struct oak_error *err)
{
	const char *version = json_get_str(v, "version");
	const char *type = json_get_str(v, "versionType");
	bool original = type && strcmp(type, "original_commit_for_fix") == 0;
	int r = status_of(v, "status", &range->affected, err);

	if (r < 0)
		return r;
	if (!version || cve_version_parse(version, &range->lo) < 0)
		return oak_fail(err, OAK_E_FORMAT, "version: not a version");
	if (json_object_get(v, "changes"))
		return oak_fail(err, OAK_E_FORMAT, "'changes' is not understood");
	r = range_end(v, range, err);
	if (r < 0)
		return r;
	if (range->kind != CVE_RANGE_EXACT && !original && (!type || strcmp(type, "semver") != 0))
		return oak_fail(err, OAK_E_FORMAT, "versionType: not known");
	if (original)
		range->kind = CVE_RANGE_ORIGINAL;
	if (range->lo >= range->hi)
		return oak_fail(err, OAK_E_FORMAT, "contradicts itself: it ends before it begins");
	return 0;
}

static int add_versions(struct cve_record *r, const json_t *versions, struct oak_error *err)
{
	size_t n = json_array_size(versions);
	void *more;

	if (n > CVE_RANGES_MAX - r->n_ranges)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u ranges", CVE_RANGES_MAX);
	if (n == 0)
		return 0;
	more = realloc(r->ranges, (r->n_ranges + n) * sizeof(*r->ranges));
	if (!more)
		return out_of_memory(err);
	r->ranges = more;
	more = realloc(r->commits, (r->n_commits + n) * sizeof(*r->commits));
	if (!more)
		return out_of_memory(err);
	r->commits = more;
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(versions, i);
		struct cve_range *range = &r->ranges[r->n_ranges];
		int s = 0;

		*range = (struct cve_range){ .entry = r->n_entries };
		if (is_git(v)) {
			s = add_commit(r, v, err);
		} else {
			s = read_range(v, range, err);
			r->n_ranges += s == 0;
		}
		if (s < 0)
			return oak_context(err, "versions[%zu]", i);
	}
	return 0;
}

/* A path of a source tree: relative, no "..", nothing that a terminal or a shell would mind. */
static bool is_path(const char *text)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+,-@:~=";
	size_t len = strlen(text);

	return len > 0 && len < PATH_BYTES && text[0] != '/' && strspn(text, letters) == len &&
	       !strstr(text, "..");
}

static bool has_file(const struct cve_record *r, const char *path)
{
	for (size_t i = 0; i < r->n_files; i++)
		if (strcmp(r->files[i], path) == 0)
			return true;
	return false;
}

static int add_files(struct cve_record *r, const json_t *files, struct oak_error *err)
{
	size_t n = json_array_size(files);
	void *more;

	if (n > CVE_FILES_MAX - r->n_files)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u files", CVE_FILES_MAX);
	if (n == 0)
		return 0;
	more = realloc(r->files, (r->n_files + n) * sizeof(*r->files));
	if (!more)
		return out_of_memory(err);
	r->files = more;
	for (size_t i = 0; i < n; i++) {
		const char *path = json_string_value(json_array_get(files, i));

		if (!path || !is_path(path))
			return oak_fail(err, OAK_E_FORMAT,
					"programFiles[%zu]: not a path of a source tree", i);
		if (has_file(r, path))
			continue;
		r->files[r->n_files] = strdup(path);
		if (!r->files[r->n_files])
			return out_of_memory(err);
		r->n_files++;
	}
	return 0;
}

static int add_entry(struct cve_record *r, const json_t *entry, struct oak_error *err)
{
	const char *product = json_get_str(entry, "product");
	const json_t *versions = json_object_get(entry, "versions");
	const json_t *files = json_object_get(entry, "programFiles");
	bool affected;
	int s;

	if (!product || strcmp(product, PRODUCT) != 0)
		return 0;
	if (r->n_entries == CVE_ENTRIES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u entries of %s", CVE_ENTRIES_MAX,
				PRODUCT);
	if ((versions && !json_is_array(versions)) || (files && !json_is_array(files)))
		return oak_fail(err, OAK_E_FORMAT, "versions, programFiles: not lists");
	s = status_of(entry, "defaultStatus", &affected, err);
	if (s == 0)
		s = add_versions(r, versions, err);
	if (s == 0)
		s = add_files(r, files, err);
	if (s < 0)
		return s;
	r->defaults |= (uint8_t)((unsigned)affected << r->n_entries);
	r->n_entries++;
	return 0;
}

static int read_affected(struct cve_record *r, const json_t *cna, struct oak_error *err)
{
	const json_t *affected = json_object_get(cna, "affected");
	int s;

	for (size_t i = 0; i < json_array_size(affected); i++) {
		s = add_entry(r, json_array_get(affected, i), err);
		if (s < 0)
			return oak_context(err, "affected[%zu]", i);
	}
	if (r->n_entries == 0)
		return oak_fail(err, OAK_E_FORMAT, "affected: no entry of the product %s", PRODUCT);
	return 0;
}

/* The highest of several scores; what is no number from 0 to 10 is as good as none. */
static void read_metrics(struct cve_record *r, const json_t *metrics)
{
	static const char *const kinds[] = { "cvssV4_0", "cvssV3_1", "cvssV3_0" };

	for (size_t i = 0; i < json_array_size(metrics); i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			const json_t *m = json_object_get(json_array_get(metrics, i), kinds[k]);
			const char *vector = json_get_str(m, "vectorString");
			double score = json_number_value(json_object_get(m, "baseScore"));

			if (!(score > 0 && score <= 10) || score * 10 + 0.5 < r->score + 1)
				continue;
			r->score = (uint8_t)(score * 10 + 0.5);
			cve_printable(r->vector, sizeof(r->vector), vector ? vector : "");
		}
	/* The bands of CVSS 3 and 4. */
	if (r->score)
		r->severity = (uint8_t)(1 + (r->score >= 90   ? SEVERITY_CRITICAL
					     : r->score >= 70 ? SEVERITY_HIGH
					     : r->score >= 40 ? SEVERITY_MEDIUM
							      : SEVERITY_LOW));
}

static int read_state(struct cve_record *r, const json_t *metadata, struct oak_error *err)
{
	static const char *const states[] = {
		[CVE_PUBLISHED] = "PUBLISHED",
		[CVE_REJECTED] = "REJECTED",
		[CVE_RESERVED] = "RESERVED",
	};
	const char *id = json_get_str(metadata, "cveId"), *state = json_get_str(metadata, "state");

	if (!id || cve_id_parse(id, &r->year, &r->number) < 0)
		return oak_fail(err, OAK_E_FORMAT, "cveId: not the id of a CVE");
	for (unsigned i = 0; state && i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(state, states[i]) == 0) {
			r->state = (enum cve_state)i;
			return 0;
		}
	return oak_fail(err, OAK_E_FORMAT, "state: not known");
}

static int read_record(struct cve_record *r, const json_t *j, struct oak_error *err)
{
	const json_t *cna = json_object_get(json_object_get(j, "containers"), "cna");
	const char *type = json_get_str(j, "dataType"), *title = json_get_str(cna, "title");
	int s;

	if (!type || strcmp(type, "CVE_RECORD") != 0)
		return oak_fail(err, OAK_E_FORMAT, "dataType: not CVE_RECORD");
	s = read_state(r, json_object_get(j, "cveMetadata"), err);
	if (s < 0)
		return s;
	cve_printable(r->title, sizeof(r->title), title ? title : "");
	if (r->state != CVE_PUBLISHED)
		return 0;
	read_metrics(r, json_object_get(cna, "metrics"));
	return read_affected(r, cna, err);
}

int cve_record_parse(const void *data, size_t len, const char *what, struct cve_record **ret,
		     struct oak_error *err)
{
	_cleanup_(cve_record_freep) struct cve_record *r = calloc(1, sizeof(*r));
	_cleanup_(json_decrefp) json_t *j = NULL;
	int s;

	if (!r)
		return out_of_memory(err);
	s = json_parse(data, len, CVE_RECORD_BYTES_MAX, what, &j, err);
	if (s < 0)
		return s;
	s = read_record(r, j, err);
	if (s < 0)
		return oak_context(err, "%s", what);
	*ret = take_ptr(r);
	return 0;
}

void cve_record_free(struct cve_record *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_files; i++)
		free(r->files[i]);
	for (size_t i = 0; i < r->n_releases; i++) {
		free(r->releases[i].package);
		free(r->releases[i].release);
		free(r->releases[i].fixed);
	}
	free(r->releases);
	free(r->files);
	free(r->ranges);
	free(r->commits);
	free(r);
}
