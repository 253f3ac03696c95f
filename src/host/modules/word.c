/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/word.h"

#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "host/number.h"
#include "host/plain.h"

#define ALIAS_MAX 4096 /* a processor's modalias lists its features, some 1,500 bytes */

bool word_line(const char **text, struct word *ret)
{
	size_t len = strcspn(*text, "\n");

	if (!**text)
		return false;
	*ret = (struct word){ *text, len };
	*text += len + ((*text)[len] == '\n');
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool word_next(struct word *line, struct word *ret)
{
	struct word w = *line;

	while (w.len && is_space(*w.p)) {
		w.p++;
		w.len--;
	}
	*ret = (struct word){ w.p, 0 };
	while (ret->len < w.len && !is_space(w.p[ret->len]))
		ret->len++;
	*line = (struct word){ w.p + ret->len, w.len - ret->len };
	return ret->len > 0;
}

bool word_split(struct word *line, char by, struct word *ret)
{
	const char *end;

	if (!line->len)
		return false;
	end = memchr(line->p, by, line->len);
	*ret = (struct word){ line->p, end ? (size_t)(end - line->p) : line->len };
	line->p += ret->len + (end != NULL);
	line->len -= ret->len + (end != NULL);
	return true;
}

bool word_is(struct word w, const char *text)
{
	return w.len == strlen(text) && memcmp(w.p, text, w.len) == 0;
}

bool word_starts(struct word w, const char *prefix)
{
	size_t len = strlen(prefix);

	return w.len >= len && memcmp(w.p, prefix, len) == 0;
}

bool word_number(struct word w, unsigned *ret)
{
	char text[16];
	uint32_t n;

	if (w.len >= sizeof(text))
		return false;
	memcpy(text, w.p, w.len);
	text[w.len] = '\0';
	if (number_parse_u32(text, &n) < 0)
		return false;
	*ret = n;
	return true;
}

void word_copy(char *ret, size_t size, struct word w)
{
	size_t n = w.len < size - 1 ? w.len : size - 1;

	memcpy(ret, w.p, n);
	ret[n] = '\0';
	plain_copy(ret, size, ret);
}

static bool is_module_letter(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       strchr("_-.+:,", c);
}

bool word_module(struct word w, char ret[MODULE_NAME_MAX])
{
	if (!w.len || w.len >= MODULE_NAME_MAX)
		return false;
	for (size_t i = 0; i < w.len; i++) {
		if (!w.p[i] || !is_module_letter(w.p[i]))
			return false;
		ret[i] = (char)(w.p[i] == '-' ? '_' : w.p[i]);
	}
	ret[w.len] = '\0';
	return true;
}

bool word_module_of_path(struct word path, char ret[MODULE_NAME_MAX])
{
	const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;
	const char *ko;

	if (slash)
		path = (struct word){ slash + 1, (size_t)(path.p + path.len - slash - 1) };
	ko = path.len ? memmem(path.p, path.len, ".ko", 3) : NULL;
	if (!ko)
		return false;
	return word_module((struct word){ path.p, (size_t)(ko - path.p) }, ret);
}

static char same(char c)
{
	return (char)(c == '-' ? '_' : c);
}

bool alias_equal(const char *a, const char *b)
{
	while (*a && same(*a) == same(*b)) {
		a++;
		b++;
	}
	return !*a && !*b;
}

bool alias_starts(const char *text, const char *prefix)
{
	while (*prefix && same(*text) == same(*prefix)) {
		text++;
		prefix++;
	}
	return !*prefix;
}

/* False where it does not fit. */
static bool underscores(const char *from, char ret[ALIAS_MAX])
{
	bool in_set = false;
	size_t n = 0;

	for (; n < ALIAS_MAX - 1 && from[n]; n++) {
		if (from[n] == '[')
			in_set = true;
		else if (from[n] == ']')
			in_set = false;
		ret[n] = (char)(in_set ? from[n] : same(from[n]));
	}
	ret[n] = '\0';
	return !from[n];
}

/* Apart from alias_matches(), which is called for each of 26,000 patterns: its buffers are zeroed. */
static __attribute__((noinline)) bool matches_rest(const char *pattern, const char *alias)
{
	char p[ALIAS_MAX], a[ALIAS_MAX];

	return underscores(pattern, p) && underscores(alias, a) && fnmatch(p, a, 0) == 0;
}

static bool is_wild(char c)
{
	return c == '*' || c == '?' || c == '[';
}

bool alias_matches(const char *pattern, const char *alias)
{
	/* What stands before the first of "*?[" tells nearly all of them apart. */
	for (; *pattern && !is_wild(*pattern); pattern++, alias++)
		if (same(*pattern) != same(*alias))
			return false;
	return *pattern ? matches_rest(pattern, alias) : !*alias;
}
