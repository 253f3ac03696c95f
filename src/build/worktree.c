/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/worktree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "build/keep-lines.h"
#include "build/make-files.h"
#include "build/patch-header.h"

int work_dir(const struct kernel *k, char **ret, struct oak_error *err)
{
	_cleanup_(freep) char *store = NULL, *dir = NULL;
	int r = store_dir(&store, err);

	if (r < 0)
		return r;
	if (asprintf(&dir, "%s/work/%s", store, k->name) < 0) {
		dir = NULL;
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	r = dir_make(AT_FDCWD, dir, err);
	if (r == 0)
		*ret = take_ptr(dir);
	return r;
}

/* Puts the kernel's own file back in the place of one path. */
static int restore_path(const struct worktree *w, const char *path, struct oak_error *err)
{
	_cleanup_(freep) char *ours = path_join(w->dir, path), *theirs = path_join(w->source, path);

	if (!ours || !theirs)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (unlink(ours) < 0 && errno != ENOENT && errno != ENOTDIR)
		return oak_fail_errno(err, errno, "%s", ours);
	if (link(theirs, ours) < 0 && errno != ENOENT)
		return oak_fail_errno(err, errno, "%s", ours);
	return 0;
}

typedef int path_fn(const struct worktree *w, const char *path, struct oak_error *err);

/* All paths that the note names. */
static int for_touched(const struct worktree *w, path_fn *fn, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf note = { 0 };
	char *save = NULL;
	int r = file_read(AT_FDCWD, w->note, FIX_MAX_BYTES, &note, err);

	if (r < 0 || !note.len)
		return r;
	for (char *path = strtok_r((char *)note.data, "\n", &save); r == 0 && path;
	     path = strtok_r(NULL, "\n", &save))
		r = fn(w, path, err);
	return r;
}

static int restore(const struct worktree *w, struct oak_error *err)
{
	int r;

	if (!w->note || !file_exists(AT_FDCWD, w->note))
		return 0;
	r = for_touched(w, restore_path, err);
	if (r == 0 && unlink(w->note) < 0)
		return oak_fail_errno(err, errno, "%s", w->note);
	return r;
}

/* Made beside and renamed, so that a killed run leaves no half tree under the final name. */
static int make_tree(const struct worktree *w, const struct progress *progress,
		     struct oak_error *err)
{
	_cleanup_(process_result_free) struct process_result res = { 0 };
	_cleanup_(freep) char *tmp = NULL;
	int r;

	if (file_exists(AT_FDCWD, w->dir))
		return 0;
	if (asprintf(&tmp, "%s.new", w->dir) < 0) {
		tmp = NULL;
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	progress_step(progress, "making a work tree (once)");
	r = tree_remove(AT_FDCWD, tmp, err);
	if (r == 0)
		r = process_run((const char *[]){ "cp", "-al", w->source, tmp, NULL }, NULL, &res,
				err);
	if (r < 0)
		return r;
	if (res.status != 0)
		return oak_fail(err, OAK_E_FAILED, "cannot make a work tree: %s", buf_str(&res.err));
	if (rename(tmp, w->dir) < 0)
		return oak_fail_errno(err, errno, "%s", w->dir);
	return 0;
}

static int try_slot(struct worktree *w, const char *base, unsigned slot, struct oak_error *err)
{
	_cleanup_(freep) char *lock = NULL;

	free(w->dir);
	free(w->note);
	w->note = NULL;
	if (asprintf(&w->dir, "%s/tree-%u", base, slot) < 0)
		w->dir = NULL;
	else if (asprintf(&w->note, "%s.touched", w->dir) < 0)
		w->note = NULL;
	if (!w->dir || !w->note || asprintf(&lock, "%s.lock", w->dir) < 0) {
		lock = NULL;
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	w->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (w->lock < 0)
		return oak_fail_errno(err, errno, "%s", lock);
	if (flock(w->lock, LOCK_EX | LOCK_NB) == 0)
		return 1;
	closep(&w->lock);
	w->lock = -1;
	return 0;
}

static void free_worktree(struct worktree *w)
{
	closep(&w->lock);
	free(w->dir);
	free(w->source);
	free(w->note);
	free(w);
}
DEFINE_CLEANUP(struct worktree *, free_worktree)

int worktree_open(const struct kernel *k, const struct progress *progress, struct worktree **ret,
		  struct oak_error *err)
{
	_cleanup_(free_worktreep) struct worktree *w = calloc(1, sizeof(*w));
	_cleanup_(freep) char *base = NULL;
	int r = 0;

	if (!w)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	w->lock = -1;
	w->source = strdup(k->source);
	if (!w->source)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = work_dir(k, &base, err);
	for (unsigned slot = 0; r == 0 && slot < WORKTREES_MAX; slot++)
		r = try_slot(w, base, slot, err);
	if (r == 0)
		return oak_fail(err, OAK_E_AGAIN, "%d builds for this kernel are under way; wait",
				WORKTREES_MAX);
	if (r > 0)
		r = make_tree(w, progress, err);
	if (r == 0)
		r = restore(w, err);
	if (r == 0)
		r = patch_header_write(w->dir, err);
	if (r == 0)
		*ret = take_ptr(w);
	return r;
}

/* Gives the path an inode of its own, so that nothing can write through to the original. */
static int detach_path(const struct worktree *w, const char *path, struct oak_error *err)
{
	_cleanup_(freep) char *file = path_join(w->dir, path);
	_cleanup_(buf_free) struct buf b = { 0 };
	int r;

	if (!file)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!file_exists(AT_FDCWD, file))
		return 0;
	r = file_read(AT_FDCWD, file, SOURCE_MAX_BYTES, &b, err);
	return r < 0 ? r : file_write(AT_FDCWD, file, b.data, b.len, 0644, err);
}

/* Adds the fix's paths to the note; those of earlier fixes stay. */
static int note_paths(const struct worktree *w, const struct fix *fix, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf note = { 0 };
	int r = 0;

	if (file_exists(AT_FDCWD, w->note))
		r = file_read(AT_FDCWD, w->note, FIX_MAX_BYTES, &note, err);
	for (size_t i = 0; r == 0 && i < fix->n_files; i++)
		if (buf_printf(&note, "%s\n", fix->files[i]) < 0)
			r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r < 0 ? r : file_write(AT_FDCWD, w->note, note.data, note.len, 0644, err);
}

/* The program's own words in one line: "patching file x; Hunk #1 FAILED at 65." */
static void one_line(char *text)
{
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = p[1] ? ';' : '\0';
}

int worktree_apply(struct worktree *w, const struct fix *fix, struct oak_error *err)
{
	_cleanup_(process_result_free) struct process_result res = { 0 };
	const struct process_options opt = { .cwd = w->dir,
					     .input = fix->text.data,
					     .input_len = fix->text.len };
	int r = note_paths(w, fix, err);

	for (size_t i = 0; r == 0 && i < fix->n_files; i++)
		r = detach_path(w, fix->files[i], err);
	/* No fuzz: a hunk whose context changed was written for another kernel. */
	if (r == 0)
		r = process_run((const char *[]){ "patch", "-p1", "-N", "-F0", "-f", "-r", "-",
						  "--no-backup-if-mismatch", NULL },
				&opt, &res, err);
	if (r < 0)
		return r;
	if (res.status != 0) {
		if (res.out.data)
			one_line((char *)res.out.data);
		return oak_fail(err, OAK_E_FAILED, "%s: does not apply to this kernel's source: %s",
				fix->name, buf_str(&res.out));
	}
	return 0;
}

static bool is_touched(const struct buf *note, const char *path)
{
	size_t len = strlen(path);

	for (const char *p = buf_str(note); (p = strstr(p, path)); p += len)
		if ((p == buf_str(note) || p[-1] == '\n') && p[len] == '\n')
			return true;
	return false;
}

static int take_made(const struct worktree *w, const char *path, struct oak_error *err)
{
	_cleanup_(freep) char *ours = path_join(w->dir, path), *theirs = path_join(w->source, path);

	if (!ours || !theirs)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (link(theirs, ours) < 0 && errno != EEXIST)
		return oak_fail_errno(err, errno, "%s", ours);
	return 0;
}

static int take_folder(const struct worktree *w, const struct buf *note, const char *folder,
		       struct oak_error *err)
{
	_cleanup_(freep) char *dir = path_join(w->source, folder);
	struct dirent *e;
	int r = 0;
	DIR *d;

	if (!dir)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	d = opendir(dir);
	while (r == 0 && d && (e = readdir(d))) {
		_cleanup_(freep) char *path = path_join(folder, e->d_name);

		if (!path)
			r = oak_fail(err, OAK_E_NOMEM, "out of memory");
		/* What the fix takes away stays away. */
		else if (e->d_type == DT_REG && !is_touched(note, path))
			r = take_made(w, path, err);
	}
	if (d)
		(void)closedir(d);
	return r;
}

int worktree_take_made(const struct worktree *w, const char *source, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf note = { 0 };
	_cleanup_(freep) char *folder = strdup(source);
	char *slash;
	int r = 0;

	if (!folder)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (file_exists(AT_FDCWD, w->note))
		r = file_read(AT_FDCWD, w->note, FIX_MAX_BYTES, &note, err);
	/* security/selinux/flask.h is made for security/selinux/ss/conditional.c. */
	while (r == 0 && (slash = strrchr(folder, '/'))) {
		*slash = '\0';
		r = take_folder(w, &note, folder, err);
	}
	return r;
}

static int keep_lines_of(const struct worktree *w, const char *path, struct oak_error *err)
{
	_cleanup_(freep) char *ours = path_join(w->dir, path), *theirs = path_join(w->source, path);
	_cleanup_(buf_free) struct buf old = { 0 }, new = { 0 }, out = { 0 };
	enum file_action action = file_rule_of(path)->action;
	int r;

	if (!ours || !theirs)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if ((action != FILE_OBJECT && action != FILE_HEADER) || !file_exists(AT_FDCWD, ours) ||
	    !file_exists(AT_FDCWD, theirs))
		return 0;
	r = file_read(AT_FDCWD, theirs, SOURCE_MAX_BYTES, &old, err);
	if (r == 0)
		r = file_read(AT_FDCWD, ours, SOURCE_MAX_BYTES, &new, err);
	if (r == 0)
		r = keep_lines(buf_str(&old), old.len, buf_str(&new), new.len, &out, err);
	if (r < 0 || out.len == new.len)
		return r;
	return file_write(AT_FDCWD, ours, out.data, out.len, 0644, err);
}

int worktree_keep_lines(const struct worktree *w, struct oak_error *err)
{
	return for_touched(w, keep_lines_of, err);
}

void worktree_close(struct worktree *w)
{
	struct oak_error err;

	if (!w)
		return;
	/* A failure is not lost: the note stays, and the next user tries again. */
	(void)restore(w, &err);
	free_worktree(w);
}
