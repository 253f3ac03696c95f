/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/fix.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

#define TITLE_MAX 512 /* bytes; docs/formats/repository.md, texts of the manifest */

static bool path_is_safe(const char *path)
{
	if (path[0] == '/' || path[0] == '\0')
		return false;
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
			return false;
	}
	return true;
}

static bool has_file(const struct fix *f, const char *path)
{
	for (size_t i = 0; i < f->n_files; i++)
		if (strcmp(f->files[i], path) == 0)
			return true;
	return false;
}

/* @line is what follows "--- " or "+++ ": a path, perhaps a tab and a date. */
static int add_file(struct fix *f, const char *line, size_t len, struct oak_error *err)
{
	const char *tab = memchr(line, '\t', len), *slash;
	_cleanup_(freep) char *path = NULL;
	char **files;

	if (tab)
		len = (size_t)(tab - line);
	while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
		len--;
	if (len == 9 && memcmp(line, "/dev/null", 9) == 0)
		return 0;
	slash = memchr(line, '/', len);
	path = slash ? strndup(slash + 1, len - (size_t)(slash + 1 - line)) : strndup("", 0);
	if (!path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (line[0] == '/' || !path_is_safe(path))
		return oak_fail(err, OAK_E_FORMAT,
				"%s: '%.*s' is not a path below the source tree (expected a/FILE)",
				f->name, (int)(len > 200 ? 200 : len), line);
	if (has_file(f, path))
		return 0;
	if (f->n_files == FIX_MAX_FILES)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: changes more than %d files", f->name,
				FIX_MAX_FILES);
	files = reallocarray(f->files, f->n_files + 1, sizeof(*files));
	if (!files)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	f->files = files;
	files[f->n_files++] = take_ptr(path);
	return 0;
}

static int set_title(struct fix *f, const char *text, size_t len, struct oak_error *err)
{
	const char *end;

	/* "[PATCH 1/2] area: ..." loses its tag. */
	if (len && text[0] == '[' && (end = memchr(text, ']', len))) {
		len -= (size_t)(end + 1 - text);
		text = end + 1;
	}
	while (len && *text == ' ') {
		text++;
		len--;
	}
	while (len && (text[len - 1] == '\r' || text[len - 1] == ' '))
		len--;
	free(f->title);
	f->title = strndup(text, len);
	return f->title ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static bool starts(const char *line, size_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len >= n && memcmp(line, prefix, n) == 0;
}

/* Without a subject the first line may be one: text that stands before the diff itself. */
static bool is_prose(const char *line, size_t len)
{
	static const char *const machine[] = { "diff ", "Index: ", "--- ", "From ", "commit ", "#" };

	for (size_t i = 0; i < sizeof(machine) / sizeof(machine[0]); i++)
		if (starts(line, len, machine[i]))
			return false;
	return len > 0;
}

/* A header is the two lines "--- old" and "+++ new"; "--- " alone ends a mail's message. */
static int scan(struct fix *f, struct oak_error *err)
{
	const char *p = buf_str(&f->text), *end = p + f->text.len, *old = NULL;
	size_t old_len = 0;
	bool titled = false;
	int r = 0;

	if (f->text.len && is_prose(p, strcspn(p, "\n")))
		r = set_title(f, p, strcspn(p, "\n"), err);

	while (r == 0 && p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl ? nl : end) - p);

		if (old && starts(p, len, "+++ ")) {
			r = add_file(f, old, old_len, err);
			if (r == 0)
				r = add_file(f, p + 4, len - 4, err);
		}
		old = starts(p, len, "--- ") ? p + 4 : NULL;
		old_len = old ? len - 4 : 0;
		if (r == 0 && !titled && !f->n_files) {
			bool subject = starts(p, len, "Subject: ");

			titled = subject || starts(p, len, "# Title: ");
			if (titled)
				r = set_title(f, p + 9, len - 9, err);
		}
		p = nl ? nl + 1 : end;
	}
	return r;
}

/* One line of UTF-8 for manifest and report, whatever the mail was written in. */
static void clean_title(char *title)
{
	size_t len = strnlen(title, TITLE_MAX);
	json_t *j;

	while (title[len] && ((uint8_t)title[len] & 0xc0) == 0x80)
		len--;
	title[len] = '\0';
	j = json_string(title);
	for (char *c = title; *c; c++)
		if ((uint8_t)*c < 0x20 || *c == 0x7f || (!j && (uint8_t)*c >= 0x80))
			*c = '?';
	json_decref(j);
}

int fix_parse(const void *data, size_t len, const char *name, struct fix **ret,
	      struct oak_error *err)
{
	_cleanup_(fix_freep) struct fix *f = calloc(1, sizeof(*f));
	const char *slash = strrchr(name, '/');
	int r;

	if (len > FIX_MAX_BYTES)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: larger than %u bytes", name,
				FIX_MAX_BYTES);
	if (!f || buf_add(&f->text, data, len) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	f->name = strdup(slash ? slash + 1 : name);
	f->title = f->name ? strdup(f->name) : NULL;
	if (!f->title)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	sha256_hex(data, len, f->sha256);
	r = scan(f, err);
	if (r < 0)
		return r;
	clean_title(f->title);
	if (f->n_files == 0)
		return oak_fail(err, OAK_E_FORMAT,
				"%s: changes no file; give a unified diff (git diff, git "
				"format-patch, diff -u)",
				f->name);
	*ret = take_ptr(f);
	return 0;
}

int fix_open(const char *path, struct fix **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = file_read(AT_FDCWD, path, FIX_MAX_BYTES, &b, err);

	return r < 0 ? r : fix_parse(b.data ? (const void *)b.data : "", b.len, path, ret, err);
}

void fix_free(struct fix *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_files; i++)
		free(f->files[i]);
	free(f->files);
	free(f->name);
	free(f->title);
	buf_free(&f->text);
	free(f);
}
