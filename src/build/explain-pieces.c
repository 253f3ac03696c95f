/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain-pieces: what the module carries of the objects, and because of which other piece. */
#include "build/explain-priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 100 /* bytes of a string that are shown */

static const char *const kinds[] = {
	[ATOM_CODE] = "function", [ATOM_PART] = "part of a function", [ATOM_DATA] = "variable",
	[ATOM_STRING] = "string", [ATOM_CONST] = "constant",          [ATOM_ENTRY] = "entry",
	[ATOM_MISC] = "data",
};

int explain_escape(const void *bytes, size_t len, struct buf *ret)
{
	const uint8_t *p = bytes;
	size_t shown = len > TEXT_MAX ? TEXT_MAX : len;
	int r = 0;

	for (size_t i = 0; r == 0 && i < shown; i++) {
		if (p[i] == '\n')
			r = buf_add_str(ret, "\\n");
		else if (p[i] == '\t')
			r = buf_add_str(ret, "\\t");
		else if (p[i] < 0x20 || p[i] > 0x7e)
			r = buf_printf(ret, "\\x%02x", p[i]);
		else
			r = buf_add(ret, &p[i], 1);
	}
	return r == 0 && shown < len ? buf_add_str(ret, "...") : r;
}

/* One unit while its pieces are written. */
struct writer {
	const struct unit *u;
	const struct explain_atom *of;
	size_t unit;
	enum explain_how *how; /* by atom: what the one above does with it */
	json_t *pieces;
	struct oak_error *err;
};

static enum explain_how how_of(const struct ref *ref)
{
	return ref->use == USE_CALL || ref->use == USE_JUMP ? EXPLAIN_CALLS : EXPLAIN_USES;
}

/*
 * What one does with the other is said by the refs between the two. Whoever was added since it calls
 * another (and that one cannot be redirected) is what the other does not refer to.
 */
static void find_hows(struct writer *wr)
{
	const struct model *m = wr->u->patched;
	const struct explain_atom *of = wr->of;

	for (atom_id i = 1; i < m->n_atoms; i++)
		wr->how[i] = of[i].above == i ? EXPLAIN_ROOT : EXPLAIN_TOGETHER;
	for (uint32_t i = 0; i < m->n_refs; i++) {
		const struct ref *ref = &m->refs[i];
		enum explain_how *to = &wr->how[ref->to], *from = &wr->how[ref->from];

		if (!ref->to || ref->to == ref->from)
			continue;
		if (of[ref->to].above == ref->from && *to != EXPLAIN_CALLS)
			*to = how_of(ref);
		if (of[ref->from].above == ref->to && *from == EXPLAIN_TOGETHER)
			*from = EXPLAIN_CALLER;
	}
	for (atom_id i = 1; i < m->n_atoms; i++)
		if (of[i].above && of[i].above != i && m->atoms[i].owner == of[i].above)
			wr->how[i] = EXPLAIN_PART;
}

static enum explain_role role_of(const struct unit *u, atom_id id)
{
	if (diff_replaces(u->diff, id))
		return EXPLAIN_REPLACED;
	if (u->diff->verdicts.of[id] == VERDICT_NEW)
		return EXPLAIN_NEW;
	return u->diff->verdicts.of[id] == VERDICT_CHANGED ? EXPLAIN_CHANGED : EXPLAIN_CARRIED;
}

/* What is entered instead of what: as klp_func and the manifest have it. */
static int add_replaced(const struct writer *wr, atom_id id, json_t *piece)
{
	const struct unit *u = wr->u;
	atom_id orig = u->diff->pairing.to_orig[id];
	const struct proof_atom *p = &u->proof->atoms[orig];
	const char *name = atom_name(u->orig, orig);
	char addr[32];
	json_t *more;
	int r;

	(void)snprintf(addr, sizeof(addr), "0x%016lx",
		       (unsigned long)(u->ko ? ko_offset(p->addr) : p->addr));
	more = json_pack("{s:s, s:s, s:s, s:i}", "old_name", name, "address", addr, "proof",
			 proof_status_name(p->status), "sympos",
			 shipped_sympos(&u->home, name, p->addr));
	r = json_object_update(piece, more);
	json_decref(more);
	return r;
}

