/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctoken: C source as tokens with their lines, before any preprocessing.
 *
 * Comments and spliced lines (backslash, newline) are seen through, so a token tells where it
 * stands and whether a directive or a logical line begins with it. Nothing is refused: an open
 * string ends with its line, an open comment with the text. Pure; text is borrowed.
 * Fuzzed by tests/fuzz/fuzz-coutline.c and tests/fuzz/fuzz-keep-lines.c.
 */
#ifndef OAK_BUILD_CTOKEN_H
#define OAK_BUILD_CTOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum ctoken_kind {
	CTOKEN_END,
	CTOKEN_WORD,   /* identifier or keyword */
	CTOKEN_NUMBER, /* as the preprocessor sees one: 0x1f, 1.5e+3 */
	CTOKEN_STRING, /* "..." or '...' */
	CTOKEN_PUNCT,  /* one character, but "->" and "##" are whole */
};

struct ctoken {
	enum ctoken_kind kind;
	const char *text;
	size_t len;
	uint32_t line;    /* from 1, physical */
	bool starts_line; /* first of its logical line */
};

struct ctokens {
	const char *p, *end;
	uint32_t line;
	bool fresh; /* nothing of this logical line was given yet */
};

static inline struct ctokens ctokens_of(const char *text, size_t len)
{
	return (struct ctokens){ .p = text, .end = text + len, .line = 1, .fresh = true };
}

/* The next token; CTOKEN_END for ever at the end. */
struct ctoken ctoken_next(struct ctokens *t);

/*
 * Do both texts say the same to the compiler, but for the numbers of lines? Comments may differ;
 * where tokens touch may not, for "F(x)" and "F (x)" are different macros.
 */
bool ctokens_equal(const char *a, size_t a_len, const char *b, size_t b_len);

static inline bool ctoken_is(const struct ctoken *t, const char *text)
{
	return strlen(text) == t->len && memcmp(t->text, text, t->len) == 0;
}

static inline bool ctoken_is_char(const struct ctoken *t, char c)
{
	return t->kind == CTOKEN_PUNCT && t->len == 1 && t->text[0] == c;
}

#endif
