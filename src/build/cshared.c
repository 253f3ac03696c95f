/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/cshared.h"

#include "build/coutline.h"
#include "build/linediff.h"

/* Changed lines of one text, [first, end). */
struct lines {
	uint32_t first, end;
};

static bool is_on(const struct ctoken *t, const struct lines *l)
{
	return t->line >= l->first && t->line < l->end;
}

static bool is_type_word(const struct ctoken *t)
{
	return ctoken_is(t, "struct") || ctoken_is(t, "union") || ctoken_is(t, "enum");
}

/* "struct {", "struct tag {", "struct __packed tag {", "struct __attribute__((packed)) ..." */
static bool defines_type(const struct ctoken *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = i + 1;

		if (!is_type_word(&t[i]))
			continue;
		while (k < n && k <= i + 4 && t[k].kind == CTOKEN_WORD)
			k++;
		if (k < n && ctoken_is_char(&t[k], '{'))
			return true;
		/* An attribute comes at once; "struct tag name(" is a function. */
		if (k == i + 2 && k < n && ctoken_is_char(&t[k], '('))
			return true;
	}
	return false;
}

/* Index of the brace that opens the body; n where there is none. */
static size_t body_of(const struct ctoken *t, size_t n)
{
	size_t depth = 0;

	for (size_t i = 0; i < n; i++) {
		if (ctoken_is_char(&t[i], '('))
			depth++;
		else if (ctoken_is_char(&t[i], ')'))
			depth -= depth > 0;
		else if (ctoken_is_char(&t[i], '{') && depth == 0)
			return i;
	}
	return n;
}

static void judge_function(const struct ctoken *t, size_t n, const struct lines *l,
			   struct cshared *ret)
{
	size_t body = body_of(t, n);

	/* What only looks like a function ends its head with something else than "(...)". */
	if (defines_type(t, n) || body == 0 || body == n || !ctoken_is_char(&t[body - 1], ')'))
		ret->types = true;
	/* What is static is nobody else's. */
	for (size_t i = 0; i < body && !ctoken_is_char(&t[i], '('); i++)
		if (ctoken_is(&t[i], "static"))
			return;
	for (size_t i = 0; i < body; i++)
		if (is_on(&t[i], l))
			ret->prototypes = true;
}

static bool begins(const struct ctoken *t, const char *with)
{
	size_t n = strlen(with);

	return t->kind == CTOKEN_WORD && t->len >= n && memcmp(t->text, with, n) == 0;
}

/*
 * "type name(...);" or "EXPORT_SYMBOL...": no more than a prototype. A word that may be a macro is
 * no type: "static __read_mostly DEFINE_IDR(idr);".
 */
static bool is_prototype(const struct ctoken *t, size_t n)
{
	bool has_type = false;
	size_t i = 0;

	if (begins(&t[0], "EXPORT_SYMBOL"))
		return true;
	for (; i + 1 < n && !ctoken_is_char(&t[i + 1], '('); i++) {
		if (ctoken_is(&t[i], "typedef"))
			return false;
		if (t[i].kind != CTOKEN_WORD && !ctoken_is_char(&t[i], '*'))
			return false;
		has_type |= t[i].kind == CTOKEN_WORD && !begins(&t[i], "__") &&
			    !ctoken_is(&t[i], "static") && !ctoken_is(&t[i], "extern") &&
			    !ctoken_is(&t[i], "const");
	}
	for (; i < n; i++)
		if (ctoken_is_char(&t[i], '{') || ctoken_is_char(&t[i], '='))
			return false;
	return has_type && n > 2 && ctoken_is_char(&t[n - 1], ';') &&
	       ctoken_is_char(&t[n - 2], ')');
}

static void judge_item(const struct coutline *o, const struct citem *item, const struct lines *l,
		       struct cshared *ret)
{
	const struct ctoken *t = o->tokens + item->token;
	/* A condition reaches to its #endif; what stands between is not it. */
	uint32_t end = item->kind == CITEM_CONDITION ? item->at : item->last;

	if (item->first >= l->end || item->last < l->first)
		return;
	for (size_t i = 0; i < item->n_tokens; i++) {
		/* A token can span lines; the next one's line bounds it. */
		uint32_t last = i + 1 < item->n_tokens ? t[i + 1].line : end;

		if (t[i].line >= l->end || last < l->first)
			continue;
		if (item->kind == CITEM_FUNCTION)
			judge_function(t, item->n_tokens, l, ret);
		else if (item->kind == CITEM_OTHER && is_prototype(t, item->n_tokens))
			ret->prototypes = true;
		else
			ret->types = true;
		return;
	}
}

static int judge_text(const char *text, size_t len, const struct lines *l, size_t n,
		      struct cshared *ret, struct oak_error *err)
{
	_cleanup_(coutline_free) struct coutline o = { 0 };
	int r = coutline_read(text, len, &o, err);

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (l[i].first == l[i].end)
			continue;
		for (size_t k = 0; k < o.n_items; k++)
			judge_item(&o, &o.items[k], &l[i], ret);
	}
	return r;
}

int cshared_judge(const char *old, size_t old_len, const char *new, size_t new_len,
		  struct cshared *ret, struct oak_error *err)
{
	_cleanup_(linediff_free) struct linediff d = { 0 };
	_cleanup_(freep) struct lines *before = NULL, *after = NULL;
	int r = linediff_run(old, old_len, new, new_len, &d, err);

	if (r < 0)
		return r;
	before = calloc(d.n + 1, sizeof(*before));
	after = calloc(d.n + 1, sizeof(*after));
	if (!before || !after)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < d.n; i++) {
		before[i] = (struct lines){ d.v[i].old_first, d.v[i].old_end };
		after[i] = (struct lines){ d.v[i].new_first, d.v[i].new_end };
	}
	r = judge_text(old, old_len, before, d.n, ret, err);
	if (r == 0)
		r = judge_text(new, new_len, after, d.n, ret, err);
	ret->prototypes |= ret->types;
	return r;
}
