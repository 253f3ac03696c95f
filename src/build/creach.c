/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/creach-priv.h"

#include <stdlib.h>

#include "build/cwords.h"

/* A pasted beginning or end shorter than this is in too many words to tell a macro by. */
#define PASTE_MIN 4

/* Up to so many names a search for each is quicker than reading the text's words. */
#define FEW_NAMES 4

void creach_free(struct creach *c)
{
	wordset_free(&c->names);
	wordset_free(&c->fragments);
	*c = (struct creach){ 0 };
}

static bool says_word(const struct creach *c, struct creach_count since, const struct ctoken *t)
{
	size_t i = wordset_find(&c->names, t->text, t->len);

	if (i != SIZE_MAX && i >= since.names)
		return true;
	for (i = since.fragments; i < c->fragments.n; i++)
		if (memmem(t->text, t->len, c->fragments.v[i], strlen(c->fragments.v[i])))
			return true;
	return c->tracepoints && ctoken_is(t, "CREATE_TRACE_POINTS");
}

bool creach_word(const struct creach *c, const struct ctoken *t)
{
	return says_word(c, (struct creach_count){ 0 }, t);
}

struct creach_count creach_count(const struct creach *c)
{
	return (struct creach_count){ c->names.n, c->fragments.n };
}

/* Is one of few names in the text at all, be it in a comment? Many are not looked for. */
static bool may_say(const struct creach *c, struct creach_count since, const char *text, size_t len)
{
	if (c->tracepoints ||
	    c->names.n - since.names + c->fragments.n - since.fragments > FEW_NAMES)
		return true;
	for (size_t i = since.names; i < c->names.n; i++)
		if (memmem(text, len, c->names.v[i], strlen(c->names.v[i])))
			return true;
	for (size_t i = since.fragments; i < c->fragments.n; i++)
		if (memmem(text, len, c->fragments.v[i], strlen(c->fragments.v[i])))
			return true;
	return false;
}

bool creach_says(const struct creach *c, struct creach_count since, const char *text, size_t len)
{
	struct ctokens t = ctokens_of(text, len);

	if (!may_say(c, since, text, len))
		return false;
	for (;;) {
		struct ctoken k = ctoken_next(&t);

		if (k.kind == CTOKEN_END)
			return false;
		if (k.kind == CTOKEN_WORD && says_word(c, since, &k))
			return true;
	}
}

static struct cspan span_of(const struct coutline *o, const struct citem *i)
{
	return (struct cspan){ o->tokens + i->token, i->n_tokens };
}

/* Tracepoints are made where the header that describes them is included once more. */
static bool is_trace_header(const struct coutline *o)
{
	for (size_t i = 0; i < o->n_items; i++) {
		struct cspan s = span_of(o, &o->items[i]);

		for (size_t k = 0; o->items[i].kind == CITEM_INCLUDE && k < s.n; k++)
			if (ctoken_is(&s.t[k], "define_trace"))
				return true;
	}
	return false;
}

static int touch_item(struct creach *c, const struct coutline *o, const struct citem *i,
		      struct oak_error *err)
{
	struct cspan s = span_of(o, i);

	c->types |= i->kind == CITEM_TYPE;
	c->macros |= i->kind == CITEM_MACRO;
	c->tracepoints |= i->kind == CITEM_OTHER && is_trace_header(o);
	return creach_add_names(c, &s, i->kind, err);
}

static int touch_lines(struct creach *c, const struct coutline *o, uint32_t first, uint32_t last,
		       struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->n_items; i++) {
		const struct citem *item = &o->items[i];

		if (item->kind != CITEM_CONDITION && item->first <= last && item->last >= first)
			r = touch_item(c, o, item, err);
	}
	return r;
}

int creach_touch(struct creach *c, const struct coutline *o, const struct line_range *v, size_t n,
		 struct oak_error *err)
{
	int r = 0;

	for (size_t k = 0; r == 0 && k < n; k++) {
		if (v[k].first == v[k].end)
			continue;
		r = touch_lines(c, o, v[k].first, v[k].end - 1, err);
		for (size_t i = 0; r == 0 && i < o->n_items; i++) {
			const struct citem *item = &o->items[i];

			if (item->kind == CITEM_CONDITION && item->at >= v[k].first &&
			    item->at < v[k].end)
				r = touch_lines(c, o, item->first, item->last, err);
		}
	}
	return r;
}

/* Pointers to a type that changed work as before: "struct s *p" among parameters. */
static bool says_by_value(const struct creach *c, const struct cspan *s)
{
	unsigned paren = 0;
	bool body = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct ctoken *t = &s->t[i], *next;

		body |= ctoken_is_char(t, '{');
		paren += ctoken_is_char(t, '(');
		paren -= paren && ctoken_is_char(t, ')');
		if (t->kind != CTOKEN_WORD || !creach_word(c, t))
			continue;
		next = body || !paren ? NULL : creach_after(s, i);
		if (!next || !ctoken_is_char(next, '*'))
			return true;
	}
	return false;
}

/* A declaration of members: by value, it changes the layout of all that holds it. */
enum member {
	MEMBER_UNTOUCHED,
	MEMBER_POINTER,
	MEMBER_WHOLE
};

static enum member judge_member(const struct creach *c, const struct cspan *s)
{
	enum member found = MEMBER_UNTOUCHED;
	unsigned bracket = 0;

