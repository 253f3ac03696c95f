/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/traced.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

#define LIST_MAX (8u << 20) /* every function of a kernel traced at once: 60,000 lines */

int traced_read(int root, struct buf *ret)
{
	static const char *const paths[] = { "sys/kernel/tracing/enabled_functions",
					     "sys/kernel/debug/tracing/enabled_functions" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		buf_free(ret);
		if (file_read(root, paths[i], LIST_MAX, ret, NULL) == 0)
			return 0;
	}
	return -ENOENT;
}

/* The flags stand alone between "(count)" and "tramp:" or the end of the line. */
static void read_flags(const char *line, size_t len, struct traced *t)
{
	const char *p = memchr(line, ')', len), *end = line + len;

	for (p = p ? p + 1 : end; p < end; p++) {
		bool alone = (p[-1] == ' ' || p[-1] == ')') &&
			     (p + 1 == end || p[1] == ' ' || p[1] == '\t');

		if (*p == '\t' || *p == ':')
			return;
		t->ip_modified = t->ip_modified || (alone && *p == 'I');
		t->direct = t->direct || (alone && *p == 'D');
	}
}

/* On the function's own line, or on those below it that begin with a tab. */
static void read_direct(const char *line, struct traced *t)
{
	static const char arrow[] = "direct-->";
	const char *p, *end = line + strcspn(line, "\n");

	while (*end && end[1] == '\t')
		end += 1 + strcspn(end + 1, "\n");
	p = memmem(line, (size_t)(end - line), arrow, sizeof(arrow) - 1);
	if (!p)
		return;
	p += sizeof(arrow) - 1;
	(void)snprintf(t->direct_to, sizeof(t->direct_to), "%.*s", (int)strcspn(p, "+ \t\n"), p);
}

struct traced traced_find(const char *list, const char *function)
{
	size_t n = strlen(function);
	struct traced t = { 0 };

	while (*list) {
		size_t len = strcspn(list, "\n");

		if (len > n && memcmp(list, function, n) == 0 && list[n] == ' ') {
			read_flags(list, len, &t);
			read_direct(list, &t);
		}
		list += len + (list[len] == '\n');
	}
	return t;
}
