/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/fix/texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define NAME_MAX_ 128
#define JSON_MAX  (1u << 20)

/* "name = value" at @p, of which the name is wanted; the value and its length. */
static const char *value_of(const char *p, const char *name, size_t *ret_len)
{
	char found[NAME_MAX_];
	size_t n = 0, len;

	p += strspn(p, " \t-");
	for (; *p && !strchr("#; \t=\n", *p) && n + 1 < sizeof(found); p++)
		found[n++] = (char)(*p == '/' ? '.' : *p);
	found[n] = '\0';
	p += strspn(p, " \t");
	if (*p != '=' || strcmp(found, name) != 0)
		return NULL;
	p++;
	p += strspn(p, " \t");
	len = strcspn(p, "\n");
	while (len && strchr(" \t\r", p[len - 1]))
		len--;
	*ret_len = len;
	return p;
}

bool text_sets_otherwise(const char *text, const char *name, const char *value)
{
	bool otherwise = false;

	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		size_t len;
		const char *found = value_of(p, name, &len);

		if (found)
			otherwise = len != strlen(value) || strncmp(found, value, len) != 0;
	}
	return otherwise;
}

bool text_has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
		if (strncmp(p, line, len) == 0 && (p[len] == '\n' || !p[len]))
			return true;
	return false;
}

char *text_with_key(const char *text, unsigned indent, const char *key, json_t *value,
		    json_t **ret_had)
{
	_cleanup_(json_decrefp) json_t *doc = NULL, *had = NULL;
	_cleanup_(freep) char *dumped = NULL;
	char *ret;

	if (!*text)
		doc = json_object();
	else if (json_parse(text, strlen(text), JSON_MAX, "", &doc, NULL) < 0)
		return NULL;
	if (!json_is_object(doc))
		return NULL;
	had = json_incref(json_object_get(doc, key));
	if (json_is_null(value))
		(void)json_object_del(doc, key);
	else if (json_object_set(doc, key, value) < 0)
		return NULL;
	dumped = json_dumps(doc, JSON_INDENT(indent));
	if (!dumped || asprintf(&ret, "%s\n", dumped) < 0)
		return NULL;
	*ret_had = had ? take_ptr(had) : json_null();
	return ret;
}
