/* SPDX-License-Identifier: GPL-2.0-or-later */
/* creach-names: which names an item defines, from the shape of its declaration alone. */
#include "build/creach-priv.h"

#include "build/cwords.h"

/* Shorter ones are in too many words to tell anything. */
#define FRAGMENT_MIN 3

/* Calls that define nothing that code could use. */
static const char *const idle_calls[] = { "EXPORT_", "MODULE_", "static_assert", "_Static_assert",
					  "BUILD_BUG" };

struct head {
	unsigned depth;      /* of all brackets */
	bool typed;          /* a type was named: the next name is no type */
	bool initializer;    /* between "=" and "," or ";" */
	bool call;           /* of a macro */
	bool idle;           /* of one that defines nothing */
	size_t n_names;      /* found so far */
	struct ctoken first; /* of them, held back: it may turn out to be a type */
	size_t n_fragments;
};

static bool is_open(const struct ctoken *t)
{
	return ctoken_is_char(t, '(') || ctoken_is_char(t, '{') || ctoken_is_char(t, '[');
}

static bool is_close(const struct ctoken *t)
{
	return ctoken_is_char(t, ')') || ctoken_is_char(t, '}') || ctoken_is_char(t, ']');
}

static bool next_is(const struct cspan *s, size_t i, char c)
{
	return i + 1 < s->n && ctoken_is_char(&s->t[i + 1], c);
}

const struct ctoken *creach_after(const struct cspan *s, size_t i)
{
	for (i++; i < s->n; i++) {
		if (s->t[i].kind != CTOKEN_WORD || cword_of(&s->t[i]) != CWORD_ATTRIBUTE)
			return &s->t[i];
		if (next_is(s, i, '('))
			while (i < s->n && !ctoken_is_char(&s->t[i], ')'))
				i++;
	}
	return NULL;
}

/* Macros that stand for whole definitions are written in capitals. */
static bool is_capitals(const struct ctoken *t)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->text[i] >= 'a' && t->text[i] <= 'z')
			return false;
	return true;
}

static bool is_idle(const struct ctoken *t)
{
	for (size_t i = 0; i < sizeof(idle_calls) / sizeof(idle_calls[0]); i++)
		if (t->len >= strlen(idle_calls[i]) &&
		    memcmp(t->text, idle_calls[i], strlen(idle_calls[i])) == 0)
			return true;
	return false;
}

static int add_name(struct creach *c, struct head *h, const struct ctoken *t, struct oak_error *err)
{
	if (h->n_names++ == 0 && !h->typed) {
		h->first = *t;
		return 0;
	}
	return wordset_add(&c->names, t->text, t->len, err);
}

/* A word outside of all brackets. */
static int head_word(struct creach *c, struct head *h, const struct cspan *s, size_t i,
		     struct oak_error *err)
{
	const struct ctoken *t = &s->t[i];

	switch (cword_of(t)) {
	case CWORD_TYPE:
	case CWORD_TAG:
		h->typed = true;
		return 0;
	case CWORD_KEYWORD:
	case CWORD_ATTRIBUTE:
		return 0;
	case CWORD_NAME:
		break;
	}
	/* A tag: "struct x y" declares y. */
	if (i && s->t[i - 1].kind == CTOKEN_WORD && cword_of(&s->t[i - 1]) == CWORD_TAG)
		return 0;
	if (next_is(s, i, '(') && (i == 0 || is_capitals(t))) {
		h->call = true;
		h->idle |= is_idle(t);
		return 0;
	}
	return add_name(c, h, t, err);
}

/* A word of "TRACE_EVENT(name, ...)": an argument of its own, or a function's name. */
static int argument(struct creach *c, struct head *h, const struct cspan *s, size_t i,
		    struct oak_error *err)
{
	const struct ctoken *t = &s->t[i];
	bool begins = i && (ctoken_is_char(&s->t[i - 1], '(') || ctoken_is_char(&s->t[i - 1], ','));
	bool alone = begins && (next_is(s, i, ')') || next_is(s, i, ','));

