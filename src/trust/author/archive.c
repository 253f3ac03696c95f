/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/author/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/file.h"
#include "trust/author/bundle.h"
#include "trust/target.h"

#define BLOCK (1u << 16)

DEFINE_CLEANUP(struct archive *, archive_read_free)
DEFINE_CLEANUP(struct archive_entry *, archive_entry_free)

struct tarball {
	struct archive *archive;
	char *path, *tmp;
	int fd;
	bool finished;
};

static int fail(const char *path, struct archive *a, struct oak_error *err)
{
	const char *text = archive_error_string(a);

	return oak_fail(err, OAK_E_IO, "%s: %s", path, text ? text : "libarchive failed");
}

int tarball_create(const char *path, struct tarball **ret, struct oak_error *err)
{
	_cleanup_(tarball_closep) struct tarball *t = calloc(1, sizeof(*t));

	if (!t)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	t->fd = -1;
	t->archive = archive_write_new();
	t->path = strdup(path);
	if (!t->archive || !t->path || asprintf(&t->tmp, "%s.tmp", path) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	t->fd = open(t->tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (t->fd < 0)
		return oak_fail_errno(err, errno, "%s", t->tmp);
	if (archive_write_add_filter_zstd(t->archive) != ARCHIVE_OK ||
	    archive_write_set_format_pax_restricted(t->archive) != ARCHIVE_OK ||
	    archive_write_open_fd(t->archive, t->fd) != ARCHIVE_OK)
		return fail(path, t->archive, err);
	*ret = take_ptr(t);
	return 0;
}

int tarball_add(struct tarball *t, const char *name, const struct buf *bytes, struct oak_error *err)
{
	_cleanup_(archive_entry_freep) struct archive_entry *e = archive_entry_new();

	if (!e)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* No owner, no time: the same repository gives the same bundle. */
	archive_entry_set_pathname(e, name);
	archive_entry_set_size(e, (la_int64_t)bytes->len);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	if (archive_write_header(t->archive, e) != ARCHIVE_OK ||
	    archive_write_data(t->archive, bytes->data, bytes->len) != (la_ssize_t)bytes->len)
		return fail(t->path, t->archive, err);
	return 0;
}

int tarball_finish(struct tarball *t, struct oak_error *err)
{
	if (archive_write_close(t->archive) != ARCHIVE_OK)
		return fail(t->path, t->archive, err);
	if (fsync(t->fd) < 0 || rename(t->tmp, t->path) < 0)
		return oak_fail_errno(err, errno, "%s", t->path);
	t->finished = true;
	return file_sync_entry(AT_FDCWD, t->path, err);
}

void tarball_close(struct tarball *t)
{
	if (!t)
		return;
	if (t->archive)
		(void)archive_write_free(t->archive);
	closep(&t->fd);
	if (t->tmp && !t->finished)
		(void)unlink(t->tmp);
	free(t->tmp);
	free(t->path);
	free(t);
}

static int read_entry(struct archive *a, const char *path, uint64_t size, struct buf *ret,
		      struct oak_error *err)
{
	if (size > BUNDLE_FILE_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: a file of more than %u bytes", path,
				BUNDLE_FILE_MAX);
	for (;;) {
		char block[BLOCK];
		la_ssize_t n = archive_read_data(a, block, sizeof(block));

		if (n < 0)
			return fail(path, a, err);
		if (n == 0)
			return 0;
		if (ret->len + (size_t)n > BUNDLE_FILE_MAX)
			return oak_fail(err, OAK_E_TOOLARGE, "%s: a file of more than %u bytes",
					path, BUNDLE_FILE_MAX);
		if (buf_add(ret, block, (size_t)n) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
}

static int write_entry(int dirfd, const char *name, const struct buf *bytes, struct oak_error *err)
{
	_cleanup_(freep) char *dir = strdup(name);
	char *slash = dir ? strrchr(dir, '/') : NULL;
	int r = 0;

	if (!dir)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (slash) {
		*slash = '\0';
		r = dir_make(dirfd, dir, err);
	}
	return r < 0 ? r : file_write(dirfd, name, bytes->data, bytes->len, 0644, err);
}

static int extract_entry(struct archive *a, struct archive_entry *e, const char *path, int dirfd,
			 uint64_t *total, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	const char *name = archive_entry_pathname(e);
	int r;

	if (!name || archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e) ||
	    archive_entry_symlink(e) || !target_path_is_safe(name) || name[0] == '.')
		return oak_fail(err, OAK_E_FORMAT,
				"%s: '%.100s' is not a plain file with a safe name", path,
				name ? name : "");
	r = read_entry(a, path, (uint64_t)archive_entry_size(e), &bytes, err);
	*total += bytes.len;
	if (r == 0 && *total > BUNDLE_BYTES_MAX)
		r = oak_fail(err, OAK_E_TOOLARGE, "%s: unpacks to more than %llu bytes", path,
			     BUNDLE_BYTES_MAX);
	return r < 0 ? r : write_entry(dirfd, name, &bytes, err);
}

static int extract(struct archive *a, const char *path, int dirfd, struct oak_error *err)
{
	uint64_t total = 0;
	unsigned files = 0;
	int status;

	for (;;) {
		struct archive_entry *e;
		int r;

		status = archive_read_next_header(a, &e);
		if (status == ARCHIVE_EOF)
			return 0;
		if (status != ARCHIVE_OK)
			return oak_fail(err, OAK_E_FORMAT, "%s: %s", path, archive_error_string(a));
		if (++files > BUNDLE_FILES_MAX)
			return oak_fail(err, OAK_E_TOOLARGE, "%s: more than %u files", path,
					BUNDLE_FILES_MAX);
		r = extract_entry(a, e, path, dirfd, &total, err);
		if (r < 0)
			return r;
	}
}

int tarball_extract(const char *path, int dirfd, struct oak_error *err)
{
	_cleanup_(archive_read_freep) struct archive *a = archive_read_new();
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such file", path);
	if (fd < 0)
		return oak_fail_errno(err, errno, "%s", path);
	if (!a || archive_read_support_filter_zstd(a) != ARCHIVE_OK ||
	    archive_read_support_format_tar(a) != ARCHIVE_OK)
		return oak_fail(err, OAK_E_NOMEM, "libarchive could not be set up");
	if (archive_read_open_fd(a, fd, BLOCK) != ARCHIVE_OK)
		return oak_fail(err, OAK_E_FORMAT, "%s: %s", path, archive_error_string(a));
	return extract(a, path, dirfd, err);
}
