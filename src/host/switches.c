/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/switches.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"

#define CMDLINE_PATH "proc/cmdline"
#define CMDLINE_MAX  65536 /* COMMAND_LINE_SIZE is 2048 on x86, 4096 with bootconfig and more */
#define WORD_MAX     64    /* of a word that may be ours */

static const struct {
	const char *name, *word, *path;
} rows[] = {
	[SWITCH_NONE] = { "none", NULL, NULL },
	[SWITCH_NO_APPLY] = { "no-apply", "oakum=no-apply", "etc/oakum/no-apply" },
	[SWITCH_OFF] = { "off", "oakum=off", "etc/oakum/off" },
};

const char *switch_name(enum oakum_switch s)
{
	return rows[s].name;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The word at @p without its quotes, cut; blanks within quotes belong to it. Return: its end. */
static const char *next_word(const char *p, char ret[WORD_MAX])
{
	bool quoted = false;
	size_t n = 0;

	for (; *p && (quoted || !is_space(*p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (n < WORD_MAX - 1)
			ret[n++] = *p;
	}
	ret[n] = '\0';
	return p;
}

enum oakum_switch switches_of_cmdline(const char *cmdline)
{
	enum oakum_switch worst = SWITCH_NONE;
	char word[WORD_MAX];

	while (*cmdline) {
		enum oakum_switch s = SWITCH_NONE;

		if (is_space(*cmdline)) {
			cmdline++;
			continue;
		}
		cmdline = next_word(cmdline, word);
		if (strcmp(word, rows[SWITCH_OFF].word) == 0)
			s = SWITCH_OFF;
		else if (strncmp(word, "oakum=", strlen("oakum=")) == 0)
			s = SWITCH_NO_APPLY;
		worst = s > worst ? s : worst;
	}
	return worst;
}

/* What cannot be looked at may be there. */
static bool is_there(int root, const char *path)
{
	struct stat st;

	return fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	       (errno != ENOENT && errno != ENOTDIR);
}

static enum oakum_switch read_cmdline(int root)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (file_read(root, CMDLINE_PATH, CMDLINE_MAX, &text, NULL) < 0)
		return SWITCH_NONE;
	return switches_of_cmdline(buf_str(&text));
}

void switches_read(int root, struct switches *ret)
{
	enum oakum_switch by_cmdline = read_cmdline(root), by_file = SWITCH_NONE;

	*ret = (struct switches){ .state = by_cmdline };
	for (enum oakum_switch s = SWITCH_OFF; s > SWITCH_NONE && !by_file; s--)
		if (is_there(root, rows[s].path))
			by_file = s;
	if (by_cmdline != SWITCH_NONE)
		(void)snprintf(ret->why, sizeof(ret->why), "the kernel command line says %s%s",
			       rows[by_cmdline].word,
			       by_cmdline == SWITCH_NO_APPLY ? ", or oakum= with an unknown word"
							     : "");
	if (by_file > by_cmdline) {
		ret->state = by_file;
		(void)snprintf(ret->why, sizeof(ret->why), "the file /%s is there",
			       rows[by_file].path);
	}
}
