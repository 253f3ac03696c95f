/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/kconfig.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audit/inside.h"
#include "base/cleanup.h"
#include "base/gunzip.h"

#define PREFIX "CONFIG_"

static int by_name(const void *a, const void *b)
{
	const struct kconfig_option *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* "# CONFIG_X is not set" */
static bool parse_unset(char *line, struct kconfig_option *ret)
{
	static const char end[] = " is not set";
	size_t len = strlen(line);

	if (strncmp(line, "# " PREFIX, 2 + strlen(PREFIX)) != 0 || len < sizeof(end) ||
	    strcmp(line + len - strlen(end), end) != 0)
		return false;
	line[len - strlen(end)] = '\0';
	*ret = (struct kconfig_option){ line + 2 + strlen(PREFIX), "n" };
	return true;
}

/* "CONFIG_X=y", 'CONFIG_X="text"' */
static bool parse_set(char *line, struct kconfig_option *ret)
{
	char *value = strchr(line, '=');
	size_t len;

	if (strncmp(line, PREFIX, strlen(PREFIX)) != 0 || !value)
		return false;
	*value++ = '\0';
	len = strlen(value);
	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value[len - 1] = '\0';
		value++;
	}
	*ret = (struct kconfig_option){ line + strlen(PREFIX), value };
	return true;
}

int kconfig_parse(struct buf *text, struct kconfig *ret, struct oak_error *err)
{
	size_t lines = 1, n = 0;
	char *rest;

	*ret = (struct kconfig){ .text = *text };
	*text = (struct buf){ 0 };
	for (const char *p = buf_str(&ret->text); *p; p++)
		lines += *p == '\n';
	ret->options = calloc(lines, sizeof(*ret->options));
	if (!ret->options) {
		kconfig_clear(ret);
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	rest = (char *)ret->text.data;
	for (char *line; rest && (line = strsep(&rest, "\n"));) {
		struct kconfig_option *o = &ret->options[n];

		if ((parse_set(line, o) || parse_unset(line, o)) && o->name[0])
			n++;
	}
	ret->n = n;
	qsort(ret->options, n, sizeof(*ret->options), by_name);
	return 0;
}

static int read_text(int root, const char *release, char *path, size_t size, struct buf *ret)
{
	(void)snprintf(path, size, "/boot/config-%s", release);
	if (inside_read(root, path, KCONFIG_MAX, ret) == 0)
		return 0;
	buf_free(ret);
	(void)snprintf(path, size, "/lib/modules/%s/config", release);
	if (inside_read(root, path, KCONFIG_MAX, ret) == 0)
		return 0;
	buf_free(ret);
	(void)snprintf(path, size, "/proc/config.gz");
	return gunzip_read(root, path + 1, KCONFIG_MAX, gunzip_to_buf, ret, NULL);
}

int kconfig_read(int root, const char *release, struct kconfig *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char path[sizeof(ret->path)];
	int r;

	*ret = (struct kconfig){ .n = 0 };
	if (!release[0] || strchr(release, '/') ||
	    read_text(root, release, path, sizeof(path), &text) < 0)
		return 0;
	r = kconfig_parse(&text, ret, err);
	if (r == 0)
		memcpy(ret->path, path, sizeof(path));
	return r;
}

void kconfig_clear(struct kconfig *k)
{
	buf_free(&k->text);
	free(k->options);
	*k = (struct kconfig){ .n = 0 };
}

const char *kconfig_get(const struct kconfig *k, const char *name)
{
	const struct kconfig_option key = { .name = name }, *found = NULL;

	if (k->n)
		found = bsearch(&key, k->options, k->n, sizeof(key), by_name);
	return found ? found->value : NULL;
}
