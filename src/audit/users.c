/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/users.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "host/number.h"

#define NUMBER_MAX 16

/* Field @i of the line at @line: its start, and its length. */
static const char *field(const char *line, size_t i, size_t *ret_len)
{
	for (; i > 0; i--) {
		line += strcspn(line, ":\n");
		if (*line != ':')
			break;
		line++;
	}
	*ret_len = i ? 0 : strcspn(line, ":\n");
	return line;
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

static int number(const char *line, size_t i, uint32_t *ret)
{
	char text[NUMBER_MAX];
	size_t len;
	const char *at = field(line, i, &len);

	if (len >= sizeof(text))
		return -EINVAL;
	(void)snprintf(text, sizeof(text), "%.*s", (int)len, at);
	return number_parse_u32(text, ret);
}

static const char *find_group(const char *groups, const char *name)
{
	for (const char *line = groups; line && *line; line = next_line(line)) {
		size_t len;
		const char *at = field(line, 0, &len);

		if (len == strlen(name) && strncmp(at, name, len) == 0)
			return line;
	}
	return NULL;
}

int users_group_id(const char *groups, const char *name, uint32_t *ret)
{
	const char *line = find_group(groups, name);

	return line && number(line, 2, ret) == 0 ? 0 : -ENOENT;
}

static int add(struct buf *ret, const char *name, size_t len)
{
	if (!len)
		return 0;
	return buf_printf(ret, "%s%.*s", ret->len ? "," : "", (int)len, name);
}

int users_of_group(const char *groups, const char *passwd, const char *name, struct buf *ret)
{
	const char *line = find_group(groups, name), *members;
	uint32_t gid, own;
	size_t len;
	int r;

	if (!line)
		return -ENOENT;
	members = field(line, 3, &len);
	r = add(ret, members, len);
	if (number(line, 2, &gid) < 0)
		return r;
	for (line = passwd; r == 0 && line && *line; line = next_line(line)) {
		const char *user = field(line, 0, &len);

		if (number(line, 3, &own) == 0 && own == gid)
			r = add(ret, user, len);
	}
	return r;
}
