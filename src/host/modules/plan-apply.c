/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan-apply: the files in place, and what stood there before. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "host/lock.h"
#include "host/modules/plan-files.h"
#include "trust/date.h"

#define UNDO_MAX (32u << 20)

/* The document, with its list; a missing file is an empty one. */
static int read_undo(int root, json_t **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(root, PLAN_UNDO_PATH, UNDO_MAX, &text, err);

	if (r == -OAK_E_NOTFOUND) {
		*ret = json_pack("{s:i, s:[]}", "schema", 1, "applied");
		return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	if (r == 0)
		r = json_parse(text.data, text.len, UNDO_MAX, "/" PLAN_UNDO_PATH, ret, err);
	if (r == 0 && !json_is_array(json_object_get(*ret, "applied"))) {
		json_decref(take_ptr(*ret));
		r = oak_fail(err, OAK_E_FORMAT, "/" PLAN_UNDO_PATH ": no list of what was applied");
	}
	return r;
}

static int write_undo(int root, json_t *undo, struct oak_error *err)
{
	_cleanup_(freep) char *text = NULL;

	if (!json_array_size(json_object_get(undo, "applied")))
		return tree_remove(root, PLAN_UNDO_PATH, err);
	text = json_text(undo);
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(root, PLAN_UNDO_PATH, text, strlen(text), 0600, err);
}

/* @ret stays without data where there is no such file. */
static int read_now(int root, unsigned i, struct buf *ret, bool *ret_there, struct oak_error *err)
{
	int r = file_read(root, plan_file_path(i), PLAN_FILE_MAX, ret, err);

	*ret_there = r == 0;
	return r == -OAK_E_NOTFOUND ? 0 : r;
}

/* What stands there, and what will. */
static int add_step(int root, const struct plan_files *f, json_t *files, bool *ret_same,
		    struct oak_error *err)
{
	*ret_same = true;
	for (unsigned i = 0; i < PLAN_FILES; i++) {
		_cleanup_(buf_free) struct buf now = { 0 };
		const char *new = buf_str(&f->text[i]);
		char hash[SHA256_HEX_MAX];
		bool there;
		json_t *j;
		int r = read_now(root, i, &now, &there, err);

		if (r < 0)
			return r;
		*ret_same &= there && strcmp(buf_str(&now), new) == 0;
		sha256_hex(new, strlen(new), hash);
		j = json_pack("{s:s, s:s?, s:s}", "path", plan_file_path(i), "before",
			      there ? buf_str(&now) : NULL, "after", hash);
		if (!j)
			return oak_fail(err, OAK_E_FORMAT,
					"/%s is not text: move it away, or mend it",
					plan_file_path(i));
		if (json_array_append_new(files, j) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return 0;
}

static int write_files(int root, const struct plan_files *f, struct oak_error *err)
{
	_cleanup_(closep) int etc = -1;
	int r = dir_make(root, "etc", err);

	if (r < 0)
		return r;
	etc = openat(root, "etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return etc < 0 ? oak_fail_errno(err, errno, "etc") : plan_files_write(etc, f, err);
}

static int apply(int root, const struct plan_files *f, int64_t now_s, json_t *undo,
		 struct oak_error *err)
{
	json_t *list = json_object_get(undo, "applied"), *files = json_array(), *step;
	char now[DATE_TEXT_MAX];
	bool same;
	int r;

	date_format(now_s, now);
	step = json_pack("{s:s, s:o}", "time", now, "files", files);
	while (json_array_size(list) >= PLAN_UNDO_STEPS)
		(void)json_array_remove(list, 0);
	if (!step || json_array_append_new(list, step) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = add_step(root, f, files, &same, err);
	if (r == 0 && same)
		r = oak_fail(err, OAK_E_NOTHING, "what is there is what the plan says");
	if (r == 0)
		r = write_undo(root, undo, err);
	return r < 0 ? r : write_files(root, f, err);
}

int plan_files_apply(int root, const struct plan_files *f, int64_t now_s, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *undo = NULL;
	_cleanup_(closep) int lock = -1;
	int r = lock_take(root, &lock, err);

	if (r == 0)
		r = read_undo(root, &undo, err);
	return r < 0 ? r : apply(root, f, now_s, undo, err);
}

/* One of our two files, whatever the document says: nothing else is ever written. */
static bool is_ours(const char *path, unsigned *ret)
{
	for (unsigned i = 0; path && i < PLAN_FILES; i++)
		if (strcmp(path, plan_file_path(i)) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

/* Is the file as the last apply left it, or as it was before? Then it may be put back. */
static int check_file(int root, const json_t *file, struct oak_error *err)
{
	const char *after = json_get_str(file, "after"), *before = json_get_str(file, "before");
	_cleanup_(buf_free) struct buf now = { 0 };
	char hash[SHA256_HEX_MAX];
	bool there;
	unsigned i;
	int r;

	if (!after || !is_ours(json_get_str(file, "path"), &i))
		return oak_fail(err, OAK_E_FORMAT,
				"/" PLAN_UNDO_PATH ": a file of it is none of ours");
	r = read_now(root, i, &now, &there, err);
	if (r < 0)
		return r;
	sha256_hex(now.data, now.len, hash);
	if (there ? strcmp(hash, after) == 0 : !before)
		return 0;
	if (there && before && strcmp(buf_str(&now), before) == 0)
		return 0;
	return oak_fail(err, OAK_E_REFUSED,
			"/%s was changed since by another hand: look at it, and put back by hand "
			"what /" PLAN_UNDO_PATH " has",
			plan_file_path(i));
}

static int restore(int root, const json_t *file, struct oak_error *err)
{
	const char *before = json_get_str(file, "before"), *path = json_get_str(file, "path");

	if (before)
		return file_write(root, path, before, strlen(before), 0644, err);
	if (unlinkat(root, path, 0) < 0 && errno != ENOENT)
		return oak_fail_errno(err, errno, "%s", path);
	return file_sync_entry(root, path, err);
}

static int undo_last(int root, json_t *undo, struct oak_error *err)
{
	json_t *list = json_object_get(undo, "applied"), *files, *file;
	size_t n = json_array_size(list), i;
	int r = 0;

	if (!n)
		return oak_fail(err, OAK_E_NOTHING, "nothing was applied");
	files = json_object_get(json_array_get(list, n - 1), "files");
	json_array_foreach(files, i, file)
	{
		if (r == 0)
			r = check_file(root, file, err);
	}
	json_array_foreach(files, i, file)
	{
		if (r == 0)
			r = restore(root, file, err);
	}
	if (r < 0)
		return r;
	(void)json_array_remove(list, n - 1);
	return write_undo(root, undo, err);
}

int plan_files_undo(int root, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *undo = NULL;
	_cleanup_(closep) int lock = -1;
	int r = lock_take(root, &lock, err);

	if (r == 0)
		r = read_undo(root, &undo, err);
	return r < 0 ? r : undo_last(root, undo, err);
}
