/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/ctoken.h"

enum char_class {
	OTHER,
	SPACE,
	LETTER, /* also _, $ and bytes above 127 */
	DIGIT,
};

static enum char_class class_of(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
	    (unsigned char)c >= 0x80)
		return LETTER;
	if (c >= '0' && c <= '9')
		return DIGIT;
	return c == ' ' || (c >= '\t' && c <= '\r') ? SPACE : OTHER;
}

/* Length of a spliced line end at @p, or 0. */
static size_t splice_at(const char *p, const char *end)
{
	if (end - p >= 2 && p[0] == '\\' && p[1] == '\n')
		return 2;
	return end - p >= 3 && p[0] == '\\' && p[1] == '\r' && p[2] == '\n' ? 3 : 0;
}

static void skip_block_comment(struct ctokens *t)
{
	for (t->p += 2; t->p < t->end; t->p++) {
		if (*t->p == '\n')
			t->line++;
		if (t->end - t->p >= 2 && t->p[0] == '*' && t->p[1] == '/') {
			t->p += 2;
			return;
		}
	}
}

static void skip_line_comment(struct ctokens *t)
{
	while (t->p < t->end && *t->p != '\n') {
		size_t n = splice_at(t->p, t->end);

		t->line += n > 0;
		t->p += n ? n : 1;
	}
}

static void skip_space(struct ctokens *t)
{
	while (t->p < t->end) {
		size_t splice = splice_at(t->p, t->end);

		if (splice) {
			t->p += splice;
			t->line++;
		} else if (*t->p == '\n') {
			t->p++;
			t->line++;
			t->fresh = true;
		} else if (class_of(*t->p) == SPACE) {
			t->p++;
		} else if (t->end - t->p >= 2 && t->p[0] == '/' && t->p[1] == '*') {
			skip_block_comment(t);
		} else if (t->end - t->p >= 2 && t->p[0] == '/' && t->p[1] == '/') {
			skip_line_comment(t);
		} else {
			return;
		}
	}
}

/* A string that its line leaves open ends there: an apostrophe in "#error don't". */
static void read_string(struct ctokens *t)
{
	char quote = *t->p++;

	while (t->p < t->end && *t->p != '\n') {
		size_t n = splice_at(t->p, t->end);

		if (n) {
			t->line++;
			t->p += n;
		} else if (*t->p == '\\' && t->end - t->p >= 2 && t->p[1] != '\n') {
			t->p += 2;
		} else if (*t->p++ == quote) {
			return;
		}
	}
}

static void read_number(struct ctokens *t)
{
	while (t->p < t->end) {
		enum char_class c = class_of(*t->p);
		char before = t->p[-1];
		bool exponent = before == 'e' || before == 'E' || before == 'p' || before == 'P';

		if (c != LETTER && c != DIGIT && *t->p != '.' &&
		    !(exponent && (*t->p == '+' || *t->p == '-')))
			return;
		t->p++;
	}
}

static void read_punct(struct ctokens *t)
{
	char c = *t->p++;

	if (t->p < t->end && ((c == '-' && *t->p == '>') || (c == '#' && *t->p == '#')))
		t->p++;
}

struct ctoken ctoken_next(struct ctokens *t)
{
	struct ctoken k = { .kind = CTOKEN_END };

	skip_space(t);
	k.text = t->p;
	k.line = t->line;
	k.starts_line = t->fresh;
	if (t->p >= t->end)
		return k;
	t->fresh = false;
	if (*t->p == '"' || *t->p == '\'') {
		k.kind = CTOKEN_STRING;
		read_string(t);
	} else if (class_of(*t->p) == LETTER) {
		k.kind = CTOKEN_WORD;
		while (t->p < t->end && (class_of(*t->p) == LETTER || class_of(*t->p) == DIGIT))
			t->p++;
	} else if (class_of(*t->p) == DIGIT) {
		k.kind = CTOKEN_NUMBER;
		t->p++;
		read_number(t);
	} else {
		k.kind = CTOKEN_PUNCT;
		read_punct(t);
	}
	k.len = (size_t)(t->p - k.text);
	return k;
}

bool ctokens_equal(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct ctokens ta = ctokens_of(a, a_len), tb = ctokens_of(b, b_len);
	const char *a_end = NULL, *b_end = NULL;

	for (;;) {
		struct ctoken x = ctoken_next(&ta), y = ctoken_next(&tb);

		if (x.kind == CTOKEN_END || y.kind == CTOKEN_END)
			return x.kind == y.kind;
		if (x.kind != y.kind || x.len != y.len || memcmp(x.text, y.text, x.len) != 0 ||
		    x.starts_line != y.starts_line || (x.text == a_end) != (y.text == b_end))
			return false;
		a_end = x.text + x.len;
		b_end = y.text + y.len;
	}
}
