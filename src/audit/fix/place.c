/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/fix/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/inside.h"
#include "base/cleanup.h"
#include "base/file.h"

/* What the record of an undo can hold: UTF-8. */
static bool is_text(const char *text)
{
	_cleanup_(json_decrefp) json_t *j = json_string(text);

	return j != NULL;
}

/* A path that leads upwards is not looked through. */
static bool leads_up(const char *path)
{
	for (const char *p = path; (p = strstr(p, "..")); p += 2)
		if ((p == path || p[-1] == '/') && (!p[2] || p[2] == '/'))
			return true;
	return false;
}

int place_open(int root, const char *path, struct place *ret)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	_cleanup_(freep) char *folder = strndup(path, (size_t)(name - path));
	int fd;

	if (!folder)
		return -ENOMEM;
	if (!*name || strlen(name) >= sizeof(ret->name) || strcmp(name, ".") == 0)
		return -EINVAL;
	if (path[0] != '/' || leads_up(path))
		return -EXDEV;
	if (!is_text(path))
		return -EILSEQ;
	fd = inside_open(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	ret->dir = fd;
	(void)snprintf(ret->name, sizeof(ret->name), "%s", name);
	return 0;
}

void place_close(struct place *p)
{
	closep(&p->dir);
	p->dir = -1;
}

/* A descriptor of the thing itself: what is looked at is what is changed. */
static int open_path(const struct place *p, struct stat *ret)
{
	_cleanup_(closep) int fd = openat(p->dir, p->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	*ret = (struct stat){ .st_mode = 0 };
	if (fd < 0 || fstat(fd, ret) < 0)
		return -errno;
	return S_ISLNK(ret->st_mode) ? -ELOOP : take_fd(fd);
}

int place_stat(const struct place *p, struct stat *ret)
{
	_cleanup_(closep) int fd = open_path(p, ret);

	return fd < 0 ? fd : 0;
}

static int read_all(int fd, char **ret)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (buf_reserve(&text, 1) < 0)
		return -ENOMEM;
	for (;;) {
		ssize_t n;

		if (buf_reserve(&text, 16384) < 0)
			return -ENOMEM;
		n = read(fd, text.data + text.len, 16384);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text.len += (size_t)n;
		if (n == 0)
			break;
		if (text.len > FIX_TEXT_MAX)
			return -EFBIG;
	}
	text.data[text.len] = '\0';
	if (strlen((const char *)text.data) != text.len)
		return -EILSEQ;
	*ret = (char *)buf_take(&text, NULL);
	return 0;
}

int place_read(const struct place *p, char **ret_text, struct fix_attr *ret)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(freep) char *text = NULL;
	struct stat st;
	int r = place_stat(p, &st);

	*ret_text = NULL;
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	fd = openat(p->dir, p->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_nlink > 1)
		return -EMLINK;
	r = read_all(fd, &text);
	if (r == 0 && !is_text(text))
		r = -EILSEQ;
	if (r < 0)
		return r;
	*ret = (struct fix_attr){ st.st_mode & 07777u, st.st_uid, st.st_gid };
	*ret_text = take_ptr(text);
	return 0;
}

const char *place_error(int r)
{
	switch (-r) {
	case ELOOP:
		return "it is a link: what it leads to may belong to another";
	case EMLINK:
		return "it has several names: another file would change with it";
	case EINVAL:
		return "it is not a regular file";
	case EFBIG:
		return "it is larger than 1 MiB";
	case EXDEV:
		return "its path does not begin at the root, or leads upwards";
	case EILSEQ:
		return "it is not text";
	default:
		return strerror(-r);
	}
}

int place_write(const struct place *p, const char *text, const struct fix_attr *a,
		struct oak_error *err)
{
	struct stat st;
	int r = file_write(p->dir, p->name, text, strlen(text), a->mode, err);

	if (r < 0)
		return r;
	/* It is ours now; the owner of before gets it back. */
	r = place_stat(p, &st);
	if (r == 0 && (st.st_uid != a->uid || st.st_gid != a->gid))
		r = place_chattr(p, a);
	return r < 0 ? oak_fail_errno(err, r, "%s", p->name) : 0;
}

int place_chattr(const struct place *p, const struct fix_attr *a)
{
	_cleanup_(closep) int fd = -1;
	char self[40];
	struct stat st;

	fd = open_path(p, &st);
	if (fd < 0)
		return fd;
	if ((st.st_uid != a->uid || st.st_gid != a->gid) &&
	    fchownat(fd, "", a->uid, a->gid, AT_EMPTY_PATH) < 0)
		return -errno;
	/* fchmod() takes no descriptor of this kind, and a socket has no other. */
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return chmod(self, a->mode) < 0 ? -errno : 0;
}

int place_remove(const struct place *p, struct oak_error *err)
{
	char temporary[PLACE_NAME_MAX + 8];

	(void)snprintf(temporary, sizeof(temporary), ".%s.tmp", p->name);
	if ((unlinkat(p->dir, p->name, 0) < 0 && errno != ENOENT) ||
	    (unlinkat(p->dir, temporary, 0) < 0 && errno != ENOENT))
		return oak_fail_errno(err, errno, "%s", p->name);
	return file_sync_entry(p->dir, p->name, err);
}
