/* SPDX-License-Identifier: GPL-2.0-or-later */
/* make-explain: the explanation and the report of a level that was just made. */
#include "build/make-priv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "build/explain-priv.h"
#include "build/report.h"

/* One line that JSON can hold, whatever the patch's encoding was. */
static json_t *plain_text(const char *text)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	json_t *j = strpbrk(text, "\t\r\x1b\x7f") ? NULL : json_string(text);

	if (j)
		return j;
	return explain_escape(text, strlen(text), &b) < 0 ? NULL : json_string(buf_str(&b));
}

static json_t *cves_json(const struct maker *m, size_t fix)
{
	const struct make_cves *cves = m->opt->cves ? &m->opt->cves[fix] : NULL;
	json_t *list = json_array();

	for (size_t i = 0; cves && i < cves->n; i++)
		(void)json_array_append_new(list, json_string(cves->v[i].id));
	return list;
}

static json_t *files_json(const struct fix *f)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < f->n_files; i++)
		(void)json_array_append_new(list, plain_text(f->files[i]));
	return list;
}

static json_t *fixes_json(const struct maker *m)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < m->res->n_fixes; i++) {
		const struct fix *f = m->res->fixes[i];

		(void)json_array_append_new(list,
					    json_pack("{s:o, s:o, s:o, s:o}", "title",
						      plain_text(f->title), "file",
						      plain_text(f->name), "cve", cves_json(m, i),
						      "files", files_json(f)));
	}
	return list;
}

/* What was compared besides code; nothing was where the fix's text touches none of it. */
static json_t *checks_json(const struct maker *m)
{
	return json_pack("{s:b, s:b, s:b}", "types_compared", m->shared.types, "crcs_compared",
			 m->shared.prototypes, "self_check", true);
}

static int add_head(struct maker *m, const char *name, json_t *doc)
{
	const struct make_result *res = m->res;
	json_t *head = json_pack("{s:i, s:{s:s, s:s}, s:{s:s, s:s}, s:o, s:o}", "level",
				 (int)m->opt->level, "module", "name", name, "sha256",
				 res->module_sha256, "kernel", "release", m->k->release, "build_id",
				 m->k->build_id, "fixes", fixes_json(m), "checks", checks_json(m));
	int r = head ? json_object_update(doc, head) : -1;

	json_decref(head);
	return r < 0 ? oak_fail(m->err, OAK_E_NOMEM, "out of memory") : 0;
}

int make_explain(struct maker *m, const struct link_world *w, const struct buf *module,
		 const char *name)
{
	_cleanup_(freep) struct explain_origin *origins = calloc(w->n_units, sizeof(*origins));
	_cleanup_(json_decrefp) json_t *doc = NULL;
	int r;

	if (!origins)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < w->n_units; i++) {
		const struct make_object *o = &m->res->objects[i];

		origins[i] = (struct explain_origin){ .source = o->command.source,
						      .fixes = o->fixes,
						      .n_fixes = o->n_fixes,
						      .by_header = o->candidate };
	}
	r = explain_document(w, origins, module, &doc, m->err);
	if (r == 0)
		r = add_head(m, name, doc);
	if (r == 0)
		r = explain_read(doc, &m->res->explain, m->err);
	return r < 0 ? oak_context(m->err, "explaining the module") : 0;
}

static int write_text(struct maker *m, const char *name, const char *text, size_t len)
{
	_cleanup_(freep) char *path = path_join(m->opt->out_dir, name);

	if (!path || !text)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	return file_write(AT_FDCWD, path, text, len, 0644, m->err);
}

int make_write_explained(struct maker *m)
{
	_cleanup_(freep) char *text = json_text(m->res->explain->doc);
	_cleanup_(buf_free) struct buf manifest = { 0 }, report = { 0 };
	_cleanup_(json_decrefp) json_t *j = NULL;
	int r = write_text(m, EXPLAIN_FILE, text, text ? strlen(text) : 0);

	/* Of what was written: whoever has the level can write the report again. */
	if (r == 0)
		r = file_read(AT_FDCWD, m->res->manifest_path, EXPLAIN_MAX_BYTES, &manifest, m->err);
	if (r == 0)
		r = json_parse(manifest.data, manifest.len, EXPLAIN_MAX_BYTES, "manifest.json", &j,
			       m->err);
	if (r == 0)
		r = report_write(j, m->res->explain, &report, m->err);
	return r < 0 ? r : write_text(m, REPORT_FILE, buf_str(&report), report.len);
}
