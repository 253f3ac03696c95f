/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/explain-priv.h"

static json_t *fixes_json(const struct explain_origin *o)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < o->n_fixes; i++)
		(void)json_array_append_new(list, json_integer((json_int_t)o->fixes[i]));
	return list;
}

/* Functions that differ from what was shipped: none of them may be replaced. */
static json_t *differs_json(const struct unit *u)
{
	json_t *list = json_array();

	for (atom_id i = 1; list && i < u->orig->n_atoms; i++) {
		const struct proof_atom *p = &u->proof->atoms[i];

		if (p->status == PROOF_NONE || p->status == PROOF_IDENTICAL)
			continue;
		(void)json_array_append_new(list,
					    json_pack("{s:s, s:s, s:s}", "name",
						      atom_name(u->orig, i), "status",
						      proof_status_name(p->status), "cause",
						      proof_likely_cause(u->orig, u->proof, i)));
	}
	return list;
}

static json_t *object_json(const struct unit *u, const struct explain_origin *o)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:b, s:i, s:i, s:o}", "object", u->object, "source",
			 o->source, "patches", u->module ? u->module : "vmlinux", "fixes",
			 fixes_json(o), "by_header", o->by_header, "functions",
			 (int)u->proof->n_functions, "identical", (int)u->proof->n_identical,
			 "differs", differs_json(u));
}

int explain_document(const struct link_world *w, const struct explain_origin *origins,
		     const struct buf *module, json_t **ret, struct oak_error *err)
{
	_cleanup_(explain_map_free) struct explain_map map = { 0 };
	_cleanup_(json_decrefp) json_t *objects = json_array(), *pieces = json_array();
	_cleanup_(json_decrefp) json_t *symbols = json_array(), *own = json_array(), *doc = NULL;
	int r = explain_map(w, &map, err);

	for (size_t i = 0; r == 0 && i < w->n_units; i++)
		if (json_array_append_new(objects, object_json(&w->units[i], &origins[i])) < 0)
			r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r == 0)
		r = explain_pieces(&map, pieces, err);
	if (r == 0)
		r = explain_uses(&map, pieces, symbols, err);
	if (r == 0)
		r = explain_own(module, pieces, symbols, own, err);
	if (r < 0)
		return r;
	doc = json_pack("{s:i, s:O, s:O, s:O, s:O}", "schema", 1, "objects", objects, "pieces",
			pieces, "symbols", symbols, "own", own);
	if (!doc)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(doc);
	return 0;
}
