/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain-read: the document as structures, all of it checked. */
#include "build/explain.h"

#include <stdlib.h>
#include <string.h>

static const char *const roles[] = {
	[EXPLAIN_REPLACED] = "replaced",
	[EXPLAIN_NEW] = "new",
	[EXPLAIN_CHANGED] = "changed",
	[EXPLAIN_CARRIED] = "carried",
};

static const char *const hows[] = {
	[EXPLAIN_ROOT] = "root", [EXPLAIN_CALLS] = "calls",   [EXPLAIN_USES] = "uses",
	[EXPLAIN_PART] = "part", [EXPLAIN_CALLER] = "caller", [EXPLAIN_TOGETHER] = "together",
};

const char *explain_role_name(enum explain_role r)
{
	return roles[r];
}

const char *explain_how_name(enum explain_how h)
{
	return hows[h];
}

/* One table of the document being read. */
struct reader {
	struct explain *e;
	const char *table;
	size_t row;
	struct oak_error *err;
};

static int malformed(const struct reader *rd, const char *member)
{
	return oak_fail(rd->err, OAK_E_FORMAT, "explain.json: %s %zu: '%s' is missing or wrong",
			rd->table, rd->row, member);
}

/* Ready for a terminal and for Markdown: one line, no control characters. */
static bool is_plain(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

static int get_text(const struct reader *rd, const json_t *j, const char *member, const char **ret)
{
	const json_t *v = json_object_get(j, member);

	/* Texts that hardly any piece has are left out. */
	*ret = v ? json_string_value(v) : "";
	return *ret && is_plain(*ret) ? 0 : malformed(rd, member);
}

static int get_number(const struct reader *rd, const json_t *j, const char *member, size_t *ret)
{
	const json_t *v = json_object_get(j, member);

	if (v && (!json_is_integer(v) || json_integer_value(v) < 0))
		return malformed(rd, member);
	*ret = (size_t)json_integer_value(v);
	return 0;
}

static int get_index(const struct reader *rd, const json_t *j, const char *member, size_t n,
		     size_t *ret)
{
	int r = json_object_get(j, member) ? get_number(rd, j, member, ret) : malformed(rd, member);

	return r == 0 && *ret >= n ? malformed(rd, member) : r;
}

static int get_word(const struct reader *rd, const json_t *j, const char *member,
		    const char *const *words, int n, int *ret)
{
	const char *s = json_get_str(j, member);

	for (int i = 0; s && i < n; i++) {
		if (strcmp(words[i], s) == 0) {
			*ret = i;
			return 0;
		}
	}
	return malformed(rd, member);
}

/* Room for the rows of an array, zeroed; none where the member is missing. */
static int get_rows(const struct reader *rd, const json_t *j, const char *member, size_t size,
		    void **ret, size_t *ret_n)
{
	const json_t *list = json_object_get(j, member);
	size_t n = json_array_size(list);

	if (list && !json_is_array(list))
		return malformed(rd, member);
	*ret = calloc(n + 1, size);
	if (!*ret)
		return oak_fail(rd->err, OAK_E_NOMEM, "out of memory");
	*ret_n = n;
	return 0;
}

static int read_fix(const struct reader *rd, const json_t *j, void *row)
{
	struct explain_fix *f = row;
	void *cves = NULL;
	int r = get_text(rd, j, "title", &f->title);

	if (r == 0)
		r = get_text(rd, j, "file", &f->file);
	if (r == 0)
		r = get_rows(rd, j, "cve", sizeof(*f->cves), &cves, &f->n_cves);
	f->cves = cves;
	for (size_t i = 0; r == 0 && i < f->n_cves; i++) {
		f->cves[i] = json_string_value(json_array_get(json_object_get(j, "cve"), i));
		if (!f->cves[i] || !is_plain(f->cves[i]))
			r = malformed(rd, "cve");
	}
	return r;
}

static int read_object(const struct reader *rd, const json_t *j, void *row)
{
	struct explain_object *o = row;
	const json_t *fixes = json_object_get(j, "fixes");
	void *v = NULL;
	int r = get_text(rd, j, "object", &o->object);

	if (r == 0)
		r = get_text(rd, j, "source", &o->source);
	if (r == 0)
		r = get_text(rd, j, "patches", &o->patches);
	if (r == 0)
		r = get_number(rd, j, "functions", &o->n_functions);
	if (r == 0)
		r = get_number(rd, j, "identical", &o->n_identical);
	if (r == 0)
		r = get_rows(rd, j, "fixes", sizeof(*o->fixes), &v, &o->n_fixes);
	o->fixes = v;
	o->by_header = json_is_true(json_object_get(j, "by_header"));
	for (size_t i = 0; r == 0 && i < o->n_fixes; i++) {
		const json_t *n = json_array_get(fixes, i);

		o->fixes[i] = (size_t)json_integer_value(n);
		if (!json_is_integer(n) || o->fixes[i] >= rd->e->n_fixes)
			r = malformed(rd, "fixes");
	}
	return r;
}

static int read_entries(const struct reader *rd, const json_t *j, struct explain_piece *p)
{
	const json_t *list = json_object_get(j, "entries");
	void *v = NULL;
	int r = get_rows(rd, j, "entries", sizeof(*p->entries), &v, &p->n_entries);

	p->entries = v;
	for (size_t i = 0; r == 0 && i < p->n_entries; i++) {
		const json_t *one = json_array_get(list, i);

		r = get_text(rd, one, "section", &p->entries[i].section);
		if (r == 0)
			r = get_number(rd, one, "n", &p->entries[i].n);
		if (r == 0)
			r = get_number(rd, one, "left_out", &p->entries[i].left_out);
	}
	return r;
}

static int read_uses(const struct reader *rd, const json_t *j, struct explain_piece *p)
{
	const json_t *list = json_object_get(j, "uses");
	void *v = NULL;
	int r = get_rows(rd, j, "uses", sizeof(*p->uses), &v, &p->n_uses);

	p->uses = v;
	for (size_t i = 0; r == 0 && i < p->n_uses; i++) {
		const json_t *one = json_array_get(list, i);
		struct explain_use *u = &p->uses[i];

		u->is_piece = json_object_get(one, "piece");
		u->calls = json_is_true(json_object_get(one, "calls"));
		r = u->is_piece ? get_index(rd, one, "piece", rd->e->n_pieces, &u->id)
				: get_index(rd, one, "symbol", rd->e->n_symbols, &u->id);
	}
	return r;
}

static int read_replaced(const struct reader *rd, const json_t *j, struct explain_piece *p)
{
	int r = get_text(rd, j, "old_name", &p->old_name);

	if (r == 0)
		r = get_text(rd, j, "address", &p->address);
	if (r == 0)
		r = get_text(rd, j, "proof", &p->proof);
	return r < 0 ? r : get_number(rd, j, "sympos", &p->sympos);
}

static int read_piece(const struct reader *rd, const json_t *j, void *row)
{
	struct explain_piece *p = row;
	int role = 0, how = 0;
	int r = get_text(rd, j, "name", &p->name);

	if (r == 0)
		r = get_text(rd, j, "kind", &p->kind);
	if (r == 0)
		r = get_text(rd, j, "text", &p->text);
	if (r == 0)
		r = get_text(rd, j, "via", &p->via);
	if (r == 0)
		r = get_word(rd, j, "role", roles, EXPLAIN_N_ROLES, &role);
	if (r == 0)
		r = get_word(rd, j, "how", hows, EXPLAIN_N_HOWS, &how);
	if (r == 0)
		r = get_index(rd, j, "object", rd->e->n_objects, &p->object);
	if (r == 0)
		r = get_index(rd, j, "because", rd->e->n_pieces, &p->because);
	if (r == 0)
		r = get_number(rd, j, "size", &p->size);
	if (r == 0)
		r = read_replaced(rd, j, p);
	if (r == 0)
		r = read_entries(rd, j, p);
	if (r == 0)
		r = read_uses(rd, j, p);
	p->role = (enum explain_role)role;
	p->how = (enum explain_how)how;
	return r;
}

static int read_symbol(const struct reader *rd, const json_t *j, void *row)
{
	struct explain_symbol *s = row;
	int r = get_text(rd, j, "symbol", &s->symbol);

	if (r == 0)
		r = get_text(rd, j, "name", &s->name);
	if (r == 0)
		r = get_text(rd, j, "object", &s->object);
	if (r == 0)
		r = get_text(rd, j, "late", &s->late);
	if (r == 0)
		r = get_text(rd, j, "address", &s->address);
	s->exported = json_is_true(json_object_get(j, "exported"));
	return r < 0 ? r : get_number(rd, j, "sympos", &s->sympos);
}

static int read_own(const struct reader *rd, const json_t *j, void *row)
{
	struct explain_own *o = row;
	int r = get_text(rd, j, "name", &o->name);

	return r < 0 ? r : get_text(rd, j, "why", &o->why);
}

static int read_head(struct explain *e, struct oak_error *err)
{
	const json_t *module = json_object_get(e->doc, "module");
	const struct reader rd = { e, "head", 0, err };
	int r = get_text(&rd, module, "name", &e->module);

	if (r == 0)
		r = get_text(&rd, module, "sha256", &e->module_sha256);
	if (r == 0)
		r = get_text(&rd, json_object_get(e->doc, "kernel"), "release", &e->release);
	if (json_integer_value(json_object_get(e->doc, "schema")) != 1)
		return oak_fail(err, OAK_E_FORMAT, "explain.json: of a schema that is not known");
	return r < 0 ? r : get_number(&rd, e->doc, "level", &e->level);
}

/* Walks up from each piece, over no piece twice. */
static int check_roots(const struct explain *e, struct oak_error *err)
{
	/* The walk that met a piece first, counted from one. */
	_cleanup_(freep) size_t *met = calloc(e->n_pieces + 1, sizeof(*met));

	if (!met)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < e->n_pieces; i++) {
		size_t at = i;

		while (!met[at]) {
			met[at] = i + 1;
			at = e->pieces[at].because;
		}
		if (met[at] == i + 1 && e->pieces[at].because != at)
			return oak_fail(err, OAK_E_FORMAT,
					"explain.json: piece %zu is there because of itself", at);
	}
	return 0;
}

