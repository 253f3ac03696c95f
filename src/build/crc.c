/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/crc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* A name and what stands behind it; both borrowed from the text. */
struct entry {
	const char *name;
	size_t name_len;
	const char *text; /* CRC or definition */
	size_t len;
};

struct table {
	struct entry *v; /* by name */
	size_t n, cap;
};

static void table_free(struct table *t)
{
	free(t->v);
}

static int compare_names(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int r = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return r ? r : (a_len > b_len) - (a_len < b_len);
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return compare_names(x->name, x->name_len, y->name, y->name_len);
}

static const struct entry *find(const struct table *t, const char *name, size_t len)
{
	const struct entry key = { .name = name, .name_len = len };

	return t->n ? bsearch(&key, t->v, t->n, sizeof(*t->v), compare_entries) : NULL;
}

static int add(struct table *t, const struct entry *e, struct oak_error *err)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 512;
		struct entry *v = reallocarray(t->v, cap, sizeof(*v));

		if (!v)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		t->v = v;
		t->cap = cap;
	}
	t->v[t->n++] = *e;
	return 0;
}

/* Up to the next space or the end. */
static size_t word_len(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && p[n] != ' ' && p[n] != '\t')
		n++;
	return n;
}

/* "#SYMVER NAME 0x..." of 4.x to now, "__crc_NAME = 0x...;" of before. */
static bool read_crc(const char *p, const char *end, struct entry *ret)
{
	static const char now[] = "#SYMVER ", before[] = "__crc_";
	size_t skip = sizeof(now) - 1;
	const char *value;

	if ((size_t)(end - p) < skip || memcmp(p, now, skip) != 0) {
		skip = sizeof(before) - 1;
		if ((size_t)(end - p) < skip || memcmp(p, before, skip) != 0)
			return false;
	}
	p += skip;
	*ret = (struct entry){ .name = p, .name_len = word_len(p, end) };
	value = memmem(p, (size_t)(end - p), "0x", 2);
	if (!ret->name_len || !value)
		return false;
	ret->text = value + 2;
	ret->len = strspn(ret->text, "0123456789abcdef");
	return ret->len > 0 && ret->text + ret->len <= end;
}

static bool read_definition(const char *p, const char *end, struct entry *ret)
{
	size_t n = word_len(p, end);

	*ret = (struct entry){ .name = p, .name_len = n, .text = p + n };
	ret->len = (size_t)(end - ret->text);
	return n > 0;
}

static int read_table(const char *text, bool (*read)(const char *, const char *, struct entry *),
		      struct table *ret, struct oak_error *err)
{
	int r = 0;

	while (r == 0 && *text) {
		const char *end = strchrnul(text, '\n');
		struct entry e;

		if (read(text, end, &e))
			r = add(ret, &e, err);
		text = *end ? end + 1 : end;
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare_entries);
	return r;
}

/* One side's definitions against the other's. */
struct walk {
	const struct table *orig, *patched;
	bool *seen;   /* by index of orig */
	size_t *todo; /* indexes of orig; each at most once */
	size_t n_todo;
};

static void walk_free(struct walk *w)
{
	free(w->seen);
	free(w->todo);
}

static int walk_open(struct walk *w, struct oak_error *err)
{
	w->seen = calloc(w->orig->n + 1, sizeof(*w->seen));
	w->todo = calloc(w->orig->n + 1, sizeof(*w->todo));
	return w->seen && w->todo ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static void push(struct walk *w, const struct entry *e)
{
	size_t i = (size_t)(e - w->orig->v);

	if (w->seen[i])
		return;
	w->seen[i] = true;
	w->todo[w->n_todo++] = i;
}

static bool is_unknown(const struct entry *e)
{
	return memmem(e->text, e->len, "{ UNKNOWN }", 11) != NULL;
}

/* "s#list_head" in a definition names another one. */
static void push_references(struct walk *w, const struct entry *e)
{
	const char *p = e->text, *end = p + e->len;

	while (p < end) {
		size_t n = word_len(p, end);
		const struct entry *to = n > 2 && p[1] == '#' ? find(w->orig, p, n) : NULL;

		if (to)
			push(w, to);
		p += n + 1;
	}
}

/* The first definition behind the symbol that became another; NULL for none, itself in doubt. */
static const struct entry *find_change(struct walk *w, const struct entry *symbol)
{
	const struct entry *from = find(w->orig, symbol->name, symbol->name_len);

	memset(w->seen, 0, w->orig->n * sizeof(*w->seen));
	w->n_todo = 0;
	if (!from || !find(w->patched, symbol->name, symbol->name_len))
		return symbol;
	push(w, from);
	for (size_t i = 0; i < w->n_todo; i++) {
		const struct entry *a = &w->orig->v[w->todo[i]];
		const struct entry *b = find(w->patched, a->name, a->name_len);

		/* Where it is gone, what named it has changed. */
		if (!b || is_unknown(a) || is_unknown(b))
			continue;
		if (a->len != b->len || memcmp(a->text, b->text, a->len) != 0)
			return a;
		push_references(w, a);
	}
	return NULL;
}

/* "s#list_head" as C says it. */
static const char *keyword_of(const struct entry *e, size_t *ret_skip)
{
	static const struct {
		char tag;
		const char *word;
	} words[] = { { 's', "struct " }, { 'u', "union " }, { 'e', "enum " } };

	*ret_skip = e->name_len > 2 && e->name[1] == '#' ? 2 : 0;
	for (size_t i = 0; *ret_skip && i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].tag == e->name[0])
			return words[i].word;
	return "";
}

