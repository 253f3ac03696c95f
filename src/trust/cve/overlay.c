/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "trust/cve/members.h"

#define EPSS_DIGITS 5 /* behind the point */
#define TEXT_MAX    128u

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* Goes into files and onto terminals: names of releases, versions. */
static bool is_word(const char *text)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~:-";
	size_t len = text ? strlen(text) : 0;

	return len > 0 && len < TEXT_MAX && strspn(text, letters) == len;
}

static int add_release(struct cve_record *r, const char *package, const char *name, const json_t *j,
		       struct oak_error *err)
{
	static const char *const statuses[] = {
		[CVE_RELEASE_OPEN] = "open",
		[CVE_RELEASE_RESOLVED] = "resolved",
		[CVE_RELEASE_UNDETERMINED] = "undetermined",
	};
	const char *status = json_get_str(j, "status"), *fixed = json_get_str(j, "fixed_version");
	struct cve_release row = { .status = CVE_RELEASE_UNDETERMINED };
	void *more;

	for (unsigned i = 0; status && i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (strcmp(status, statuses[i]) == 0)
			row.status = (enum cve_release_status)i;
	if (!status || !is_word(name) || (fixed && !is_word(fixed)) ||
	    (row.status == CVE_RELEASE_RESOLVED && !fixed))
		return oak_fail(err, OAK_E_FORMAT, "releases: not as the tracker writes them");
	if (r->n_releases == CVE_RELEASES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u releases", CVE_RELEASES_MAX);
	more = reallocarray(r->releases, r->n_releases + 1, sizeof(*r->releases));
	if (!more)
		return out_of_memory(err);
	r->releases = more;
	row.package = strdup(package);
	row.release = strdup(name);
	row.fixed = strdup(fixed ? fixed : "");
	r->releases[r->n_releases++] = row;
	return row.package && row.release && row.fixed ? 0 : out_of_memory(err);
}

static int debian_record(struct cve_catalog *c, const char *package, const struct member *m,
			 struct cve_overlay_count *ret, struct oak_error *err)
{
	struct cve_record *record = catalog_find(c, m->key);
	_cleanup_(json_decrefp) json_t *j = NULL;
	const char *name;
	json_t *release;
	int r;

	ret->matched += record != NULL;
	ret->unmatched += !record;
	if (!record)
		return 0;
	r = json_parse(m->value, m->len, OVERLAY_ROW_MAX, m->key, &j, err);
	if (r < 0)
		return r;
	json_object_foreach(json_object_get(j, "releases"), name, release)
	{
		r = add_release(record, package, name, release, err);
		if (r < 0)
			return oak_context(err, "%s", m->key);
	}
	return 0;
}

/* "linux" and "linux-6.1", but not "linux-firmware". */
static bool is_kernel(const char *package)
{
	if (strncmp(package, "linux", 5) != 0 || (package[5] && !is_word(package)))
		return false;
	return !package[5] || (package[5] == '-' && package[6] >= '0' && package[6] <= '9');
}

static int debian_package(struct cve_catalog *c, const struct member *package,
			  struct cve_overlay_count *ret, struct oak_error *err)
{
	struct members list;
	struct member m;
	int r = members_begin(&list, package->value, package->len, '{', err);

	while (r >= 0) {
		r = members_next(&list, &m, err);
		if (r <= 0)
			break;
		r = debian_record(c, package->key, &m, ret, err);
	}
	return r < 0 ? oak_context(err, "%.100s", package->key) : 0;
}

int overlay_debian(struct cve_catalog *c, const char *data, size_t len,
		   struct cve_overlay_count *ret, struct oak_error *err)
{
	struct members list;
	struct member m;
	bool found = false;
	int r = members_begin(&list, data, len, '{', err);

	while (r >= 0) {
		r = members_next(&list, &m, err);
		if (r <= 0)
			break;
		if (!is_kernel(m.key))
			continue;
		found = true;
		r = debian_package(c, &m, ret, err);
	}
	if (r == 0 && !found)
		return oak_fail(err, OAK_E_FORMAT, "no package 'linux' in it");
	return r;
}

/* "2024-05-30" as 20240530; 0 for another form. */
static uint32_t day(const char *text)
{
	uint32_t n = 0;

	for (int i = 0; i < 10; i++) {
		bool dash = i == 4 || i == 7;

		if (!text || (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9'))
			return 0;
		if (!dash)
			n = n * 10 + (uint32_t)(text[i] - '0');
	}
	return text[10] ? 0 : n;
}

static int kev_row(struct cve_catalog *c, const struct member *m, struct cve_overlay_count *ret,
		   struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	struct cve_record *record;
	const char *id, *ransomware;
	int r = json_parse(m->value, m->len, OVERLAY_ROW_MAX, "vulnerabilities", &j, err);

	if (r < 0)
		return r;
	id = json_get_str(j, "cveID");
	if (!id)
		return oak_fail(err, OAK_E_FORMAT, "vulnerabilities: one without cveID");
	record = catalog_find(c, id);
	ret->matched += record != NULL;
	ret->unmatched += !record;
	if (!record)
		return 0;
	record->flags |= CVE_FLAG_KEV;
	record->kev_date = day(json_get_str(j, "dateAdded"));
	ransomware = json_get_str(j, "knownRansomwareCampaignUse");
	if (ransomware && strcmp(ransomware, "Known") == 0)
		record->flags |= CVE_FLAG_RANSOMWARE;
	return 0;
}

static int kev_list(struct cve_catalog *c, const struct member *all, struct cve_overlay_count *ret,
		    struct oak_error *err)
{
	struct members list;
	struct member m;
	int r = members_begin(&list, all->value, all->len, '[', err);

	while (r >= 0) {
		r = members_next(&list, &m, err);
		if (r <= 0)
			break;
		r = kev_row(c, &m, ret, err);
	}
	return r;
}

int overlay_kev(struct cve_catalog *c, const char *data, size_t len, struct cve_overlay_count *ret,
		struct oak_error *err)
{
	struct members list;
	struct member m;
	bool found = false;
	int r = members_begin(&list, data, len, '{', err);

	while (r >= 0) {
		r = members_next(&list, &m, err);
		if (r <= 0)
			break;
		if (strcmp(m.key, "vulnerabilities") != 0)
			continue;
		found = true;
		r = kev_list(c, &m, ret, err);
	}
	if (r == 0 && !found)
		return oak_fail(err, OAK_E_FORMAT, "no 'vulnerabilities' in it");
	return r;
}

/* "0.00043" in units of 0.00001; more digits are cut. Returns where it ended, NULL if it is none. */
static const char *fraction(const char *at, const char *end, uint32_t *ret)
{
	uint32_t n;
	int digits = 0;

	if (at == end || (*at != '0' && *at != '1'))
		return NULL;
	n = (uint32_t)(*at++ - '0');
	if (at < end && *at == '.')
		for (at++; at < end && *at >= '0' && *at <= '9'; at++)
			if (digits < EPSS_DIGITS) {
				n = n * 10 + (uint32_t)(*at - '0');
				digits++;
			}
	for (; digits < EPSS_DIGITS; digits++)
		n *= 10;
	*ret = n;
	return n <= 100000 ? at : NULL;
}

/* "CVE-2024-26581,0.00043,0.08151" */
static int epss_row(struct cve_catalog *c, const char *line, const char *end,
		    struct cve_overlay_count *ret, struct oak_error *err)
{
	const char *comma = memchr(line, ',', (size_t)(end - line)), *at;
	char id[CVE_ID_MAX] = "";
	struct cve_record *record;
	uint32_t score, percentile, year, number;

	if (comma && (size_t)(comma - line) < sizeof(id))
		memcpy(id, line, (size_t)(comma - line));
	if (!comma || cve_id_parse(id, &year, &number) < 0)
		return oak_fail(err, OAK_E_FORMAT, "not the id of a CVE at its beginning");
	at = fraction(comma + 1, end, &score);
	if (!at || at == end || *at != ',')
		return oak_fail(err, OAK_E_FORMAT, "%s: not a score from 0 to 1", id);
	at = fraction(at + 1, end, &percentile);
	if (!at || at != end)
		return oak_fail(err, OAK_E_FORMAT, "%s: not a percentile from 0 to 1", id);
	record = catalog_find(c, id);
	ret->matched += record != NULL;
	ret->unmatched += !record;
	if (record) {
		record->flags |= CVE_FLAG_EPSS;
		record->epss = score;
		record->percentile = percentile;
	}
	return 0;
}

int overlay_epss(struct cve_catalog *c, const char *data, size_t len, struct cve_overlay_count *ret,
		 struct oak_error *err)
{
	const char *at = data, *end = data + len;
	bool head = false;

	for (unsigned line = 1; at < end; line++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end, *next = newline ? newline + 1 : end;

		if (stop > at && stop[-1] == '\r')
			stop--;
		if (stop > at && *at != '#') {
			bool names = (size_t)(stop - at) >= 4 && memcmp(at, "cve,", 4) == 0;
			int r = names || !head ? 0 : epss_row(c, at, stop, ret, err);

			if (!names && !head)
				r = oak_fail(err, OAK_E_FORMAT, "no line 'cve,epss,percentile'");
			if (r < 0)
				return oak_context(err, "line %u", line);
			head = true;
		}
		at = next;
	}
	return head ? 0 : oak_fail(err, OAK_E_FORMAT, "no line 'cve,epss,percentile'");
}
