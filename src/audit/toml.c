/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/toml.h"

#include <string.h>

static const char blanks[] = " \t\r";

struct text {
	char *to;
	size_t n;
};

static void add(struct text *t, char c)
{
	if (t->n + 1 < TOML_TEXT_MAX)
		t->to[t->n++] = c;
	t->to[t->n] = '\0';
}

static const char *skip_line(const char *p)
{
	p += strcspn(p, "\n");
	return p + (*p == '\n');
}

/* A text in quotes at @p; behind it. Escapes stay but for the quote, as far as the line goes. */
static const char *take_quoted(const char *p, struct text *ret)
{
	char quote = *p++;

	while (*p && *p != '\n' && *p != quote) {
		if (quote == '"' && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		add(ret, *p++);
	}
	return p + (*p == quote);
}

/* "[a.b]", "[[a]]": to the bracket that is in no quotes. */
static const char *take_section(const char *p, struct text *ret)
{
	bool quoted = false;

	p += strspn(p, "[");
	for (; *p && *p != '\n' && (quoted || *p != ']'); p++) {
		quoted = quoted != (*p == '"');
		add(ret, *p);
	}
	return skip_line(p);
}

/* A list: texts and numbers parted by ",", over as many lines as it takes. */
static const char *take_list(const char *p, struct text *ret)
{
	unsigned depth = 0;

	do {
		if (*p == '[') {
			depth++;
			p++;
		} else if (*p == ']') {
			depth--;
			p++;
		} else if (*p == '#') {
			p = skip_line(p);
		} else if (*p == '"' || *p == '\'') {
			p = take_quoted(p, ret);
		} else {
			if (!strchr(" \t\r\n", *p))
				add(ret, *p);
			p++;
		}
	} while (*p && depth > 0);
	/* A comma may stand behind the last one. */
	if (ret->n && ret->to[ret->n - 1] == ',')
		ret->to[--ret->n] = '\0';
	return skip_line(p);
}

static const char *take_value(const char *p, struct text *ret)
{
	if (*p == '[')
		return take_list(p, ret);
	if (*p == '"' || *p == '\'')
		return skip_line(take_quoted(p, ret));
	while (*p && !strchr(" \t\r\n#", *p))
		add(ret, *p++);
	return skip_line(p);
}

bool toml_next(const char **p, struct toml_entry *e)
{
	while (**p) {
		struct text section = { e->section, 0 }, key = { e->key, 0 },
			    value = { e->value, 0 };

		*p += strspn(*p, blanks);
		if (**p == '[') {
			e->section[0] = '\0';
			*p = take_section(*p, &section);
			continue;
		}
		e->key[0] = e->value[0] = '\0';
		if (**p == '"' || **p == '\'')
			*p = take_quoted(*p, &key);
		else
			while (**p && !strchr(" \t\r\n=#", **p))
				add(&key, *(*p)++);
		*p += strspn(*p, blanks);
		if (**p != '=' || !key.n) {
			*p = skip_line(*p);
			continue;
		}
		*p += 1 + strspn(*p + 1, blanks);
		*p = take_value(*p, &value);
		return true;
	}
	return false;
}
