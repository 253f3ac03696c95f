/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/ini-text.h"

#include <ctype.h>
#include <string.h>

#include <ini.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define LINE_MAX_BYTES (INI_MAX_LINE - 2) /* with the newline and NUL */

/*
 * Messages repeat parts of a line: bytes that a terminal would obey have no place there. And inih
 * would take the rest of a longer line for a line of its own.
 */
static int check_text(const char *name, const uint8_t *p, size_t len, struct oak_error *err)
{
	unsigned line = 1, column = 0;

	for (size_t i = 0; i < len; i++) {
		if ((p[i] < ' ' && !isspace(p[i])) || p[i] == 0x7f)
			return oak_fail(err, OAK_E_FORMAT, "%s:%u: a control character", name, line);
		if (p[i] != '\n' && ++column > LINE_MAX_BYTES)
			return oak_fail(err, OAK_E_FORMAT, "%s:%u: longer than %d bytes", name,
					line, LINE_MAX_BYTES);
		if (p[i] == '\n') {
			line++;
			column = 0;
		}
	}
	return 0;
}

/* inih would drop what follows such a ';' silently: a part of the value would be lost. */
static int check_comments(const char *name, const char *text, struct oak_error *err)
{
	for (unsigned line = 1; *text; line++) {
		size_t len = strcspn(text, "\n"), start = strspn(text, " \t\r");

		for (size_t i = start + 1; i < len && text[start] != '#' && text[start] != ';'; i++)
			if (text[i] == ';' && isspace((unsigned char)text[i - 1]))
				return oak_fail(err, OAK_E_FORMAT,
						"%s:%u: a blank before ';': a comment has a line "
						"of its own, in a value leave the blank out",
						name, line);
		text += len + (text[len] ? 1 : 0);
	}
	return 0;
}

/* What inih's callback fills in; it is told of no line, so the first error is kept for later. */
struct taker {
	ini_pair *each;
	void *ctx;
	struct oak_error *err;
	int r;
};

static int take_pair(struct taker *t, const char *section, const char *name, const char *value)
{
	if (section[0])
		return oak_fail(t->err, OAK_E_FORMAT, "unknown section [%.40s]", section);
	return t->each(t->ctx, name, value, t->err);
}

/* inih wants 0 for an error and answers with the line of the first. */
static int on_pair(void *user, const char *section, const char *name, const char *value)
{
	struct taker *t = user;

	if (t->r == 0)
		t->r = take_pair(t, section, name, value);
	return t->r == 0;
}

static int on_anything(void *user, const char *section, const char *name, const char *value)
{
	(void)user;
	(void)section;
	(void)name;
	(void)value;
	return 1;
}

int ini_text_parse(const char *name, const void *data, size_t len, ini_pair *each, void *ctx,
		   struct oak_error *err)
{
	struct taker t = { .each = each, .ctx = ctx, .err = err };
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = check_text(name, data, len, err), line;

	if (r < 0)
		return r;
	if (buf_add(&text, data, len) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = check_comments(name, buf_str(&text), err);
	if (r < 0)
		return r;
	/* First without us, so that a line number is either inih's complaint or ours. */
	line = ini_parse_string(buf_str(&text), on_anything, NULL);
	if (line != 0)
		return oak_fail(err, OAK_E_FORMAT, "%s:%d: not \"key = value\"", name, line);
	line = ini_parse_string(buf_str(&text), on_pair, &t);
	return t.r < 0 ? oak_context(err, "%s:%d", name, line) : 0;
}
