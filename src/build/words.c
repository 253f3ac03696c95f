/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

int words_add(struct words *w, const char *word, struct oak_error *err)
{
	char **v = reallocarray(w->v, w->n + 2, sizeof(*v));
	char *copy;

	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	w->v = v;
	copy = strdup(word);
	v[w->n] = copy;
	if (!copy)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	v[++w->n] = NULL;
	return 0;
}

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct words){ 0 };
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Appends what stands between quotes; returns the character after the closing one. */
static const char *take_quoted(const char *p, struct buf *word, struct oak_error *err)
{
	char quote = *p++;

	for (; *p && *p != quote; p++) {
		/* Inside "..." a backslash escapes only what would be special there. */
		if (quote == '"' && *p == '\\' && p[1] && strchr("\"\\$`", p[1]))
			p++;
		else if (quote == '"' && (*p == '$' || *p == '`')) {
			(void)oak_fail(err, OAK_E_FORMAT, "shell expansion in a command line");
			return NULL;
		}
		if (buf_add(word, p, 1) < 0) {
			(void)oak_fail(err, OAK_E_NOMEM, "out of memory");
			return NULL;
		}
	}
	if (!*p) {
		(void)oak_fail(err, OAK_E_FORMAT, "a quote is not closed in a command line");
		return NULL;
	}
	return p + 1;
}

static const char *take_word(const char *p, struct buf *word, struct oak_error *err)
{
	while (*p && !is_space(*p) && *p != ';') {
		if (*p == '\'' || *p == '"') {
			p = take_quoted(p, word, err);
			if (!p)
				return NULL;
			continue;
		}
		if (strchr("$`|&<>*?(){}", *p)) {
			(void)oak_fail(err, OAK_E_FORMAT, "'%c' in a command line needs a shell",
				       *p);
			return NULL;
		}
		if (*p == '\\' && p[1])
			p++;
		if (buf_add(word, p++, 1) < 0) {
			(void)oak_fail(err, OAK_E_NOMEM, "out of memory");
			return NULL;
		}
	}
	return p;
}

int words_split(const char *text, struct words *ret, struct oak_error *err)
{
	const char *p = text;
	int r = 0;

	while (r == 0) {
		_cleanup_(buf_free) struct buf word = { 0 };

		while (is_space(*p))
			p++;
		if (!*p)
			break;
		if (*p == ';') {
			p++;
			r = words_add(ret, WORDS_SEPARATOR, err);
			continue;
		}
		p = take_word(p, &word, err);
		r = p ? words_add(ret, buf_str(&word), err) : -(int)err->code;
	}
	if (r < 0)
		words_free(ret);
	return r;
}