static int add_text(const struct writer *wr, atom_id id, json_t *piece)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	const uint8_t *bytes = atom_bytes(wr->u->patched, id);
	size_t len = bytes ? strnlen((const char *)bytes, wr->u->patched->atoms[id].size) : 0;

	if (explain_escape(bytes, len, &text) < 0)
		return -1;
	return json_object_set_new(piece, "text", json_string(buf_str(&text)));
}

/* The piece above, and the section of the entry that led from there. */
static int add_because(const struct writer *wr, atom_id id, json_t *piece)
{
	atom_id above = wr->of[id].above;
	const char *via = above == id ? NULL : wr->of[above].via;
	enum explain_how how = wr->how[id];
	int r = json_object_set_new(piece, "because", json_integer((json_int_t)wr->of[above].piece));

	if (r == 0)
		r = json_object_set_new(piece, "how", json_string(explain_how_name(how)));
	return r == 0 && via ? json_object_set_new(piece, "via", json_string(via)) : r;
}

static int add_piece(const struct writer *wr, atom_id id)
{
	const struct atom *a = &wr->u->patched->atoms[id];
	enum explain_role role = role_of(wr->u, id);
	json_t *piece = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I}", "object", (int)wr->unit, "name",
				  atom_name(wr->u->patched, id), "kind", kinds[a->kind], "section",
				  atom_section(wr->u->patched, id), "role", explain_role_name(role),
				  "size", (json_int_t)a->size);
	int r = piece ? add_because(wr, id, piece) : -1;

	if (r == 0 && a->kind == ATOM_STRING)
		r = add_text(wr, id, piece);
	if (r == 0 && role == EXPLAIN_REPLACED)
		r = add_replaced(wr, id, piece);
	if (json_array_append_new(wr->pieces, piece) < 0 || r < 0)
		return oak_fail(wr->err, OAK_E_NOMEM, "out of memory");
	return 0;
}

/* The row of a section among a piece's entries; made where it is missing. */
static json_t *entries_row(json_t *piece, const char *section)
{
	json_t *list = json_object_get(piece, "entries"), *row;

	if (!list && json_object_set_new(piece, "entries", json_array()) < 0)
		return NULL;
	list = json_object_get(piece, "entries");
	for (size_t i = 0; i < json_array_size(list); i++) {
		row = json_array_get(list, i);
		if (strcmp(json_get_str(row, "section"), section) == 0)
			return row;
	}
	row = json_pack("{s:s, s:i, s:i}", "section", section, "n", 0, "left_out", 0);
	return json_array_append_new(list, row) < 0 ? NULL : row;
}

static int count_entry(const struct writer *wr, atom_id id)
{
	const struct explain_atom *a = &wr->of[id];
	const char *member = a->left_out ? "left_out" : "n";
	json_t *row = entries_row(json_array_get(wr->pieces, a->piece), a->via), *n;

	n = row ? json_object_get(row, member) : NULL;
	if (!n || json_integer_set(n, json_integer_value(n) + 1) < 0)
		return oak_fail(wr->err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int write_unit(struct writer *wr)
{
	const struct model *m = wr->u->patched;
	int r = 0;

	find_hows(wr);
	for (atom_id i = 1; r == 0 && i < m->n_atoms; i++)
		if (wr->of[i].piece != NO_PIECE && !wr->of[i].via)
			r = add_piece(wr, i);
	for (atom_id i = 1; r == 0 && i < m->n_atoms; i++)
		if (wr->of[i].piece != NO_PIECE && wr->of[i].via)
			r = count_entry(wr, i);
	return r;
}

int explain_pieces(const struct explain_map *map, json_t *pieces, struct oak_error *err)
{
	int r = 0;

	for (size_t n = 0; r == 0 && n < map->w->n_units; n++) {
		const struct unit *u = &map->w->units[n];
		_cleanup_(freep) enum explain_how *how =
			calloc(u->patched->n_atoms, sizeof(enum explain_how));
		struct writer wr = {
			.u = u, .of = map->of[n], .unit = n, .how = how, .pieces = pieces, .err = err
		};

		r = how ? write_unit(&wr) : oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return r;
}
