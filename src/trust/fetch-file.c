/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "trust/fetch-open.h"
#include "trust/url.h"

struct fetch_file {
	int dirfd;
	char *url;
};

static bool climbs(const char *path)
{
	for (const char *p = path; *p; p += strspn(p, "/")) {
		size_t n = strcspn(p, "/");

		if (n == 2 && memcmp(p, "..", 2) == 0)
			return true;
		p += n;
	}
	return path[0] == '/';
}

static int fetch(void *ctx, const char *path, size_t max, struct buf *ret, struct oak_error *err)
{
	const struct fetch_file *f = ctx;
	_cleanup_(buf_free) struct buf name = { 0 };

	if (url_unquote(path, &name) < 0 || climbs(buf_str(&name)))
		return oak_fail(err, OAK_E_NOTFOUND, "%s: not a path below the repository", path);
	return file_read(f->dirfd, buf_str(&name), max, ret, err);
}

static void close_file(void *ctx)
{
	struct fetch_file *f = ctx;

	closep(&f->dirfd);
	free(f->url);
	free(f);
}

static int open_dir(const char *dir, int *ret, struct oak_error *err)
{
	*ret = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret < 0 && (errno == ENOENT || errno == ENOTDIR))
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such directory", dir);
	return *ret < 0 ? oak_fail_errno(err, errno, "%s", dir) : 0;
}

int fetch_file_open(const char *url, const struct fetch_options *opt, struct fetcher *ret,
		    struct oak_error *err)
{
	static const char scheme[] = "file://";
	const char *dir = strncmp(url, scheme, sizeof(scheme) - 1) == 0 ? url + sizeof(scheme) - 1
									: url;
	struct fetch_file *f = calloc(1, sizeof(*f));
	int r;

	(void)opt; /* nothing of it concerns a directory */
	if (!f)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	f->url = strdup(url);
	r = open_dir(dir, &f->dirfd, err);
	if (r == 0 && !f->url)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r < 0) {
		close_file(f);
		return r;
	}
	*ret = (struct fetcher){ .fetch = fetch, .close = close_file, .ctx = f, .url = f->url };
	return 0;
}