	if (cword_of(t) != CWORD_NAME || !(alone || (!begins && next_is(s, i, '('))))
		return 0;
	if (t->len < FRAGMENT_MIN) {
		c->includers = true;
		return 0;
	}
	h->n_fragments++;
	return wordset_add(&c->fragments, t->text, t->len, err);
}

/* "(*name)" */
static bool is_pointer_name(const struct cspan *s, size_t i)
{
	return i >= 2 && ctoken_is_char(&s->t[i - 1], '*') && ctoken_is_char(&s->t[i - 2], '(');
}

static size_t skip_directive(const struct cspan *s, size_t i)
{
	do
		i++;
	while (i < s->n && !s->t[i].starts_line);
	return i;
}

static int head_token(struct creach *c, struct head *h, const struct cspan *s, size_t i,
		      struct oak_error *err)
{
	const struct ctoken *t = &s->t[i];

	if (is_open(t)) {
		h->depth++;
	} else if (is_close(t)) {
		h->depth -= h->depth > 0;
	} else if (h->depth == 0 && ctoken_is_char(t, '=')) {
		h->initializer = true;
	} else if (h->depth == 0 && ctoken_is_char(t, ',')) {
		h->initializer = false;
	} else if (t->kind == CTOKEN_WORD && !h->initializer) {
		if (h->depth == 0)
			return head_word(c, h, s, i, err);
		if (h->depth == 1 && is_pointer_name(s, i))
			return add_name(c, h, t, err);
		if (h->depth == 1 && h->call)
			return argument(c, h, s, i, err);
	}
	return 0;
}

/* Of "struct tag { ... } name;": the tag and all members. */
static int type_names(struct creach *c, const struct cspan *s, struct oak_error *err)
{
	size_t brace = 0;

	while (brace < s->n && !ctoken_is_char(&s->t[brace], '{'))
		brace++;
	for (size_t i = 0; i < brace; i++) {
		const struct ctoken *t = &s->t[i];
		int r = 0;

		if (t->kind == CTOKEN_WORD && cword_of(t) == CWORD_NAME)
			r = wordset_add(&c->names, t->text, t->len, err);
		if (r < 0)
			return r;
	}
	return creach_add_members(c, &(struct cspan){ s->t + brace, s->n - brace }, err);
}

static int declared_names(struct creach *c, const struct cspan *s, struct oak_error *err)
{
	struct head h = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->n;) {
		if (s->t[i].starts_line && ctoken_is_char(&s->t[i], '#')) {
			i = skip_directive(s, i);
			continue;
		}
		r = head_token(c, &h, s, i++, err);
	}
	/* "bool name": the first word was a type, if there are others. */
	if (r == 0 && h.first.len && h.n_names == 1)
		r = wordset_add(&c->names, h.first.text, h.first.len, err);
	if (h.n_names == 0 && h.n_fragments == 0 && !h.idle)
		c->includers = true;
	return r;
}

int creach_add_members(struct creach *c, const struct cspan *body, struct oak_error *err)
{
	for (size_t i = 0; i < body->n; i++) {
		const struct ctoken *t = &body->t[i];
		const struct ctoken *next;
		int r;

		if (t->kind != CTOKEN_WORD || cword_of(t) != CWORD_NAME)
			continue;
		next = creach_after(body, i);
		if (next && (next->kind != CTOKEN_PUNCT || !strchr(";,[:)=}", next->text[0])))
			continue;
		r = wordset_add(&c->names, t->text, t->len, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int creach_add_names(struct creach *c, const struct cspan *item, enum citem_kind kind,
		     struct oak_error *err)
{
	switch (kind) {
	case CITEM_MACRO:
		if (item->n < 3)
			return 0;
		return wordset_add(&c->names, item->t[2].text, item->t[2].len, err);
	case CITEM_DIRECTIVE:
		c->includers |= item->n > 1 && ctoken_is(&item->t[1], "pragma");
		return 0;
	case CITEM_CONDITION:
	case CITEM_INCLUDE:
		return 0;
	case CITEM_TYPE:
		return type_names(c, item, err);
	case CITEM_FUNCTION:
	case CITEM_OTHER:
		break;
	}
	return declared_names(c, item, err);
}
