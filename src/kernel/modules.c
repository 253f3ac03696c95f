/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/modules.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

#define ORDER_MAX_BYTES (4u << 20) /* Debian's 6.1: 4,022 lines, 190 kB */

static int letter(char c)
{
	return c == '-' ? '_' : c;
}

/* Is @line ".../<name>.ko"? */
static bool names_module(const char *line, size_t len, const char *name)
{
	static const char end[] = ".ko";
	size_t n = strlen(name), tail = n + sizeof(end) - 1;
	const char *p;

	if (len < tail)
		return false;
	p = line + (len - tail);
	if (memcmp(p + n, end, sizeof(end) - 1) != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (letter(p[i]) != letter(name[i]))
			return false;
	return len == tail || p[-1] == '/';
}

const char *modules_find(const char *text, size_t len, const char *name, size_t *ret_len)
{
	for (size_t at = 0; at < len;) {
		const char *line = text + at, *nl = memchr(line, '\n', len - at);
		size_t n = nl ? (size_t)(nl - line) : len - at;

		if (names_module(line, n, name)) {
			*ret_len = n;
			return line;
		}
		at += n + 1;
	}
	return NULL;
}

int modules_path(const char *dir, const char *name, char **ret, struct oak_error *err)
{
	_cleanup_(freep) char *order = path_join(dir, "modules.order"), *file = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };
	const char *line;
	size_t len = 0;
	int r;

	if (!order)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = file_read(AT_FDCWD, order, ORDER_MAX_BYTES, &text, err);
	if (r < 0)
		return r;
	line = modules_find(buf_str(&text), text.len, name, &len);
	if (!line)
		return oak_fail(err, OAK_E_NOTFOUND,
				"the kernel's package has no module %s (see %s)", name, order);
	file = strndup(line, len);
	*ret = file ? path_join(dir, file) : NULL;
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}
