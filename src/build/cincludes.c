/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/cincludes.h"

#include <string.h>

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

static const char *skip_word(const char *p, const char *end)
{
	while (p < end && *p != ' ' && *p != '\t' && *p != '\n' && *p != '<' && *p != '"')
		p++;
	return p;
}

/* "<path>" or "\"path\"" at @p. */
static bool read_path(const char *p, const char *end, struct cinclude *ret)
{
	const char *close;

	if (p >= end || (*p != '<' && *p != '"'))
		return false;
	close = memchr(p + 1, *p == '<' ? '>' : '"', (size_t)(end - p - 1));
	if (!close || close == p + 1 || close - p - 1 > CINCLUDE_MAX)
		return false;
	*ret = (struct cinclude){ p + 1, (size_t)(close - p - 1), *p == '"' };
	return true;
}

static bool starts(const char *p, const char *end, const char *word)
{
	return (size_t)(end - p) >= strlen(word) && memcmp(p, word, strlen(word)) == 0;
}

static bool ends_in_h(const struct cinclude *i)
{
	return i->len > 2 && memcmp(i->path + i->len - 2, ".h", 2) == 0;
}

/* @p is behind the "#" of a line that ends at @end. */
static bool read_directive(const char *p, const char *end, struct cinclude *ret)
{
	p = skip_space(p, end);
	if (starts(p, end, "include")) {
		p = skip_space(skip_word(p, end), end);
		return read_path(p, end, ret);
	}
	if (!starts(p, end, "define"))
		return false;
	p = skip_space(skip_word(p, end), end);
	p = skip_space(skip_word(p, end), end);
	return read_path(p, end, ret) && ends_in_h(ret);
}

bool cincludes_next(struct cincludes *s, struct cinclude *ret)
{
	while (s->p < s->end) {
		const char *hash = memchr(s->p, '#', (size_t)(s->end - s->p)), *nl;

		if (!hash) {
			s->p = s->end;
			return false;
		}
		nl = memchr(hash, '\n', (size_t)(s->end - hash));
		if (!nl)
			nl = s->end;
		s->p = hash + 1;
		if (read_directive(hash + 1, nl, ret))
			return true;
	}
	return false;
}
