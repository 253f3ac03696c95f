/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cves.h"
#include "base/json.h"

#include "base/hash.h"
#include "trust/cve/record.h"
#include "trust/cve/version.h"
#include "trust/date.h"
#include "trust/severity.h"

const char *cves_severity(const struct cve_file_record *r)
{
	return r->severity ? severity_names[r->severity - 1] : "unscored";
}

static const char *state_name(const struct cve_file_record *r)
{
	static const char *const names[] = {
		[CVE_PUBLISHED] = "published",
		[CVE_REJECTED] = "rejected",
		[CVE_RESERVED] = "reserved",
	};

	return names[r->state];
}

json_t *cves_json_database(const struct cve_db *db, const char *path)
{
	const struct cve_file_header *h = db->header;
	char as_of[DATE_TEXT_MAX], kbuild[CVE_VERSION_TEXT];

	date_format(h->as_of_s, as_of);
	cve_version_format(h->kbuild, kbuild);
	return json_pack("{s:s, s:I, s:s, s:I, s:b, s:b, s:b, s:s?}", "path", path, "records",
			 (json_int_t)db->n, "as_of", as_of, "refused", (json_int_t)h->refused,
			 "debian", (h->sources & CVE_SOURCE_DEBIAN) != 0, "kev",
			 (h->sources & CVE_SOURCE_KEV) != 0, "epss",
			 (h->sources & CVE_SOURCE_EPSS) != 0, "source", h->kbuild ? kbuild : NULL);
}

json_t *cves_json_record(const struct cve_db *db, const struct cve_file_record *r)
{
	char id[CVE_ID_MAX];
	json_t *j;

	cve_id_format(r->year, r->number, id);
	j = json_pack("{s:s, s:s, s:s, s:s, s:b}", "id", id, "state", state_name(r), "title",
		      cve_db_text(db, r->title), "severity", cves_severity(r), "kev",
		      (r->flags & CVE_FLAG_KEV) != 0);
	if (j && r->score)
		(void)json_object_set_new(j, "score", json_real(r->score / 10.0));
	if (j && r->flags & CVE_FLAG_EPSS)
		(void)json_object_set_new(j, "epss", json_real(r->epss / 100000.0));
	return j;
}

static void print_releases(const struct cve_db *db, const struct cve_file_record *r)
{
	static const char *const words[] = {
		[CVE_RELEASE_OPEN] = "open",
		[CVE_RELEASE_RESOLVED] = "resolved in",
		[CVE_RELEASE_UNDETERMINED] = "undetermined",
	};

	for (uint32_t i = 0; i < r->n_releases; i++) {
		const struct cve_file_release *row = &db->releases[r->releases + i];

		printf("debian      %s %s: %s %s\n", cve_db_text(db, row->release),
		       cve_db_text(db, row->package), words[row->status],
		       cve_db_text(db, row->fixed));
	}
}

void cves_print_record(const struct cve_db *db, const struct cve_file_record *r)
{
	char id[CVE_ID_MAX], hex[2 * CVE_COMMIT_BYTES + 1];

	cve_id_format(r->year, r->number, id);
	printf("%s  %s\n", id, cve_db_text(db, r->title));
	printf("severity    %s", cves_severity(r));
	if (r->score)
		printf(" %u.%u, %s", r->score / 10u, r->score % 10u, cve_db_text(db, r->vector));
	printf("\n");
	if (r->flags & CVE_FLAG_KEV)
		printf("exploited   known since %04u-%02u-%02u%s\n", r->kev_date / 10000,
		       r->kev_date / 100 % 100, r->kev_date % 100,
		       r->flags & CVE_FLAG_RANSOMWARE ? ", by ransomware" : "");
	if (r->flags & CVE_FLAG_EPSS)
		printf("epss        %.5f, higher than %.1f%% of all\n", r->epss / 100000.0,
		       r->percentile / 1000.0);
	for (uint32_t i = 0; i < r->n_files; i++)
		printf("file        %s\n", cve_db_text(db, cve_db_path(db, r, i)->name));
	for (uint32_t i = 0; i < r->n_commits; i++) {
		hex_encode(db->commits + (size_t)(r->commits + i) * CVE_COMMIT_BYTES,
			   CVE_COMMIT_BYTES, hex);
		printf("fix         https://git.kernel.org/stable/c/%s\n", hex);
	}
	print_releases(db, r);
}

int cves_find(const struct cve_db *db, const char *id, const struct cve_file_record **ret,
	      struct oak_error *err)
{
	uint32_t year, number;

	if (cve_id_parse(id, &year, &number) < 0)
		return oak_fail(err, OAK_E_USAGE, "'%.100s' is not the id of a CVE", id);
	*ret = cve_db_find(db, year, number);
	if (!*ret)
		return oak_fail(err, OAK_E_NOTFOUND,
				"%s is not in the database: it is not a CVE of the kernel, or "
				"newer than the database",
				id);
	return 0;
}

void cves_print_mitigation(const char *label, const json_t *entry)
{
	const json_t *modules = json_object_get(entry, "modules");
	const json_t *sysctls = json_object_get(entry, "sysctls");

	printf("%-11s %s since %.10s:", label, json_get_str(entry, "cve"),
	       json_get_str(entry, "since") ? json_get_str(entry, "since") : "?");
	for (size_t i = 0; i < json_array_size(modules); i++)
		printf(" %s is blocked", json_string_value(json_array_get(modules, i)));
	for (size_t i = 0; i < json_array_size(sysctls); i++) {
		const json_t *s = json_array_get(sysctls, i);

		printf(" %s is %s", json_get_str(s, "name"), json_get_str(s, "after"));
	}
	printf("\n");
}
