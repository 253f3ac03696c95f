/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define DEPTH_MAX 128 /* deeper trees are refused rather than overflowing the stack */

static int fail_open(struct oak_error *err, const char *path)
{
	if (errno == ENOENT)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such file", path);
	return oak_fail_errno(err, errno, "%s", path);
}

int file_read(int dirfd, const char *path, size_t max, struct buf *ret, struct oak_error *err)
{
	_cleanup_(closep) int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	size_t total = 0;
	struct stat st;

	if (fd < 0)
		return fail_open(err, path);
	/* Reserve once for regular files: doubling a 100 MB buffer would copy it twice. */
	if (fstat(fd, &st) == 0 && st.st_size > 0 && (uint64_t)st.st_size <= max &&
	    buf_reserve(ret, (size_t)st.st_size) < 0)
		return oak_fail(err, OAK_E_NOMEM, "%s: out of memory", path);
	for (;;) {
		ssize_t n;

		if (buf_reserve(ret, 65536) < 0)
			return oak_fail(err, OAK_E_NOMEM, "%s: out of memory", path);
		n = read(fd, ret->data + ret->len, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return oak_fail_errno(err, errno, "%s", path);
		ret->len += (size_t)n;
		ret->data[ret->len] = 0;
		if (n == 0)
			return 0;
		total += (size_t)n;
		if (total > max)
			return oak_fail(err, OAK_E_TOOLARGE, "%s: larger than %zu bytes", path, max);
	}
}

int file_read_line(int dirfd, const char *path, char **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = file_read(dirfd, path, 65536, &b, err);
	char *nl;

	if (r < 0)
		return r;
	nl = memchr(b.data, '\n', b.len);
	if (nl)
		b.len = (size_t)((uint8_t *)nl - b.data);
	while (b.len && (b.data[b.len - 1] == ' ' || b.data[b.len - 1] == '\r'))
		b.len--;
	b.data[b.len] = 0;
	*ret = (char *)buf_take(&b, NULL);
	return 0;
}

static int write_all(int fd, const uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Makes the rename itself durable: the entry lives in the directory. */
static int sync_parent(int dirfd, const char *path)
{
	const char *slash = strrchr(path, '/');
	_cleanup_(freep) char *dir = slash ? strndup(path, (size_t)(slash - path) + 1)
					   : strdup(".");
	_cleanup_(closep) int fd = -1;

	if (!dir)
		return -ENOMEM;
	fd = openat(dirfd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

int file_write(int dirfd, const char *path, const void *data, size_t len, mode_t mode,
	       struct oak_error *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	_cleanup_(freep) char *tmp = NULL;
	_cleanup_(closep) int fd = -1;
	int r;

	if (asprintf(&tmp, "%.*s.%s.tmp", (int)(name - path), path, name) < 0) {
		tmp = NULL;
		return oak_fail(err, OAK_E_NOMEM, "%s: out of memory", path);
	}
	fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return oak_fail_errno(err, errno, "%s", tmp);
	r = write_all(fd, data, len);
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r == 0 && renameat(dirfd, tmp, dirfd, path) < 0)
		r = -errno;
	if (r == 0)
		r = sync_parent(dirfd, path);
	if (r < 0) {
		(void)unlinkat(dirfd, tmp, 0);
		return oak_fail_errno(err, r, "%s", path);
	}
	return 0;
}

int file_sync_entry(int dirfd, const char *path, struct oak_error *err)
{
	int r = sync_parent(dirfd, path);

	return r < 0 ? oak_fail_errno(err, r, "%s", path) : 0;
}

int dir_make(int dirfd, const char *path, struct oak_error *err)
{
	_cleanup_(freep) char *copy = strdup(path);
	struct stat st;

	if (!copy)
		return oak_fail(err, OAK_E_NOMEM, "%s: out of memory", path);
	if (!*copy)
		return 0; /* the directory itself */
	for (char *p = copy + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdirat(dirfd, copy, 0755) == 0) {
			int r = file_sync_entry(dirfd, copy, err);

			if (r < 0)
				return r;
		} else if (errno != EEXIST) {
			return oak_fail_errno(err, errno, "%s", copy);
		}
		*p = c;
		if (c == '\0')
			break;
	}
	/* What exists already may be something else. */
	if (fstatat(dirfd, copy, &st, 0) < 0)
		return oak_fail_errno(err, errno, "%s", copy);
	if (!S_ISDIR(st.st_mode))
		return oak_fail_errno(err, ENOTDIR, "%s", copy);
	return 0;
}

static int remove_below(int dirfd, const char *name, unsigned depth);

static int remove_entries(int fd, unsigned depth)
{
	_cleanup_(closedirp) DIR *d = fdopendir(fd);
	struct dirent *e;

	if (!d) {
		(void)close(fd);
		return -errno;
	}
	while ((e = readdir(d))) {
		int r;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		r = remove_below(dirfd(d), e->d_name, depth + 1);
		if (r < 0)
			return r;
	}
	return 0;
}

static int remove_below(int dirfd, const char *name, unsigned depth)
{
	int fd, r;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	if (depth > DEPTH_MAX)
		return -ELOOP;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = remove_entries(fd, depth);
	if (r < 0)
		return r;
	return unlinkat(dirfd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int tree_remove(int dirfd, const char *path, struct oak_error *err)
{
	int r = remove_below(dirfd, path, 0);

	return r < 0 ? oak_fail_errno(err, r, "%s", path) : 0;
}

bool file_exists(int dirfd, const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, 0) == 0;
}

int mapping_open(int dirfd, const char *path, struct mapping *ret, struct oak_error *err)
{
	_cleanup_(closep) int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd < 0)
		return fail_open(err, path);
	if (fstat(fd, &st) < 0)
		return oak_fail_errno(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode) || st.st_size <= 0)
		return oak_fail(err, OAK_E_FORMAT, "%s: empty, or not a regular file", path);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return oak_fail_errno(err, errno, "%s", path);
	*ret = (struct mapping){ .data = p, .len = (size_t)st.st_size };
	return 0;
}

void mapping_close(struct mapping *m)
{
	/* munmap() wants a non-const pointer; the mapping itself is read-only. */
	if (m->data)
		(void)munmap((void *)(uintptr_t)m->data, m->len);
	*m = (struct mapping){ 0 };
}

char *path_join(const char *a, const char *b)
{
	char *s;

	return asprintf(&s, "%s/%s", a, b) < 0 ? NULL : s;
}