enum {
	T_FIXES,
	T_OBJECTS,
	T_PIECES,
	T_SYMBOLS,
	T_OWN,
	N_TABLES
};

static int read_tables(struct explain *e, struct oak_error *err)
{
	void *rows[N_TABLES] = { NULL };
	const struct {
		const char *name;
		size_t *n, size;
		int (*read)(const struct reader *rd, const json_t *j, void *row);
	} tables[N_TABLES] = {
		[T_FIXES] = { "fixes", &e->n_fixes, sizeof(*e->fixes), read_fix },
		[T_OBJECTS] = { "objects", &e->n_objects, sizeof(*e->objects), read_object },
		[T_PIECES] = { "pieces", &e->n_pieces, sizeof(*e->pieces), read_piece },
		[T_SYMBOLS] = { "symbols", &e->n_symbols, sizeof(*e->symbols), read_symbol },
		[T_OWN] = { "own", &e->n_own, sizeof(*e->own), read_own },
	};
	int r = 0;

	/* All room first: rows of one table point into another. */
	for (size_t t = 0; r == 0 && t < N_TABLES; t++) {
		const struct reader rd = { e, "head", 0, err };

		r = get_rows(&rd, e->doc, tables[t].name, tables[t].size, &rows[t], tables[t].n);
	}
	e->fixes = rows[T_FIXES];
	e->objects = rows[T_OBJECTS];
	e->pieces = rows[T_PIECES];
	e->symbols = rows[T_SYMBOLS];
	e->own = rows[T_OWN];
	for (size_t t = 0; r == 0 && t < N_TABLES; t++) {
		const json_t *list = json_object_get(e->doc, tables[t].name);

		for (size_t i = 0; r == 0 && i < *tables[t].n; i++) {
			const struct reader rd = { e, tables[t].name, i, err };

			r = tables[t].read(&rd, json_array_get(list, i),
					   (char *)rows[t] + i * tables[t].size);
		}
	}
	return r;
}

int explain_read(json_t *doc, struct explain **ret, struct oak_error *err)
{
	_cleanup_(explain_freep) struct explain *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	e->doc = json_incref(doc);
	r = read_head(e, err);
	if (r == 0)
		r = read_tables(e, err);
	if (r == 0)
		r = check_roots(e, err);
	if (r < 0)
		return r;
	*ret = take_ptr(e);
	return 0;
}

void explain_free(struct explain *e)
{
	if (!e)
		return;
	for (size_t i = 0; e->fixes && i < e->n_fixes; i++)
		free(e->fixes[i].cves);
	for (size_t i = 0; e->objects && i < e->n_objects; i++)
		free(e->objects[i].fixes);
	for (size_t i = 0; e->pieces && i < e->n_pieces; i++) {
		free(e->pieces[i].entries);
		free(e->pieces[i].uses);
	}
	free(e->fixes);
	free(e->objects);
	free(e->pieces);
	free(e->symbols);
	free(e->own);
	json_decref(e->doc);
	free(e);
}
