/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/vex-chain.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "trust/cve/record.h"

#define SHOWN 20u /* differences on a screen */

void vex_audit_clear(struct vex_audit *a)
{
	envelope_free(&a->envelope);
	evidence_free(&a->evidence);
	vex_document_free(&a->document);
	vex_taken_clear(&a->now);
}

static const char *words(enum vex_status s, enum vex_justification j)
{
	const char *why = vex_justification_name(j);

	return why ? why : vex_status_name(s);
}

static void differ(json_t *list, uint32_t year, uint32_t number, const char *was, const char *now,
		   const char *why)
{
	char id[CVE_ID_MAX];

	cve_id_format(year, number, id);
	(void)json_array_append_new(list, json_pack("{s:s, s:s?, s:s?, s:s?}", "cve", id, "was",
						    was, "now", now, "why", why));
}

/* Both rise by id. */
static void compare(const struct vex_document *d, const struct vex *v, json_t *list)
{
	size_t i = 0, k = 0;

	while (i < d->n || k < v->n) {
		const struct vex_said *was = i < d->n ? &d->v[i] : NULL;
		const struct vex_statement *now = k < v->n ? &v->v[k] : NULL;
		uint64_t a = was ? (uint64_t)was->year << 32 | was->number : UINT64_MAX;
		uint64_t b = now ? (uint64_t)now->year << 32 | now->number : UINT64_MAX;

		i += a <= b;
		k += b <= a;
		if (was && a < b)
			differ(list, was->year, was->number, words(was->status, was->justification),
			       NULL, "this host says nothing of it any more");
		else if (now && b < a)
			differ(list, now->year, now->number, NULL,
			       words(now->status, now->justification), vex_text(v, now->notes));
		else if (was && now &&
			 (was->status != now->status || was->justification != now->justification))
			differ(list, now->year, now->number, words(was->status, was->justification),
			       words(now->status, now->justification), vex_text(v, now->notes));
	}
}

json_t *vex_differences(struct vex_audit *a)
{
	json_t *list = json_array();

	if (list && a->here)
		compare(&a->document, &a->now.vex, list);
	a->differences = json_array_size(list);
	return list;
}

/* Does sysfs show that function at this moment? */
static bool is_redirected(const struct vex_taken *t, const json_t *function)
{
	const struct manifest_function f = {
		.object = json_get_str(function, "object"),
		.name = json_get_str(function, "name"),
		.sympos = (uint32_t)json_integer_value(json_object_get(function, "sympos")),
	};
	struct manifest_function copy = f;
	const struct manifest_fix fix = { .functions = &copy, .n_functions = 1 };

	return t->level && f.object && f.name && host_fix_redirected(t->level, &fix);
}

static json_t *functions(const struct vex_audit *a, const json_t *fix)
{
	const json_t *all = json_object_get(fix, "functions");
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *from = json_array_get(all, i);
		json_t *f = json_deep_copy(from);

		if (f && a->here)
			(void)json_object_set_new(f, "redirected_now",
						  json_boolean(is_redirected(&a->now, from)));
		(void)json_array_append_new(list, f);
	}
	return list;
}

/* What this host's disk has of the manifest: null where it cannot be asked. */
static json_t *same_manifest(const struct vex_audit *a)
{
	const char *was = a->evidence.manifest_sha256;

	if (!a->here || !was)
		return json_null();
	return json_boolean(strcmp(was, a->now.vex.level.manifest_sha256) == 0);
}

static void add_cve(json_t *list, const struct vex_audit *a, const json_t *fix, const char *cve)
{
	const struct evidence *e = &a->evidence;
	const struct vex_said *said = NULL;
	uint32_t year, number;

	if (cve && cve_id_parse(cve, &year, &number) == 0)
		said = vex_document_find(&a->document, year, number);
	if (!said)
		return;
	(void)json_array_append_new(
		list,
		json_pack("{s:s, s:s, s:I, s:s, s:s?, s:o, s:s?, s:s?, s:o}", "cve", cve, "status",
			  vex_status_name(said->status), "level", (json_int_t)e->level, "state",
			  e->state, "manifest_sha256", e->manifest_sha256, "manifest_here",
			  same_manifest(a), "module_sha256", e->module_sha256, "patch_sha256",
			  json_get_str(fix, "patch_sha256"), "functions", functions(a, fix)));
}

json_t *vex_chain(const struct vex_audit *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(a->evidence.fixes); i++) {
		const json_t *fix = json_array_get(a->evidence.fixes, i);
		const json_t *cves = json_object_get(fix, "cves");

		for (size_t k = 0; k < json_array_size(cves); k++)
			add_cve(list, a, fix, json_string_value(json_array_get(cves, k)));
	}
	return list;
}

static void print_chain(const json_t *row)
{
	const json_t *here = json_object_get(row, "manifest_here");
	const char *manifest = json_get_str(row, "manifest_sha256");
	const json_t *all = json_object_get(row, "functions");

	printf("\n%s  %s\n", json_get_str(row, "cve"), json_get_str(row, "status"));
	printf("  level     oakum_%lld, %s\n",
	       (long long)json_integer_value(json_object_get(row, "level")),
	       json_get_str(row, "state"));
	printf("  manifest  sha256 %s%s\n", manifest ? manifest : "not known",
	       json_is_true(here)    ? ", the same on this disk"
	       : json_is_false(here) ? ", NOT the one on this disk"
				     : "");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *f = json_array_get(all, i);
		const json_t *now = json_object_get(f, "redirected_now");

		printf("  function  %s:%s, %s when it was signed%s\n", json_get_str(f, "object"),
		       json_get_str(f, "name"),
		       json_is_true(json_object_get(f, "redirected")) ? "redirected"
								      : "not redirected",
		       json_is_true(now)    ? ", and now"
		       : json_is_false(now) ? ", NOT now"
					    : "");
	}
}

static void print_differences(const struct cli *cli, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *row = json_array_get(list, i);
		const char *was = json_get_str(row, "was"), *now = json_get_str(row, "now");

		if (i == SHOWN) {
			printf("  and %zu more: --json\n", json_array_size(list) - SHOWN);
			return;
		}
		printf("  %s%s%s  was %s, is %s: %s\n", cli_color(cli, CLI_RED),
		       json_get_str(row, "cve"), cli_color(cli, CLI_RESET), was ? was : "not there",
		       now ? now : "not there", json_get_str(row, "why"));
	}
}

void vex_print_audit(const struct cli *cli, const struct vex_audit *a, const json_t *doc)
{
	const json_t *chain = json_object_get(doc, "chain");

	printf("signature   good, of key %s\n", a->key.id);
	printf("document    %s version %u, %zu statements: the bytes that were signed\n",
	       vex_format_name(a->document.format), a->document.version, a->document.n);
	printf("product     %s\n", a->document.product);
	printf("kernel      build-id %s%s\n", a->evidence.build_id, a->here ? ", it runs here" : "");
	printf("database    %s\n",
	       a->evidence.database ? a->evidence.database : "none: from the level alone");
	for (size_t i = 0; i < json_array_size(chain); i++)
		print_chain(json_array_get(chain, i));
	if (json_array_size(chain))
		printf("\n");
	if (!a->here) {
		printf("host        another kernel runs here: whether it is so now, and what the\n"
		       "            kernel shows, can be asked on that host alone\n");
		return;
	}
	printf("host        %zu statements compared with this moment, %zu differ\n", a->document.n,
	       a->differences);
	print_differences(cli, json_object_get(doc, "differences"));
}
