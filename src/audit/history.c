/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/history.h"

#include <stddef.h>
#include <string.h>

#define BLANKS " \t\n"

/* The next word of @p, which is moved behind it; its length, 0 at the end. */
static size_t next_word(const char **p, const char **ret)
{
	size_t n;

	*ret = *p + strspn(*p, BLANKS);
	n = strcspn(*ret, BLANKS);
	*p = *ret + n;
	return n;
}

static bool is_one_of(const char *word, size_t n, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == n && memcmp(word, *list, n) == 0)
			return true;
	return false;
}

bool history_only_updates(const char *step)
{
	static const char *const programs[] = { "apt-get", "apt",    "aptitude", "apk",
						"dnf",     "zypper", "yum",      NULL };
	/* yum's and dnf's "update" installs. */
	static const char *const refreshes[] = { "update", "makecache", "refresh", "ref", NULL };
	static const char *const installs[] = { "install",   "add",       "upgrade", "dist-upgrade",
						"in",        "dup",       "up",      "full-upgrade",
						"build-dep", "reinstall", NULL };
	bool in_program = false, installer = false, updates = false;
	const char *word;

	for (size_t n; (n = next_word(&step, &word)) > 0;) {
		if (is_one_of(word, n, programs)) {
			in_program = true;
			installer = word[0] == 'y' || word[0] == 'd';
		} else if (in_program && is_one_of(word, n, installs)) {
			return false;
		} else if (in_program && is_one_of(word, n, refreshes)) {
			if (installer && word[0] == 'u')
				return false;
			updates = true;
			in_program = false;
		} else if (in_program && word[0] != '-') {
			in_program = false; /* "apt list", "apt-get update;" */
			updates = updates || (n == 7 && memcmp(word, "update;", n) == 0);
		}
	}
	return updates;
}

bool history_adds(const char *step, bool *ret_fetches)
{
	static const char nop[] = "/bin/sh -c #(nop) ";
	const char *word;
	size_t n;

	if (strncmp(step, nop, strlen(nop)) == 0)
		step += strlen(nop);
	n = next_word(&step, &word);
	if (n != 3 || memcmp(word, "ADD", 3) != 0)
		return false;
	*ret_fetches = false;
	while ((n = next_word(&step, &word)) > 0 && word[0] != '#')
		if ((n > 7 && memcmp(word, "http://", 7) == 0) ||
		    (n > 8 && memcmp(word, "https://", 8) == 0))
			*ret_fetches = true;
	return true;
}
