/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/cleanup.h"
#include "base/file.h"

#define BLOCK     (1u << 16)
#define TAR_BLOCK 512u

DEFINE_CLEANUP(struct archive *, archive_read_free)

struct walk {
	const char *path; /* as it was given */
	const struct feed_options *opt;
	uint32_t files;
};

static const char *last_part(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

static int count(struct walk *w, struct oak_error *err)
{
	if (++w->files > FEED_FILES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: more than %u files", w->path,
				FEED_FILES_MAX);
	return 0;
}

static int tell(struct walk *w, struct feed_file *file, const struct buf *bytes,
		const struct oak_error *why, struct oak_error *err)
{
	file->bytes = why->code == OAK_OK ? bytes : NULL;
	file->why = why;
	return w->opt->file(w->opt->ctx, file, err);
}

static int damaged(const struct walk *w, struct archive *a, struct oak_error *err)
{
	const char *text = archive_error_string(a);

	return oak_fail(err, OAK_E_FORMAT, "%s: %s", w->path, text ? text : "not a tar archive");
}

/* The bytes of an entry; more than are allowed are an error of that file alone. */
static int entry_bytes(struct walk *w, struct archive *a, struct buf *ret, struct oak_error *why,
		       struct oak_error *err)
{
	for (;;) {
		char block[BLOCK];
		la_ssize_t n = archive_read_data(a, block, sizeof(block));

		if (n < 0)
			return damaged(w, a, err);
		if (n == 0)
			return 0;
		if ((size_t)n > w->opt->file_max - ret->len) {
			(void)oak_fail(why, OAK_E_TOOLARGE, "more than %zu bytes", w->opt->file_max);
			return archive_read_data_skip(a) < ARCHIVE_WARN ? damaged(w, a, err) : 0;
		}
		if (buf_add(ret, block, (size_t)n) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
}

static int read_entry(struct walk *w, struct archive *a, struct archive_entry *e,
		      struct oak_error *err)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	struct oak_error why = { .code = OAK_OK };
	struct feed_file file = { .name = archive_entry_pathname(e),
				  .mtime_s = archive_entry_mtime(e) };
	int r = count(w, err);

	if (r < 0)
		return r;
	if (!file.name || archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e) ||
	    !w->opt->wanted(last_part(file.name)))
		return 0;
	r = entry_bytes(w, a, &bytes, &why, err);
	return r < 0 ? r : tell(w, &file, &bytes, &why, err);
}

/*
 * An archive ends with blocks of zeros; libarchive takes one without them as well. Compressed, what
 * is cut off is damaged anyhow.
 */
static int check_end(const struct walk *w, struct archive *a, int fd, struct oak_error *err)
{
	char last[TAR_BLOCK], zeros[TAR_BLOCK] = { 0 };
	off_t size = lseek(fd, 0, SEEK_END);

	if (archive_filter_code(a, 0) != ARCHIVE_FILTER_NONE || size < 0)
		return 0;
	if (size < (off_t)sizeof(last) ||
	    pread(fd, last, sizeof(last), size - (off_t)sizeof(last)) != (ssize_t)sizeof(last) ||
	    memcmp(last, zeros, sizeof(last)) != 0)
		return oak_fail(err, OAK_E_FORMAT, "%s: the archive ends early", w->path);
	return 0;
}

static int read_archive(struct walk *w, int fd, struct oak_error *err)
{
	_cleanup_(archive_read_freep) struct archive *a = archive_read_new();

	if (!a || archive_read_support_filter_zstd(a) != ARCHIVE_OK ||
	    archive_read_support_filter_gzip(a) != ARCHIVE_OK ||
	    archive_read_support_filter_xz(a) != ARCHIVE_OK ||
	    archive_read_support_format_tar(a) != ARCHIVE_OK)
		return oak_fail(err, OAK_E_NOMEM, "libarchive could not be set up");
	if (archive_read_open_fd(a, fd, BLOCK) != ARCHIVE_OK)
		return damaged(w, a, err);
	for (;;) {
		struct archive_entry *e;
		int r, status = archive_read_next_header(a, &e);

		if (status == ARCHIVE_EOF)
			return check_end(w, a, fd, err);
		if (status != ARCHIVE_OK)
			return damaged(w, a, err);
		r = read_entry(w, a, e, err);
		if (r < 0)
			return r;
	}
}

static int read_folder(struct walk *w, int dirfd, const char *name, unsigned depth,
		       struct oak_error *err);

static int read_file(struct walk *w, int dirfd, const char *name, const struct stat *st,
		     struct oak_error *err)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	struct oak_error why = { .code = OAK_OK };
	struct feed_file file = { .name = name, .mtime_s = st->st_mtim.tv_sec };

	if ((uint64_t)st->st_size > w->opt->file_max)
		(void)oak_fail(&why, OAK_E_TOOLARGE, "more than %zu bytes", w->opt->file_max);
	else if (file_read(dirfd, last_part(name), w->opt->file_max, &bytes, &why) == 0)
		why.code = OAK_OK;
	return tell(w, &file, &bytes, &why, err);
}

static int read_one(struct walk *w, int dirfd, const char *name, unsigned depth,
		    struct oak_error *err)
{
	_cleanup_(closep) int sub = -1;
	const char *last = last_part(name);
	struct stat st;
	int r = count(w, err);

	if (r < 0)
		return r;
	if (fstatat(dirfd, last, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return oak_fail_errno(err, errno, "%s", name);
	if (S_ISREG(st.st_mode))
		return w->opt->wanted(last) ? read_file(w, dirfd, name, &st, err) : 0;
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (depth == FEED_DEPTH_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: more than %u folders in each other",
				w->path, FEED_DEPTH_MAX);
	sub = openat(dirfd, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub < 0)
		return oak_fail_errno(err, errno, "%s", name);
	return read_folder(w, sub, name, depth + 1, err);
}

static int not_hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int read_folder(struct walk *w, int dirfd, const char *name, unsigned depth,
		       struct oak_error *err)
{
	struct dirent **list;
	int n = scandirat(dirfd, ".", &list, not_hidden, alphasort), r = 0;

	if (n < 0)
		return oak_fail_errno(err, errno, "%s", name);
	for (int i = 0; i < n; i++) {
		_cleanup_(freep) char *path = path_join(name, list[i]->d_name);

		if (r == 0)
			r = path ? read_one(w, dirfd, path, depth, err)
				 : oak_fail(err, OAK_E_NOMEM, "out of memory");
		free(list[i]);
	}
	free(list);
	return r;
}

int feed_read(const char *path, const struct feed_options *opt, struct oak_error *err)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct walk w = { .path = path, .opt = opt };
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such file", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return oak_fail_errno(err, errno, "%s", path);
	return S_ISDIR(st.st_mode) ? read_folder(&w, fd, path, 0, err) : read_archive(&w, fd, err);
}
