/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/cmdline.h"

#include <string.h>

/* The length of the word at @p; blanks within quotes belong to it. */
static size_t word_length(const char *p)
{
	bool quoted = false;
	size_t n = 0;

	for (; p[n] && (quoted || !strchr(" \t\n", p[n])); n++)
		if (p[n] == '"')
			quoted = !quoted;
	return n;
}

static char dash(char c)
{
	return (char)(c == '-' ? '_' : c);
}

/* Whether the word's name is @name; @ret_value: the rest after it. */
static bool is_named(const char *word, size_t len, const char *name, size_t *ret_value)
{
	size_t i = 0, start = len && word[0] == '"';

	for (; name[i]; i++)
		if (start + i >= len || dash(word[start + i]) != dash(name[i]))
			return false;
	if (start + i < len && word[start + i] != '=' && word[start + i] != '"')
		return false;
	*ret_value = start + i;
	return true;
}

static void copy_value(const char *from, size_t len, char ret[CMDLINE_VALUE_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < CMDLINE_VALUE_MAX; i++)
		if (from[i] != '"')
			ret[n++] = from[i];
	ret[n] = '\0';
}

bool cmdline_get(const char *cmdline, const char *name, char ret[CMDLINE_VALUE_MAX])
{
	bool found = false;

	for (const char *p = cmdline; *p;) {
		size_t len, value;

		p += strspn(p, " \t\n");
		len = word_length(p);
		if (len == 2 && strncmp(p, "--", 2) == 0)
			break;
		if (len && is_named(p, len, name, &value)) {
			found = true;
			value += value < len && p[value] == '=';
			copy_value(p + value, len - value, ret);
		}
		p += len;
	}
	return found;
}
