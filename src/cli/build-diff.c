/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build-diff.h"

#include <string.h>

#include "build/names.h"

static const char *kind_name(enum atom_kind kind)
{
	static const char *const names[] = {
		[ATOM_CODE] = "function", [ATOM_PART] = "part",   [ATOM_DATA] = "data",
		[ATOM_STRING] = "string", [ATOM_CONST] = "const", [ATOM_ENTRY] = "entry",
		[ATOM_MISC] = "unnamed",
	};

	return names[kind];
}

static const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {
		[VERDICT_NONE] = "none", [VERDICT_SAME] = "same",     [VERDICT_CHANGED] = "changed",
		[VERDICT_NEW] = "new",   [VERDICT_CALLER] = "caller",
	};

	return names[v];
}

static int set(json_t *o, const char *key, json_t *value)
{
	return value ? json_object_set_new(o, key, value) : -1;
}

static json_t *ref_json(const struct model *m, const struct ref *ref)
{
	const char *type = arch_rel_name(ref->type);
	json_t *o = json_pack("{s:I, s:s, s:I}", "at", (json_int_t)ref->off, "type",
			      type ? type : "", "addend", (json_int_t)ref->addend);
	int r = ref->to ? set(o, "to", json_integer(ref->to))
			: set(o, "symbol", json_string(m->obj->syms[ref->sym].name));

	if (r == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *refs_json(const struct model *m, const struct atom *a)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list && i < a->n_refs; i++) {
		if (json_array_append_new(list, ref_json(m, &m->refs[a->first_ref + i])) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* What is true of some atoms only. */
static int add_facts(const struct make_object *o, atom_id id, json_t *ret)
{
	const struct diff *d = &o->diff;
	atom_id twin = d->pairing.to_orig[id];
	const char *name = atom_name(o->patched, id);
	int r = 0;

	if (twin && strcmp(atom_name(o->orig, twin), name) != 0)
		r = set(ret, "original", json_string(atom_name(o->orig, twin)));
	if (r == 0 && d->pairing.doubtful[id])
		r = set(ret, "doubtful", json_true());
	if (r == 0 && diff_replaces(d, id))
		r = set(ret, "replaced", json_true());
	if (r == 0 && d->closure.included[id])
		r = set(ret, "because", json_integer(d->closure.because[id]));
	if (r == 0 && d->closure.included[id])
		r = set(ret, "refs", refs_json(o->patched, &o->patched->atoms[id]));
	return r;
}

static json_t *atom_json(const struct make_object *o, atom_id id)
{
	const struct model *m = o->patched;
	const struct atom *a = &m->atoms[id];
	json_t *ret = json_pack("{s:I, s:s, s:s, s:s, s:I, s:s}", "id", (json_int_t)id, "name",
				atom_name(m, id), "kind", kind_name(a->kind), "section",
				atom_section(m, id), "size", (json_int_t)a->size, "verdict",
				verdict_name(o->diff.verdicts.of[id]));

	if (ret && add_facts(o, id, ret) == 0)
		return ret;
	json_decref(ret);
	return NULL;
}

static json_t *atoms_json(const struct make_object *o)
{
	json_t *list = json_array();

	for (atom_id i = 1; list && i < o->patched->n_atoms; i++) {
		if (!atom_name(o->patched, i)[0] && !o->diff.closure.included[i])
			continue;
		if (json_array_append_new(list, atom_json(o, i)) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *gone_json(const struct make_object *o)
{
	json_t *list = json_array();

	for (atom_id i = 1; list && i < o->orig->n_atoms; i++) {
		const char *name = atom_name(o->orig, i);

		if (!name[0] || o->diff.pairing.to_patched[i] ||
		    name_is_fresh(name, atom_section(o->orig, i)))
			continue;
		if (json_array_append_new(list, json_string(name)) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *build_diff_model(const struct make_object *o, json_t *document)
{
	if (document && set(document, "atoms", atoms_json(o)) == 0 &&
	    set(document, "gone", gone_json(o)) == 0)
		return document;
	json_decref(document);
	return NULL;
}
