/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cves-upstream: oakum cves --upstream VERSION */
#include "cli/cves.h"
#include "host/cve/upstream.h"
#include "trust/cve/record.h"
#include "trust/cve/version.h"

struct upstream {
	const struct cve_db *db;
	const char *path;
	uint64_t version;
	char text[CVE_VERSION_TEXT];
};

static json_t *version_json(uint64_t version)
{
	char text[CVE_VERSION_TEXT];

	cve_version_format(version, text);
	return version ? json_string(text) : json_null();
}

static json_t *verdict_json(const struct upstream *u, const struct cve_file_record *r,
			    const struct cve_upstream_why *why)
{
	json_t *j = cves_json_record(u->db, r);

	if (!j)
		return NULL;
	(void)json_object_set_new(j, "verdict", json_string(cve_upstream_name(why->verdict)));
	(void)json_object_set_new(j, "fixed_in", version_json(why->fixed_in));
	(void)json_object_set_new(j, "unsure", json_boolean(why->unsure));
	(void)json_object_set_new(j, "disputed", json_boolean(why->disputed != 0));
	return j;
}

static void print_why(const struct upstream *u, const struct cve_upstream_why *why)
{
	char lo[CVE_VERSION_TEXT], hi[CVE_VERSION_TEXT], fix[CVE_VERSION_TEXT];

	cve_version_format(why->lo, lo);
	cve_version_format(why->hi, hi);
	cve_version_format(why->fixed_in, fix);
	printf("verdict     %s in %s\n", cve_upstream_name(why->verdict), u->text);
	if (why->verdict == CVE_UPSTREAM_NONE)
		printf("because     the record is rejected or reserved\n");
	else if (why->by_default)
		printf("because     no range of the record's entry %u holds it, and its default "
		       "says so\n",
		       why->entry);
	else if (why->verdict == CVE_UPSTREAM_FIXED)
		printf("because     its branch has the fix since %s\n", lo);
	else
		printf("because     entry %u says so of %s <= version < %s\n", why->entry, lo, hi);
	if (why->verdict == CVE_UPSTREAM_AFFECTED)
		printf("way out     %s%s\n", why->fixed_in ? "version " : "no fix is known yet",
		       why->fixed_in ? fix : "");
	if (why->disputed) {
		cve_version_format(why->disputed, lo);
		printf("disputed    another entry of the record knows a fix since %s\n", lo);
	}
	if (why->unsure)
		printf("unsure      a release candidate of the very release in which the code came "
		       "or was fixed\n");
}

static int explain(const struct cli *cli, const struct upstream *u, const struct cli_args *ids,
		   struct oak_error *err)
{
	json_t *list = cli->json ? json_array() : NULL;

	for (size_t i = 0; i < ids->n; i++) {
		const struct cve_file_record *r;
		struct cve_upstream_why why;
		int s = cves_find(u->db, ids->v[i], &r, err);

		if (s < 0) {
			json_decref(list);
			return s;
		}
		why = cve_upstream_judge(u->db, r, u->version);
		if (cli->json) {
			(void)json_array_append_new(list, verdict_json(u, r, &why));
			continue;
		}
		if (i)
			printf("\n");
		cves_print_record(u->db, r);
		print_why(u, &why);
	}
	if (!cli->json)
		return 0;
	return cli_print_json(json_pack("{s:s, s:o, s:o}", "upstream", u->text, "database",
					cves_json_database(u->db, u->path), "cves", list),
			      err);
}

static int print_document(const struct upstream *u, const size_t counts[], json_t *ids,
			  json_t *list, struct oak_error *err)
{
	json_t *n = json_pack("{s:I, s:I, s:I, s:I, s:I}", "records", (json_int_t)u->db->n,
			      "upstream_affected", (json_int_t)counts[CVE_UPSTREAM_AFFECTED],
			      "upstream_fixed", (json_int_t)counts[CVE_UPSTREAM_FIXED],
			      "upstream_not_affected",
			      (json_int_t)counts[CVE_UPSTREAM_NOT_AFFECTED], "none",
			      (json_int_t)counts[CVE_UPSTREAM_NONE]);

	return cli_print_json(json_pack("{s:s, s:o, s:o, s:o, s:o}", "upstream", u->text,
					"database", cves_json_database(u->db, u->path), "counts", n,
					"ids", ids, "cves", list),
			      err);
}

static int count(const struct cli *cli, const struct upstream *u, struct oak_error *err)
{
	json_t *ids = cli->json ? json_array() : NULL, *list = cli->json ? json_array() : NULL;
	size_t counts[CVE_UPSTREAM_NONE + 1] = { 0 };

	for (size_t i = 0; i < u->db->n; i++) {
		const struct cve_file_record *r = &u->db->records[i];
		const struct cve_upstream_why why = cve_upstream_judge(u->db, r, u->version);
		char id[CVE_ID_MAX];

		counts[why.verdict]++;
		if (why.verdict != CVE_UPSTREAM_AFFECTED || !cli->json)
			continue;
		cve_id_format(r->year, r->number, id);
		(void)json_array_append_new(ids, json_string(id));
		(void)json_array_append_new(list, verdict_json(u, r, &why));
	}
	if (cli->json)
		return print_document(u, counts, ids, list, err);
	printf("upstream %s, by %zu records of the kernel's CVE authority\n", u->text, u->db->n);
	printf("affected      %6zu\n", counts[CVE_UPSTREAM_AFFECTED]);
	printf("fixed         %6zu\n", counts[CVE_UPSTREAM_FIXED]);
	printf("not affected  %6zu\n", counts[CVE_UPSTREAM_NOT_AFFECTED]);
	if (counts[CVE_UPSTREAM_NONE])
		printf("rejected      %6zu\n", counts[CVE_UPSTREAM_NONE]);
	printf("the ids: --json; one of them: oakum cves ... CVE-ID\n");
	return 0;
}

int cves_upstream(const struct cli *cli, const struct cve_db *db, const char *path,
		  const char *version, const struct cli_args *ids, struct oak_error *err)
{
	struct upstream u = { .db = db, .path = path };

	if (cve_version_parse(version, &u.version) < 2)
		return oak_fail(err, OAK_E_USAGE,
				"--upstream '%.100s': a version as '6.1.170' or '6.5-rc3'",
				version);
	cve_version_format(u.version, u.text);
	return ids->n ? explain(cli, &u, ids, err) : count(cli, &u, err);
}
