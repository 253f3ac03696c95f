/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/audit-rules.h"

#include <string.h>

static const char blanks[] = " \t";

/* The next word of a line at *p, before @end; its length, 0 at the end. */
static size_t next_word(const char **p, const char *end)
{
	*p += strspn(*p, blanks);
	if (*p >= end)
		return 0;
	return strcspn(*p, " \t\n");
}

static bool is(const char *word, size_t len, const char *text)
{
	return len == strlen(text) && strncmp(word, text, len) == 0;
}

/* Whether a watch of what the word names covers @path. */
static bool covers(const char *word, size_t len, const char *path)
{
	while (len > 1 && word[len - 1] == '/')
		len--;
	if (!len || strncmp(word, path, len) != 0)
		return false;
	return !path[len] || path[len] == '/' || word[len - 1] == '/';
}

/* "path=/etc/x", "dir=/etc" */
static bool field_covers(const char *word, size_t len, const char *path)
{
	if (len > 5 && strncmp(word, "path=", 5) == 0)
		return is(word + 5, len - 5, path);
	return len > 4 && strncmp(word, "dir=", 4) == 0 && covers(word + 4, len - 4, path);
}

enum effect {
	EFFECT_NONE,
	EFFECT_WATCH,
	EFFECT_UNWATCH,
};

static enum effect effect_of(const char *line, const char *end, const char *path)
{
	enum effect effect = EFFECT_NONE;
	bool never = false;
	size_t len;

	for (const char *p = line; (len = next_word(&p, end)) > 0; p += len) {
		const char *word = p;
		size_t n = len;

		if (is(word, n, "-D"))
			return EFFECT_UNWATCH;
		if (is(word, n, "-w") || is(word, n, "-W") || is(word, n, "-F") ||
		    is(word, n, "-a") || is(word, n, "-A")) {
			char option = word[1];

			p += n;
			len = next_word(&p, end);
			if (!len)
				break;
			if ((option == 'w' || option == 'W') && covers(p, len, path))
				effect = option == 'w' ? EFFECT_WATCH : EFFECT_UNWATCH;
			else if ((option == 'a' || option == 'A') && memmem(p, len, "never", 5))
				never = true;
			else if (option == 'F' && field_covers(p, len, path))
				effect = EFFECT_WATCH;
		}
	}
	return never ? EFFECT_NONE : effect;
}

bool audit_rules_watch(const char *text, const char *path, const char **ret_line, size_t *ret_len)
{
	bool watched = false;

	for (const char *line = text; *line;) {
		const char *end = line + strcspn(line, "\n");

		line += strspn(line, blanks);
		if (*line != '#' && line < end) {
			enum effect effect = effect_of(line, end, path);

			if (effect == EFFECT_WATCH) {
				*ret_line = line;
				*ret_len = (size_t)(end - line);
			}
			if (effect != EFFECT_NONE)
				watched = effect == EFFECT_WATCH;
		}
		line = *end ? end + 1 : end;
	}
	return watched;
}
