/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/remember.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/ini-text.h"

#define FILE_BYTES_MAX 65536
#define MODE           0640 /* a database's URL may have a password */

struct finder {
	const char *key;
	char *value; /* of the file; NULL: it has no such key */
};

static int find(void *ctx, const char *key, const char *value, struct oak_error *err)
{
	struct finder *f = ctx;

	if (strcmp(key, f->key) != 0)
		return 0;
	free(f->value);
	f->value = strdup(value);
	return f->value ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* One key: adds its line, where there is none. */
static int add(const char *path, const struct remembered *v, struct buf *text, struct oak_error *err)
{
	struct finder f = { .key = v->key };
	int r = ini_text_parse(path, text->data ? text->data : (const uint8_t *)"", text->len, find,
			       &f, err);
	_cleanup_(freep) char *value = f.value;

	if (r < 0)
		return r;
	if (value && strcmp(value, v->value) == 0)
		return 0;
	if (value)
		return oak_fail(err, OAK_E_REFUSED, "%s says another '%s': change it there", path,
				v->key);
	return buf_printf(text, "%s%s = %s\n",
			  text->len && buf_str(text)[text->len - 1] != '\n' ? "\n" : "", v->key,
			  v->value) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

static int make_folder(const char *path, struct oak_error *err)
{
	_cleanup_(freep) char *copy = strdup(path);

	return copy ? dir_make(AT_FDCWD, dirname(copy), err)
		    : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int settings_remember(const char *path, const struct remembered *v, size_t n, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct stat st = { .st_mode = MODE };
	int r = file_read(AT_FDCWD, path, FILE_BYTES_MAX, &text, err);
	size_t had;

	if (r < 0 && r != -OAK_E_NOTFOUND)
		return r;
	had = text.len;
	r = 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		if (v[i].value)
			r = add(path, &v[i], &text, err);
	if (r < 0 || text.len == had)
		return r;
	if (stat(path, &st) < 0 && errno != ENOENT)
		return oak_fail_errno(err, errno, "%s", path);
	r = make_folder(path, err);
	return r < 0 ? r : file_write(AT_FDCWD, path, text.data, text.len, st.st_mode & 0777, err);
}
