/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/coutline.h"

#include <stdlib.h>

/* Conditions nest 6 deep at most in the kernel; what is deeper counts as outside of them. */
#define CONDITIONS_MAX 64

/* Where in brackets we are; a condition's second branch begins where its first began. */
struct place {
	unsigned paren, brace;
};

struct condition {
	size_t opening, latest; /* items of its #if and of its latest directive */
	struct place start, first_branch;
	bool has_branch; /* first_branch is set */
};

struct reader {
	struct coutline *o;
	size_t items_cap;
	struct condition open[CONDITIONS_MAX];
	size_t n_open, n_deeper; /* n_deeper: open ones that did not fit */
	struct place at;
	/* The item being read: its first token, or SIZE_MAX. */
	size_t start;
	size_t n_groups; /* closed pairs of parentheses at the top level of the item */
	bool assigned, body;
	enum citem_kind kind;
	struct oak_error *err;
};

void coutline_free(struct coutline *o)
{
	free(o->tokens);
	free(o->items);
	*o = (struct coutline){ 0 };
}

static int read_tokens(const char *text, size_t len, struct coutline *o, struct oak_error *err)
{
	struct ctokens t = ctokens_of(text, len);
	size_t cap = 0;

	for (;;) {
		struct ctoken k = ctoken_next(&t);

		if (k.kind == CTOKEN_END)
			return 0;
		if (o->n_tokens == cap) {
			struct ctoken *v;

			cap = cap ? 2 * cap : 1024;
			v = reallocarray(o->tokens, cap, sizeof(*v));
			if (!v)
				return oak_fail(err, OAK_E_NOMEM, "out of memory");
			o->tokens = v;
		}
		o->tokens[o->n_tokens++] = k;
	}
}

static int add_item(struct reader *r, enum citem_kind kind, size_t first, size_t end)
{
	const struct ctoken *t = r->o->tokens;

	if (r->o->n_items == r->items_cap) {
		size_t cap = r->items_cap ? 2 * r->items_cap : 128;
		struct citem *v = reallocarray(r->o->items, cap, sizeof(*v));

		if (!v)
			return oak_fail(r->err, OAK_E_NOMEM, "out of memory");
		r->o->items = v;
		r->items_cap = cap;
	}
	r->o->items[r->o->n_items++] = (struct citem){ .kind = kind,
						       .first = t[first].line,
						       .last = t[end - 1].line,
						       .at = t[first].line,
						       .token = first,
						       .n_tokens = end - first };
	return 0;
}

static int end_item(struct reader *r, size_t end)
{
	int ret = 0;

	if (r->start < end)
		ret = add_item(r, r->kind, r->start, end);
	r->start = SIZE_MAX;
	r->n_groups = 0;
	r->assigned = r->body = false;
	r->kind = CITEM_OTHER;
	return ret;
}

static bool is_type_word(const struct ctoken *t)
{
	return ctoken_is(t, "struct") || ctoken_is(t, "union") || ctoken_is(t, "enum");
}

/* Is the brace at @i the one of "struct {", "struct tag {" or "struct attribute tag {"? */
static bool opens_type(const struct reader *r, size_t i)
{
	const struct ctoken *t = r->o->tokens;

	for (size_t back = 1; back <= 3 && i >= r->start + back; back++) {
		if (is_type_word(&t[i - back]))
			return true;
		if (t[i - back].kind != CTOKEN_WORD)
			return false;
	}
	return false;
}

static int open_brace(struct reader *r, size_t i)
{
	if (r->at.brace++ == 0 && r->at.paren == 0 && !r->assigned) {
		if (opens_type(r, i))
			r->kind = CITEM_TYPE;
		else if (r->n_groups)
			r->body = true;
	}
	return 0;
}

static int close_brace(struct reader *r, size_t i)
{
	if (r->at.brace)
		r->at.brace--;
	if (r->at.brace || !r->body)
		return 0;
	r->at.paren = 0; /* whatever the body left open */
	if (r->kind == CITEM_OTHER)
		r->kind = CITEM_FUNCTION;
	return end_item(r, i + 1);
}

/*
 * "PAGEFLAG(A, a)" has no semicolon: a word that begins a line after a call alone is a new item,
 * unless a body follows.
 */
static bool ends_before(const struct reader *r, size_t i)
{
	const struct ctoken *t = r->o->tokens;

	return r->start < i && r->at.paren == 0 && r->at.brace == 0 && r->n_groups == 1 &&
	       t[i].starts_line && t[i].kind == CTOKEN_WORD && ctoken_is_char(&t[i - 1], ')') &&
	       t[r->start].kind == CTOKEN_WORD && ctoken_is_char(&t[r->start + 1], '(');
}

