/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cves-reach: who gets to the code of a CVE, in text and documents. */
#include <string.h>

#include "base/cleanup.h"
#include "cli/cves.h"

#define CONTAINER "container="
#define NAMES_MAX 4u

int cves_reach_parse(const char *text, struct cves_view *v, struct oak_error *err)
{
	if (strncmp(text, CONTAINER, strlen(CONTAINER)) == 0 && text[strlen(CONTAINER)]) {
		v->reach_by = text + strlen(CONTAINER);
	} else if (strcmp(text, "any") == 0) {
		v->reach = ACCESS_YES;
	} else if (strcmp(text, "none") == 0) {
		v->reach = ACCESS_NO;
	} else if (strcmp(text, "unknown") == 0) {
		v->reach = ACCESS_UNKNOWN;
	} else {
		return oak_fail(err, OAK_E_USAGE,
				"--reach '%.100s': any, none, unknown or container=NAME", text);
	}
	v->by_reach = true;
	return 0;
}

static json_t *json_access(struct access a)
{
	return json_pack("{s:s, s:s}", "answer", access_answer_name(a.answer), "sure",
			 access_sure_name(a.sure));
}

static json_t *because_json(struct access_because *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		if (list)
			(void)json_array_append_new(
				list,
				json_pack("{s:s, s:s, s:s, s:s, s:s}", "file", v[i].file, "part",
					  v[i].what, "answer", access_answer_name(v[i].got.answer),
					  "sure", access_sure_name(v[i].got.sure), "why",
					  buf_str(&v[i].why)));
		buf_free(&v[i].why);
	}
	return list;
}

static json_t *actors_json(struct access_map *m, const struct cve_db *db,
			   const struct cve_file_record *r)
{
	struct access_because because[ACCESS_BECAUSE_MAX];
	json_t *list = json_array();
	size_t n;
	const struct access_actor *actors = access_actors(m, &n);
	_cleanup_(freep) struct access *got = calloc(access_abilities(m), sizeof(*got));

	if (got)
		access_of_record(m, db, r, got);
	for (size_t i = 0; list && got && i < n; i++) {
		json_t *j = json_access(got[actors[i].ability]);

		if (!j)
			break;
		(void)json_object_set_new(j, "name", json_string(actors[i].name));
		(void)json_object_set_new(j, "container",
					  i ? json_string(actors[i].id) : json_null());
		(void)json_object_set_new(j, "engine",
					  i ? json_string(actors[i].engine) : json_null());
		(void)json_object_set_new(j, "because",
					  because_json(because,
						       access_explain(m, db, r, i, because)));
		(void)json_array_append_new(list, j);
	}
	return list;
}

json_t *cves_json_reach(struct access_map *m, const struct cve_db *db,
			const struct cve_file_record *r, bool all)
{
	struct access_sum s;
	json_t *j;

	if (!m)
		return json_null();
	s = access_sum(m, db, r);
	j = json_pack("{s:s, s:o, s:{s:I, s:I, s:I}}", "by", access_widest_name(access_widest(&s)),
		      "user", json_access(s.user), "containers", "yes", (json_int_t)s.yes,
		      "unknown", (json_int_t)s.unknown, "no", (json_int_t)s.no);
	if (j && all)
		(void)json_object_set_new(j, "actors", actors_json(m, db, r));
	return j;
}

/* Those that can do the same are told together. */
static void print_names(const struct access_map *m, size_t first)
{
	size_t n, shown = 0;
	const struct access_actor *v = access_actors(m, &n);

	for (size_t i = first; i < n; i++) {
		if (v[i].ability != v[first].ability)
			continue;
		if (shown < NAMES_MAX)
			printf("%s%s", shown ? ", " : "", v[i].name);
		shown++;
	}
	if (shown > NAMES_MAX)
		printf(" and %zu more", shown - NAMES_MAX);
}

static bool is_told(const struct access_map *m, size_t actor)
{
	size_t n;
	const struct access_actor *v = access_actors(m, &n);

	for (size_t i = 0; i < actor; i++)
		if (v[i].ability == v[actor].ability)
			return true;
	return false;
}

void cves_print_reach(struct access_map *m, const struct cve_db *db, const struct cve_file_record *r)
{
	struct access_because because[ACCESS_BECAUSE_MAX];
	_cleanup_(freep) struct access *got = calloc(access_abilities(m), sizeof(*got));
	size_t n;
	const struct access_actor *v = access_actors(m, &n);

	if (!got)
		return;
	access_of_record(m, db, r, got);
	for (size_t i = 0; i < n; i++) {
		struct access a = got[v[i].ability];
		size_t k;

		if (is_told(m, i))
			continue;
		printf("reach       ");
		print_names(m, i);
		printf(": %s%s%s%s\n", access_answer_name(a.answer),
		       a.answer == ACCESS_UNKNOWN ? "" : " (",
		       a.answer == ACCESS_UNKNOWN ? "" : access_sure_name(a.sure),
		       a.answer == ACCESS_UNKNOWN ? "" : ")");
		k = access_explain(m, db, r, i, because);
		for (size_t f = 0; f < k; f++) {
			printf("            %s%s%s: %s\n", because[f].file,
			       because[f].what[0] ? ", " : "", because[f].what,
			       because[f].why.len ? buf_str(&because[f].why) : "not in the table");
			buf_free(&because[f].why);
		}
	}
}