static int add_finding(const struct entry *a, const struct entry *b, const struct entry *change,
		       struct findings *ret, struct oak_error *err)
{
	char name[256];
	size_t skip;
	const char *keyword = keyword_of(change, &skip);

	(void)snprintf(name, sizeof(name), "%.*s", a->name_len > 255 ? 255 : (int)a->name_len,
		       a->name);
	if (change->name_len == a->name_len && !skip)
		return finding_add(ret, RULE_EXPORT_CRC, name, NULL, err,
				   "its prototype or type changes: CRC 0x%.*s becomes 0x%.*s, and "
				   "modules were built against the old one",
				   (int)a->len, a->text, (int)b->len, b->text);
	return finding_add(ret, RULE_EXPORT_CRC, name, NULL, err,
			   "it depends on %s%.*s, which changes: CRC 0x%.*s becomes 0x%.*s, and "
			   "modules were built against the old one",
			   keyword, change->name_len > 100 ? 100 : (int)(change->name_len - skip),
			   change->name + skip, (int)a->len, a->text, (int)b->len, b->text);
}

static bool same_text(const struct entry *a, const struct entry *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

int crc_compare(const struct crc_text *orig, const struct crc_text *patched, struct findings *ret,
		struct oak_error *err)
{
	_cleanup_(table_free) struct table was = { 0 }, is = { 0 }, old = { 0 }, new = { 0 };
	_cleanup_(walk_free) struct walk w = { .orig = &old, .patched = &new };
	int r = read_table(orig->crcs, read_crc, &was, err);

	if (r == 0)
		r = read_table(patched->crcs, read_crc, &is, err);
	if (r == 0)
		r = read_table(orig->symtypes, read_definition, &old, err);
	if (r == 0)
		r = read_table(patched->symtypes, read_definition, &new, err);
	if (r == 0)
		r = walk_open(&w, err);
	for (size_t i = 0; r == 0 && i < was.n; i++) {
		const struct entry *a = &was.v[i], *b = find(&is, a->name, a->name_len), *change;

		if (!b || same_text(a, b))
			continue;
		change = find_change(&w, a);
		if (change)
			r = add_finding(a, b, change, ret, err);
	}
	return r;
}

/* "0x4c9d28b0<tab>phys_base<tab>vmlinux<tab>EXPORT_SYMBOL<tab>" */
static bool read_symvers(const char *p, const char *end, struct entry *ret)
{
	size_t n = word_len(p, end);
	const char *name = p + n + 1;

	if (n < 3 || name >= end || p[0] != '0' || p[1] != 'x')
		return false;
	*ret = (struct entry){ name, word_len(name, end), p + 2, n - 2 };
	return ret->name_len > 0;
}

int crc_check_shipped(const char *crcs, const char *symvers, char ret[256], struct oak_error *err)
{
	_cleanup_(table_free) struct table ours = { 0 }, shipped = { 0 };
	int r = read_table(crcs, read_crc, &ours, err);

	if (r == 0)
		r = read_table(symvers, read_symvers, &shipped, err);
	ret[0] = '\0';
	for (size_t i = 0; r == 0 && i < ours.n && !ret[0]; i++) {
		const struct entry *a = &ours.v[i];
		const struct entry *b = find(&shipped, a->name, a->name_len);

		if (b && !same_text(a, b))
			(void)snprintf(ret, 256, "%.*s", a->name_len > 255 ? 255 : (int)a->name_len,
				       a->name);
	}
	return r;
}
