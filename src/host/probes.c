/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/probes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

#define LIST_PATH "sys/kernel/debug/kprobes/list"
#define LIST_MAX  (8u << 20)

int probes_read(int root, struct buf *ret)
{
	return file_read(root, LIST_PATH, LIST_MAX, ret, NULL) < 0 ? -ENOENT : 0;
}

/* The next word of a line, which ends at @end. Return: its length; 0: there is none. */
static size_t next_word(const char **p, const char *end)
{
	size_t n = 0;

	while (*p < end && (**p == ' ' || **p == '\t'))
		(*p)++;
	while (*p + n < end && (*p)[n] != ' ' && (*p)[n] != '\t')
		n++;
	return n;
}

static bool is_word(const char *p, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(p, word, n) == 0;
}

/* "name+0x12" or "name+0x12/0x34" of our function. */
static bool read_place(const char *p, size_t n, const char *name, struct probe *probe)
{
	size_t len = strlen(name), digits;

	if (n < len + 4 || memcmp(p, name, len) != 0 || memcmp(p + len, "+0x", 3) != 0)
		return false;
	p += len + 3;
	digits = strspn(p, "0123456789abcdef");
	if (!digits || digits >= sizeof(probe->offset) || digits > n - len - 3)
		return false;
	(void)snprintf(probe->offset, sizeof(probe->offset), "%.*s", (int)digits, p);
	return true;
}

/* It stands alone, or in brackets where the kernel had no symbol at hand. */
static bool is_module(const char *p, size_t n, const char *module)
{
	if (n > 2 && p[0] == '[' && p[n - 1] == ']')
		return is_word(p + 1, n - 2, module);
	return is_word(p, n, module);
}

static bool read_line(const char *p, const char *end, const char *object, const char *name,
		      struct probe *ret)
{
	struct probe probe = { .kind = "kprobe" };
	bool in_module = strcmp(object, "vmlinux") != 0, of_object = !in_module;
	size_t n = next_word(&p, end);

	p += n;
	n = next_word(&p, end);
	if (is_word(p, n, "r"))
		probe.kind = "kretprobe";
	else if (!is_word(p, n, "k"))
		return false;
	p += n;
	n = next_word(&p, end);
	if (!read_place(p, n, name, &probe))
		return false;
	for (p += n; (n = next_word(&p, end)) > 0; p += n) {
		bool gone = memmem(p, n, "[DISABLED]", 10) || memmem(p, n, "[GONE]", 6);

		probe.disabled = probe.disabled || gone;
		if (!gone && !memmem(p, n, "[FTRACE]", 8) && !memmem(p, n, "[OPTIMIZED]", 11))
			of_object = in_module && is_module(p, n, object);
	}
	if (of_object)
		*ret = probe;
	return of_object;
}

bool probe_find(const char *list, const char *object, const char *name, struct probe *ret)
{
	bool found = false;

	while (*list) {
		size_t len = strcspn(list, "\n");
		struct probe p;

		if (read_line(list, list + len, object, name, &p) && (!found || ret->disabled)) {
			*ret = p;
			found = true;
		}
		list += len + (list[len] == '\n');
	}
	return found;
}