static int read_token(struct reader *r, size_t i)
{
	const struct ctoken *t = &r->o->tokens[i];
	int ret = ends_before(r, i) ? end_item(r, i) : 0;

	if (ret < 0)
		return ret;
	if (r->start == SIZE_MAX)
		r->start = i;
	if (t->kind != CTOKEN_PUNCT || t->len != 1)
		return 0;
	switch (t->text[0]) {
	case '{':
		return open_brace(r, i);
	case '}':
		return close_brace(r, i);
	case '(':
		r->at.paren++;
		return 0;
	case ')':
		if (r->at.paren && --r->at.paren == 0 && r->at.brace == 0)
			r->n_groups++;
		return 0;
	case '=':
		r->assigned |= r->at.paren == 0 && r->at.brace == 0;
		return 0;
	case ';':
		return r->at.paren == 0 && r->at.brace == 0 ? end_item(r, i + 1) : 0;
	default:
		return 0;
	}
}

enum step {
	STEP_OPEN,
	STEP_BRANCH,
	STEP_CLOSE,
	STEP_NONE
};

static const struct {
	const char *name;
	enum citem_kind kind;
	enum step step;
} directives[] = {
	{ "define", CITEM_MACRO, STEP_NONE },     { "undef", CITEM_MACRO, STEP_NONE },
	{ "include", CITEM_INCLUDE, STEP_NONE },  { "include_next", CITEM_INCLUDE, STEP_NONE },
	{ "if", CITEM_CONDITION, STEP_OPEN },     { "ifdef", CITEM_CONDITION, STEP_OPEN },
	{ "ifndef", CITEM_CONDITION, STEP_OPEN }, { "elif", CITEM_CONDITION, STEP_BRANCH },
	{ "else", CITEM_CONDITION, STEP_BRANCH }, { "endif", CITEM_CONDITION, STEP_CLOSE },
};

/* All directives of one condition get its whole extent once its end is known. */
static void close_condition(struct reader *r, uint32_t last)
{
	const struct condition *c = &r->open[--r->n_open];
	struct citem *items = r->o->items;

	for (size_t k = c->latest + 1; k; k = items[k - 1].previous) {
		items[k - 1].first = items[c->opening].at;
		items[k - 1].last = last;
	}
}

static void open_condition(struct reader *r, size_t item)
{
	if (r->n_open < CONDITIONS_MAX)
		r->open[r->n_open++] = (struct condition){ item, item, .start = r->at };
	else
		r->n_deeper++;
}

static void step_condition(struct reader *r, enum step step, size_t item)
{
	struct condition *c = &r->open[r->n_open ? r->n_open - 1 : 0];

	if (step == STEP_OPEN) {
		open_condition(r, item);
		return;
	}
	if (r->n_deeper || !r->n_open) {
		r->n_deeper -= r->n_deeper && step == STEP_CLOSE;
		return;
	}
	r->o->items[item].previous = c->latest + 1;
	c->latest = item;
	if (step == STEP_BRANCH) {
		if (!c->has_branch)
			c->first_branch = r->at;
		c->has_branch = true;
		r->at = c->start;
		return;
	}
	if (c->has_branch)
		r->at = c->first_branch;
	close_condition(r, r->o->items[item].at);
}

/* The directive whose "#" is token @i; returns the token after it in @ret_next. */
static int read_directive(struct reader *r, size_t i, size_t *ret_next)
{
	const struct ctoken *t = r->o->tokens;
	enum citem_kind kind = CITEM_DIRECTIVE;
	enum step step = STEP_NONE;
	size_t end = i + 1;
	int ret;

	while (end < r->o->n_tokens && !t[end].starts_line)
		end++;
	for (size_t d = 0; end > i + 1 && d < sizeof(directives) / sizeof(directives[0]); d++) {
		if (ctoken_is(&t[i + 1], directives[d].name)) {
			kind = directives[d].kind;
			step = directives[d].step;
		}
	}
	ret = add_item(r, kind, i, end);
	if (ret == 0 && kind == CITEM_CONDITION)
		step_condition(r, step, r->o->n_items - 1);
	*ret_next = end;
	return ret;
}

int coutline_read(const char *text, size_t len, struct coutline *ret, struct oak_error *err)
{
	_cleanup_(coutline_free) struct coutline o = { 0 };
	struct reader r = { .o = &o, .start = SIZE_MAX, .kind = CITEM_OTHER, .err = err };
	size_t i = 0;
	int res = read_tokens(text, len, &o, err);

	while (res == 0 && i < o.n_tokens) {
		const struct ctoken *t = &o.tokens[i];

		if (t->starts_line && ctoken_is_char(t, '#'))
			res = read_directive(&r, i, &i);
		else
			res = read_token(&r, i++);
	}
	if (res == 0)
		res = end_item(&r, o.n_tokens);
	if (res < 0)
		return res;
	while (r.n_open)
		close_condition(&r, UINT32_MAX);
	*ret = o;
	o = (struct coutline){ 0 };
	return 0;
}
