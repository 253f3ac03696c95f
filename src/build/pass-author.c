/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/author.h"

#include <stdlib.h>
#include <string.h>

#include "build/diff.h"
#include "build/names.h"

struct reader {
	const struct model *orig, *patched;
	const struct pairing *pairing;
	struct verdicts *verdicts;
	struct author *author;
	struct findings *f;
	struct oak_error *err;
};

/* A record that was understood is none of the fix's own data any more. */
static void take_record(struct reader *c, atom_id id)
{
	c->verdicts->n_new -= c->verdicts->of[id] == VERDICT_NEW;
	c->verdicts->of[id] = VERDICT_NONE;
}

static int add(struct reader *c, enum rule_id rule, const char *symbol, const char *why,
	       const char *advice)
{
	return finding_add(c->f, rule, symbol, advice, c->err, "%s", why);
}

/* The function whose address the record holds; 0 where it is not one that the fix adds here. */
static atom_id new_function(const struct reader *c, atom_id record)
{
	const struct model *m = c->patched;
	const struct atom *a = &m->atoms[record];
	const struct ref *ref = a->n_refs == 1 ? &m->refs[a->first_ref] : NULL;

	if (!ref || a->size != 8 || ref->off || !ref->to || ref->addend ||
	    m->atoms[ref->to].kind != ATOM_CODE || c->verdicts->of[ref->to] != VERDICT_NEW)
		return 0;
	return ref->to;
}

static int read_hook(struct reader *c, atom_id record, unsigned kind)
{
	atom_id function = new_function(c, record), *hook = &c->author->hooks[kind];

	take_record(c, record);
	if (!function)
		return add(c, RULE_CALLBACKS, atom_name(c->patched, record),
			   "the callback is not a function that the fix adds to this very file",
			   "name a new function of the same file");
	if (*hook)
		return finding_add(c->f, RULE_CALLBACKS, atom_name(c->patched, function), NULL,
				   c->err, "the file has another callback of this kind: %s",
				   atom_name(c->patched, *hook));
	*hook = function;
	return 0;
}

/* The text of a record; NULL where it is no text. */
static const char *text_of(const struct model *m, atom_id record)
{
	const struct atom *a = &m->atoms[record];
	const char *text = (const char *)atom_bytes(m, record);

	return text && a->n_refs == 0 && a->size > 1 && !text[a->size - 1] ? text : NULL;
}

static bool names_section(const struct reader *c, atom_id id, const char *name)
{
	return strcmp(atom_section(c->patched, id), name) == 0;
}

static bool names_function(const struct reader *c, atom_id id, const char *name)
{
	const char *own = atom_name(c->patched, id);

	return c->patched->atoms[id].kind == ATOM_CODE && name_base_len(own) == strlen(name) &&
	       strncmp(own, name, strlen(name)) == 0;
}

/* Code of the fix would use more than the running kernel's variable has. */
static bool has_other_size(const struct reader *c, atom_id id)
{
	const struct atom *a = &c->patched->atoms[id];

	return a->kind == ATOM_DATA && a->size != c->orig->atoms[c->pairing->to_orig[id]].size;
}

static int ignore_atom(struct reader *c, atom_id id)
{
	bool changed = c->verdicts->of[id] == VERDICT_CHANGED;

	c->author->ignored[id] = true;
	c->verdicts->of[id] = changed ? VERDICT_SAME : VERDICT_NONE;
	c->verdicts->n_changed -= changed;
	c->verdicts->n_new -= !changed;
	if (!changed || !has_other_size(c, id))
		return 0;
	return add(c, RULE_IGNORED, atom_name(c->patched, id),
		   "the variable's size changed: code would reach beyond what the running kernel has",
		   "leave the variable's size as it was");
}

typedef bool names_fn(const struct reader *c, atom_id id, const char *name);

static int read_ignore(struct reader *c, atom_id record, names_fn *names)
{
	const char *name = text_of(c->patched, record);
	bool any = false;
	int r = 0;

	take_record(c, record);
	for (atom_id i = 1; r == 0 && name && i < c->patched->n_atoms; i++) {
		enum verdict v = c->verdicts->of[i];

		if (!names(c, i, name))
			continue;
		any |= c->author->ignored[i];
		if (v != VERDICT_CHANGED && v != VERDICT_NEW)
			continue;
		any = true;
		r = ignore_atom(c, i);
	}
	if (r < 0 || any)
		return r;
	return add(c, RULE_IGNORED, name ? name : atom_name(c->patched, record),
		   "the fix says to leave out what changed here, but nothing did", NULL);
}

static int read_record(struct reader *c, atom_id id)
{
	static const char *const hooks[HOOKS] = { ".oakum.callbacks.pre_patch",
						  ".oakum.callbacks.post_patch",
						  ".oakum.callbacks.pre_unpatch",
						  ".oakum.callbacks.post_unpatch" };
	const char *section = atom_section(c->patched, id);

	for (unsigned i = 0; i < HOOKS; i++)
		if (strcmp(section, hooks[i]) == 0)
			return read_hook(c, id, i);
	if (strcmp(section, ".oakum.ignore.section") == 0)
		return read_ignore(c, id, names_section);
	if (strcmp(section, ".oakum.ignore.function") == 0)
		return read_ignore(c, id, names_function);
	return 0; /* a later header's: refused as new data in a section that is not known */
}

int pass_author(const struct model *orig, const struct model *patched,
		const struct pairing *pairing, struct verdicts *verdicts, struct author *ret,
		struct findings *f, struct oak_error *err)
{
	struct reader c = { orig, patched, pairing, verdicts, ret, f, err };
	int r = 0;

	ret->ignored = calloc(patched->n_atoms, sizeof(*ret->ignored));
	if (!ret->ignored)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (atom_id i = 1; r == 0 && i < patched->n_atoms; i++)
		if (strncmp(atom_section(patched, i), ".oakum.", strlen(".oakum.")) == 0)
			r = read_record(&c, i);
	return r;
}

/* By code that the module carries. */
static bool is_called(const struct check_input *in, atom_id id)
{
	for (uint32_t i = 0; i < in->patched->n_refs; i++) {
		const struct ref *ref = &in->patched->refs[i];

		if (ref->to == id && in->closure->included[ref->from] &&
		    (ref->use == USE_CALL || ref->use == USE_JUMP))
			return true;
	}
	return false;
}

static const char *why_needed(const struct check_input *in, atom_id id)
{
	if (in->closure->included[id])
		return "the fix says to leave it out, but patched code uses it and the running "
		       "kernel has none";
	/* Within a file a compiler lets a caller know what a function does with its arguments. */
	if (in->patched->atoms[id].kind == ATOM_CODE && is_called(in, id))
		return "the fix says to leave it out, but patched code calls it and was compiled "
		       "for what the fix makes of it";
	return NULL;
}

int author_check(const struct check_input *in, const struct author *author, struct findings *f,
		 struct oak_error *err)
{
	int r = 0;

	for (atom_id i = 1; r == 0 && i < in->patched->n_atoms; i++) {
		const char *why = author->ignored[i] ? why_needed(in, i) : NULL;

		if (why)
			r = finding_add(f, RULE_IGNORED, atom_name(in->patched, i),
					"take the record out, or do without the change", err, "%s",
					why);
	}
	return r;
}