	if (!says_by_value(c, s))
		return MEMBER_UNTOUCHED;
	for (size_t i = 0; i < s->n; i++) {
		const struct ctoken *t = &s->t[i], *next;

		bracket += ctoken_is_char(t, '[');
		bracket -= bracket && ctoken_is_char(t, ']');
		if (t->kind != CTOKEN_WORD || !creach_word(c, t))
			continue;
		next = creach_after(s, i);
		if (bracket || !next || !ctoken_is_char(next, '*'))
			return MEMBER_WHOLE;
		found = MEMBER_POINTER;
	}
	return found;
}

static int spread_type(struct creach *c, const struct coutline *o, const struct citem *item,
		       struct oak_error *err)
{
	struct cspan s = span_of(o, item);
	size_t start = 0;
	int r = 0;

	while (start < s.n && !ctoken_is_char(&s.t[start], '{'))
		start++;
	for (size_t i = ++start; r == 0 && i < s.n; i++) {
		struct cspan member = { s.t + start, i - start + 1 };

		if (i + 1 < s.n && !ctoken_is_char(&s.t[i], ';') && !ctoken_is_char(&s.t[i], '{') &&
		    !ctoken_is_char(&s.t[i], '}'))
			continue;
		start = i + 1;
		switch (judge_member(c, &member)) {
		case MEMBER_UNTOUCHED:
			break;
		case MEMBER_POINTER:
			r = creach_add_members(c, &member, err);
			break;
		case MEMBER_WHOLE:
			return creach_add_names(c, &s, CITEM_TYPE, err);
		}
	}
	return r;
}

static bool ends_with(const char *name, size_t n, const struct ctoken *t)
{
	return n > t->len && memcmp(name + n - t->len, t->text, t->len) == 0;
}

static bool begins_with(const char *name, size_t n, const struct ctoken *t)
{
	return n > t->len && memcmp(name, t->text, t->len) == 0;
}

/* "pre ## x" makes "prefix" of "fix": who says the macro, or for a short "pre" the rest. */
static int spread_paste(struct creach *c, const struct cspan *s, size_t at, struct oak_error *err)
{
	const struct ctoken *macro = &s->t[2];
	const struct ctoken *left = &s->t[at - 1], *right = &s->t[at + 1];

	for (size_t i = 0; i < c->names.n; i++) {
		const char *name = c->names.v[i];
		size_t n = strlen(name);
		int r = 0;

		if (left->kind == CTOKEN_WORD && begins_with(name, n, left))
			r = left->len >= PASTE_MIN
				    ? wordset_add(&c->names, macro->text, macro->len, err)
				    : wordset_add(&c->names, name + left->len, n - left->len, err);
		if (r == 0 && right->kind == CTOKEN_WORD && ends_with(name, n, right))
			r = right->len >= PASTE_MIN
				    ? wordset_add(&c->names, macro->text, macro->len, err)
				    : wordset_add(&c->names, name, n - right->len, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int spread_macro(struct creach *c, const struct cspan *s, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 3; r == 0 && i < s->n; i++) {
		if (s->t[i].kind == CTOKEN_WORD && creach_word(c, &s->t[i])) {
			c->macros = true;
			return wordset_add(&c->names, s->t[2].text, s->t[2].len, err);
		}
		if (i + 1 < s->n && s->t[i].kind == CTOKEN_PUNCT && ctoken_is(&s->t[i], "##"))
			r = spread_paste(c, s, i, err);
	}
	return r;
}

/* Does the item make something of its own wherever the header is included? */
static bool emits(const struct cspan *s, enum citem_kind kind)
{
	bool assigned = kind == CITEM_FUNCTION;

	for (size_t i = 0; i < s->n && !ctoken_is_char(&s->t[i], '{'); i++) {
		const struct ctoken *t = &s->t[i];

		if (t->kind == CTOKEN_WORD &&
		    (ctoken_is(t, "static") || ctoken_is(t, "inline") || ctoken_is(t, "extern") ||
		     ctoken_is(t, "typedef") || ctoken_is(t, "__always_inline")))
			return false;
		assigned |= ctoken_is_char(t, '=');
	}
	return assigned;
}

static int spread_declaration(struct creach *c, const struct coutline *o, const struct citem *item,
			      struct oak_error *err)
{
	struct cspan s = span_of(o, item);

	if (!says_by_value(c, &s))
		return 0;
	c->includers |= emits(&s, item->kind);
	c->tracepoints |= item->kind == CITEM_OTHER && is_trace_header(o);
	return creach_add_names(c, &s, item->kind, err);
}

/* A condition that says a name decides over all that stands in it. */
static int spread_condition(struct creach *c, const struct coutline *o, const struct citem *item,
			    struct oak_error *err)
{
	const struct ctoken *t = o->tokens + item->token;

	for (size_t i = 0; i < item->n_tokens; i++)
		if (t[i].kind == CTOKEN_WORD && wordset_has(&c->names, t[i].text, t[i].len))
			return touch_lines(c, o, item->first, item->last, err);
	return 0;
}

int creach_spread(struct creach *c, const struct coutline *o, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->n_items; i++) {
		const struct citem *item = &o->items[i];
		struct cspan s = span_of(o, item);

		switch (item->kind) {
		case CITEM_MACRO:
			r = spread_macro(c, &s, err);
			break;
		case CITEM_TYPE:
			r = spread_type(c, o, item, err);
			break;
		case CITEM_CONDITION:
			r = spread_condition(c, o, item, err);
			break;
		case CITEM_FUNCTION:
		case CITEM_OTHER:
			r = spread_declaration(c, o, item, err);
			break;
		case CITEM_INCLUDE:
		case CITEM_DIRECTIVE:
			break;
		}
	}
	return r;
}
