/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vex/evidence.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "host/vex/signing.h"
#include "trust/date.h"

#define STATEMENT "https://in-toto.io/Statement/v1"

static json_t *subjects(const struct vex_file *files, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list, json_pack("{s:s, s:{s:s}}", "name", files[i].name,
							    "digest", "sha256", files[i].sha256));
	return list;
}

static json_t *functions(const struct manifest_fix *f, const struct livepatch *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->n_functions; i++) {
		/* One function at a time is a fix with one function. */
		const struct manifest_fix one = { .functions = &f->functions[i], .n_functions = 1 };

		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:b}", "object",
							    f->functions[i].object, "name",
							    f->functions[i].name, "sympos",
							    (json_int_t)f->functions[i].sympos,
							    "redirected",
							    p && host_fix_redirected(p, &one)));
	}
	return list;
}

static json_t *fixes(const struct manifest *m, const struct livepatch *p)
{
	json_t *list = json_array();

	for (size_t i = 0; m && i < m->n_fixes; i++) {
		const struct manifest_fix *f = &m->fixes[i];
		json_t *cves = json_array();

		for (size_t k = 0; k < f->n_cve; k++)
			(void)json_array_append_new(cves, json_string(f->cve[k]));
		(void)json_array_append_new(list,
					    json_pack("{s:s, s:o, s:s, s:o}", "id", f->id, "cves",
						      cves, "patch_sha256", f->patch_sha256,
						      "functions", functions(f, p)));
	}
	return list;
}

static json_t *level(const struct vex *v, const struct manifest *m, const struct livepatch *p)
{
	const struct vex_level *l = &v->level;

	if (!l->number)
		return json_null();
	return json_pack("{s:I, s:s, s:s?, s:s?, s:I, s:I, s:o}", "number", (json_int_t)l->number,
			 "state", l->state, "manifest_sha256",
			 l->manifest_sha256[0] ? l->manifest_sha256 : NULL, "module_sha256",
			 l->module_sha256[0] ? l->module_sha256 : NULL, "functions_wanted",
			 (json_int_t)l->wanted, "functions_redirected", (json_int_t)l->redirected,
			 "fixes", fixes(m, p));
}

static json_t *predicate(const struct vex *v, const struct manifest *m, const struct livepatch *p)
{
	char database[DATE_TEXT_MAX];

	date_format(v->database_s, database);
	return json_pack("{s:s, s:I, s:s, s:s?, s:{s:s, s:s, s:s}, s:o}", "document", v->issue.id,
			 "version", (json_int_t)v->issue.version, "author", v->author, "database",
			 v->database_s ? database : NULL, "kernel", "release", v->kernel.release,
			 "build_id", v->build_id, "product", v->product, "level", level(v, m, p));
}

int evidence_write(const struct vex *v, const struct manifest *m, const struct livepatch *p,
		   const struct vex_file *files, size_t n, struct buf *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc =
		json_pack("{s:s, s:o, s:s, s:o}", "_type", STATEMENT, "subject", subjects(files, n),
			  "predicateType", EVIDENCE_PREDICATE, "predicate", predicate(v, m, p));
	_cleanup_(freep) char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;

	if (!text || buf_add_str(ret, text) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static bool take_level(const json_t *row, struct evidence *e)
{
	json_int_t number = json_integer_value(json_object_get(row, "number"));

	if (!row || json_is_null(row))
		return row != NULL;
	e->state = json_get_str(row, "state");
	e->manifest_sha256 = json_get_str(row, "manifest_sha256");
	e->module_sha256 = json_get_str(row, "module_sha256");
	e->fixes = json_object_get(row, "fixes");
	e->level = number > 0 && number <= MANIFEST_LEVEL_MAX ? (uint32_t)number : 0;
	return e->level && e->state && json_is_array(e->fixes);
}

static bool take(struct evidence *e)
{
	const char *type = json_get_str(e->doc, "_type");
	const char *predicate_type = json_get_str(e->doc, "predicateType");
	const json_t *said = json_object_get(e->doc, "predicate");
	const json_t *kernel = json_object_get(said, "kernel");

	e->build_id = json_get_str(kernel, "build_id");
	e->release = json_get_str(kernel, "release");
	e->product = json_get_str(kernel, "product");
	e->database = json_get_str(said, "database");
	return type && strcmp(type, STATEMENT) == 0 && predicate_type &&
	       strcmp(predicate_type, EVIDENCE_PREDICATE) == 0 &&
	       json_is_array(json_object_get(e->doc, "subject")) && e->build_id && e->release &&
	       e->product && take_level(json_object_get(said, "level"), e);
}

int evidence_parse(const void *data, size_t len, struct evidence *ret, struct oak_error *err)
{
	_cleanup_(evidence_free) struct evidence e = { .doc = NULL };
	int r = json_parse(data, len, ENVELOPE_BYTES_MAX, "evidence", &e.doc, err);

	if (r < 0)
		return r;
	if (!take(&e))
		return oak_fail(err, OAK_E_FORMAT, "what is signed is no evidence of oakum vex");
	*ret = e;
	e.doc = NULL;
	return 0;
}

bool evidence_has(const struct evidence *e, const char *sha256)
{
	const json_t *list = json_object_get(e->doc, "subject");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *has =
			json_get_str(json_object_get(json_array_get(list, i), "digest"), "sha256");

		if (has && strcmp(has, sha256) == 0)
			return true;
	}
	return false;
}

void evidence_free(struct evidence *e)
{
	json_decref(e->doc);
	*e = (struct evidence){ .doc = NULL };
}
