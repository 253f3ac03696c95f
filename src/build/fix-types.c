/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/fix.h"

#include <string.h>

struct line {
	const char *p;
	size_t len;
};

static bool next_line(const char **text, const char *end, struct line *ret)
{
	const char *nl;

	if (*text >= end)
		return false;
	nl = memchr(*text, '\n', (size_t)(end - *text));
	*ret = (struct line){ *text, (size_t)((nl ? nl : end) - *text) };
	*text = nl ? nl + 1 : end;
	return true;
}

static bool begins(struct line l, const char *word)
{
	size_t n = strlen(word);

	return l.len >= n && memcmp(l.p, word, n) == 0;
}

/* Does a line that begins in the first column open the definition of a type? */
static bool opens_type(struct line l)
{
	static const char *const before[] = { "static ", "const ", "typedef " };
	static const char *const kinds[] = { "struct ", "union ", "enum " };

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (begins(l, before[i]))
			l = (struct line){ l.p + strlen(before[i]), l.len - strlen(before[i]) };
	/* A function that returns one, a variable of it; a heading may be cut off behind the '*'. */
	for (size_t i = 0; i < l.len; i++)
		if (strchr("(=;*[", l.p[i]))
			return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (begins(l, kinds[i]))
			return true;
	return false;
}

/* What follows the second "@@": the definition that the hunk begins in, as diff saw it. */
static struct line heading(struct line l)
{
	const char *at = l.len > 2 ? memmem(l.p + 2, l.len - 2, "@@ ", 3) : NULL;

	if (!at)
		return (struct line){ l.p, 0 };
	return (struct line){ at + 3, l.len - (size_t)(at + 3 - l.p) };
}

bool fix_changes_type(const struct fix *f, char *ret, size_t max)
{
	const char *text = buf_str(&f->text), *end = text + f->text.len;
	struct line l, type = { NULL, 0 };
	bool in_type = false;

	while (next_line(&text, end, &l)) {
		struct line code = { l.p + 1, l.len ? l.len - 1 : 0 };

		if (begins(l, "@@ ")) {
			type = heading(l);
			in_type = opens_type(type);
			continue;
		}
		if (begins(l, "--- ") || begins(l, "+++ ") || !l.len || !strchr(" +-", l.p[0]))
			continue;
		/* A definition that is new as a whole changes no existing one. */
		if (opens_type(code)) {
			type = code;
			in_type = l.p[0] != '+';
		} else if (code.len && !strchr(" \t/#{*", code.p[0]) && code.p[0] != '}') {
			in_type = false;
		} else if (in_type && l.p[0] != ' ') {
			size_t n = type.len < max ? type.len : max - 1;

			memcpy(ret, type.p, n);
			ret[n] = '\0';
			return true;
		}
		if (begins(code, "}"))
			in_type = false;
	}
	return false;
}
