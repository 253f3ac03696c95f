/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * files: the repository as plain files below /repository/, as docs/serving.md has nginx serve it.
 *
 * A file is opened below the root without symbolic links and without a way out: openat2(2) with
 * RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS. Names that begin with a dot do not exist. All files but
 * timestamp.json never change under their name.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fleet/fleet.h"
#include "fleet/http/conditional.h"
#include "fleet/http/file-cache.h"
#include "fleet/http/route.h"
#include "fleet/server-settings.h"

#define WHOLE_BYTES_MAX (32u << 10) /* read at once; larger files are sent from their descriptor */

struct file {
	int fd; /* -1: its bytes are in the answer already */
	struct file_facts facts;
};

static bool is_hidden(const char *path)
{
	return path[0] == '.' || strstr(path, "/.");
}

static int open_below(const char *root, const char *path)
{
	_cleanup_(closep) int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					   RESOLVE_NO_MAGICLINKS };

	if (dir < 0)
		return -errno;
	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

static bool open_file(const char *root, const char *path, struct file *f)
{
	struct stat st;

	if (!root || !path[0] || is_hidden(path))
		return false;
	f->fd = open_below(root, path);
	if (f->fd < 0)
		return false;
	if (fstat(f->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(f->fd);
		f->fd = -1;
		return false;
	}
	f->facts.size = (uint64_t)st.st_size;
	/* oakum-repo lets the time of timestamp.json rise with each of its versions. */
	(void)snprintf(f->facts.etag, sizeof(f->facts.etag), "\"%llx-%lx-%llx\"",
		       (unsigned long long)st.st_mtim.tv_sec, (unsigned long)st.st_mtim.tv_nsec,
		       (unsigned long long)st.st_size);
	http_date(st.st_mtim.tv_sec, f->facts.date);
	return true;
}

static const char *file_type(const char *path)
{
	static const struct {
		const char *end, *type;
	} rows[] = { { ".json", "application/json" }, { ".zst", "application/zstd" } };
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (len > strlen(rows[i].end) &&
		    strcmp(path + len - strlen(rows[i].end), rows[i].end) == 0)
			return rows[i].type;
	return "application/octet-stream";
}

static bool is_unchanged(const struct http_request *req, const struct file *f)
{
	const char *list = http_header(req, "if-none-match");
	const char *since = http_header(req, "if-modified-since");

	/* As nginx does: the very date that we gave. */
	return list ? etag_listed(list, f->facts.etag) : since && strcmp(since, f->facts.date) == 0;
}

static void set_headers(struct http_response *res, const struct file *f, const char *path)
{
	bool changes = strcmp(path, "timestamp.json") == 0;

	(void)!http_set_header(res, "ETag", f->facts.etag);
	(void)!http_set_header(res, "Last-Modified", f->facts.date);
	(void)!http_set_header(res, "Accept-Ranges", "bytes");
	(void)!http_set_header(res, "Cache-Control",
			       changes ? "public, max-age=60"
				       : "public, max-age=31536000, immutable");
}

/* The part that is asked for; a range of what is no longer there (If-Range) is the whole. */
static void choose_part(const struct http_request *req, struct http_response *res,
			const struct file *f)
{
	const char *if_range = http_header(req, "if-range");
	const char *range = http_header(req, "range");
	enum range_kind kind;
	char text[80];

	if (if_range && strcmp(if_range, f->facts.etag) != 0 && strcmp(if_range, f->facts.date) != 0)
		range = NULL;
	res->file_off = 0;
	res->file_len = f->facts.size;
	kind = range_parse(range, f->facts.size, &res->file_off, &res->file_len);
	res->status = kind == RANGE_PART ? 206 : kind == RANGE_BEYOND ? 416 : 200;
	if (kind == RANGE_BEYOND)
		(void)snprintf(text, sizeof(text), "bytes */%llu",
			       (unsigned long long)f->facts.size);
	else
		(void)snprintf(text, sizeof(text), "bytes %llu-%llu/%llu",
			       (unsigned long long)res->file_off,
			       (unsigned long long)(res->file_off + res->file_len - 1),
			       (unsigned long long)f->facts.size);
	if (kind != RANGE_NONE)
		(void)!http_set_header(res, "Content-Range", text);
}

/* What was said of the file is not said of this. */
static void refuse(const struct http_request *req, struct http_response *res, unsigned status,
		   const char *code, const char *why)
{
	(void)!http_set_header(res, "Cache-Control", "no-store");
	http_problem(req, res, status, code, "%s", why);
}

static void send_part(struct fleet *fleet, const struct http_request *req,
		      struct http_response *res, struct file *f)
{
	ssize_t n;

	if (f->fd < 0)
		return;
	if (res->file_len > WHOLE_BYTES_MAX) {
		res->is_file = true;
		res->fd = take_fd(f->fd);
		return;
	}
	if (buf_add_zero(&res->body, res->file_len) < 0) {
		refuse(req, res, 503, "memory", "out of memory");
		return;
	}
	n = pread(f->fd, res->body.data, res->file_len, (off_t)res->file_off);
	if (n != (ssize_t)res->file_len)
		refuse(req, res, 500, "internal", "the file cannot be read");
	else if (res->file_len == f->facts.size)
		file_cache_put(fleet->files, req->params[0], &f->facts, res->body.data);
}

static void serve(struct fleet *fleet, const struct http_request *req, struct http_response *res)
{
	const char *path = req->params[0];
	bool part = http_header(req, "range");
	struct file f = { .fd = -1 };

	if ((part || !file_cache_get(fleet->files, path, &f.facts, &res->body)) &&
	    !open_file(fleet->settings->repository, path, &f)) {
		http_problem(req, res, 404, "not-found", "there is no such file");
		return;
	}
	set_headers(res, &f, path);
	res->type = file_type(path);
	if (is_unchanged(req, &f)) {
		buf_free(&res->body);
		res->status = 304;
		res->type = NULL;
	} else {
		choose_part(req, res, &f);
		if (res->status == 416)
			refuse(req, res, 416, "range", "the file is shorter");
		else
			send_part(fleet, req, res, &f);
	}
	closep(&f.fd);
}

const struct route routes_static[] = {
	{ "GET", "/repository/*", ROUTE_MEMORY, .memory = serve,
	  .summary = "A file of the repository of levels" },
	{ 0 },
};
