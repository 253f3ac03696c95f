/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/mounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/security/scan.h"

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Blank, tab, newline and backslash stand as "\040" ...; the result is never longer. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from;) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && is_octal(from[2]) &&
		    is_octal(from[3])) {
			unsigned c = (unsigned)(from[1] - '0') * 64 +
				     (unsigned)(from[2] - '0') * 8 + (unsigned)(from[3] - '0');

			/* None of them ends a text. */
			*(unsigned char *)to++ = (unsigned char)(c ? c : '?');
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* The next word, ended in place; NULL where there is none. */
static char *next_word(char **rest)
{
	char *word = strsep(rest, " ");

	return word && *word ? word : NULL;
}

static bool parse_device(const char *p, uint64_t *ret)
{
	uint32_t major, minor;

	if (!scan_u32(&p, 10, &major) || !scan_char(&p, ':') || !scan_u32(&p, 10, &minor) || *p)
		return false;
	*ret = (uint64_t)major << 32 | minor;
	return true;
}

/* "rw,nosuid" or "ro" */
static bool has_ro(const char *options)
{
	return strncmp(options, "ro", 2) == 0 && (!options[2] || options[2] == ',');
}

static bool parse_line(char *line, struct mount *ret)
{
	char *rest = line, *id = next_word(&rest), *parent = next_word(&rest);
	char *device = next_word(&rest), *root = next_word(&rest), *point = next_word(&rest);
	char *options = next_word(&rest), *word, *type, *super;
	struct mount m = { .propagation = PROPAGATION_PRIVATE };

	if (!id || !parent || !device || !root || !point || !options ||
	    !parse_device(device, &m.device) || point[0] != '/')
		return false;
	while ((word = next_word(&rest)) && strcmp(word, "-") != 0) {
		if (strncmp(word, "shared:", 7) == 0)
			m.propagation = PROPAGATION_SHARED;
		else if (strncmp(word, "master:", 7) == 0 && m.propagation == PROPAGATION_PRIVATE)
			m.propagation = PROPAGATION_SLAVE;
	}
	type = word ? next_word(&rest) : NULL;
	if (!type)
		return false;
	(void)strsep(&rest, " "); /* the source: anything, even nothing */
	super = rest;
	m.read_only = has_ro(options) || (super && has_ro(super));
	unescape(root);
	unescape(point);
	unescape(type);
	m.root = root;
	m.point = point;
	m.type = type;
	*ret = m;
	return true;
}

/* The order needs the table; glibc's qsort_r() gives it. */
static int by_device(const void *a, const void *b, void *arg)
{
	const struct mount_table *t = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint64_t dx = t->mounts[x].device, dy = t->mounts[y].device;

	return dx == dy ? (x > y) - (x < y) : (dx > dy) - (dx < dy);
}

static size_t count_lines(const char *text)
{
	size_t n = 1;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n < MOUNTS_MAX ? n : MOUNTS_MAX;
}

int mounts_parse(char *text, struct mount_table *ret)
{
	struct mount_table t = { .n = 0 };
	size_t max = count_lines(text);
	char *rest = text, *line;

	t.mounts = calloc(max, sizeof(*t.mounts));
	t.by_device = calloc(max, sizeof(*t.by_device));
	if (!t.mounts || !t.by_device) {
		mounts_free(&t);
		return -ENOMEM;
	}
	while (t.n < max && (line = strsep(&rest, "\n")))
		if (parse_line(line, &t.mounts[t.n])) {
			t.by_device[t.n] = (uint32_t)t.n;
			t.n++;
		}
	qsort_r(t.by_device, t.n, sizeof(*t.by_device), by_device, &t);
	*ret = t;
	return 0;
}

void mounts_free(struct mount_table *t)
{
	free(t->mounts);
	free(t->by_device);
	*t = (struct mount_table){ .n = 0 };
}

const struct mount *mounts_at(const struct mount_table *t, const char *point)
{
	for (size_t i = t->n; i-- > 0;)
		if (strcmp(t->mounts[i].point, point) == 0)
			return &t->mounts[i];
	return NULL;
}

const char *path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 1)
		return strcmp(path, "/") == 0 ? path + 1 : path;
	if (strncmp(path, dir, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}

const struct mount *mounts_of_path(const struct mount_table *t, const char *path)
{
	const struct mount *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < t->n; i++) {
		size_t len = strlen(t->mounts[i].point);

		if (len >= best_len && path_below(path, t->mounts[i].point)) {
			best = &t->mounts[i];
			best_len = len;
		}
	}
	return best;
}

const uint32_t *mounts_of_device(const struct mount_table *t, uint64_t device, size_t *ret_n)
{
	size_t low = 0, high = t->n, end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->mounts[t->by_device[mid]].device < device)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < t->n && t->mounts[t->by_device[end]].device == device; end++)
		;
	*ret_n = end - low;
	return t->by_device + low;
}
