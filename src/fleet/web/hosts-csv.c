/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosts of a filter, all of them, as CSV. They go into a file without a name that the answer then is: of
 * 1,000,000 hosts that is some 150 MB, which nobody wants in memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/fleet.h"
#include "fleet/server-settings.h"
#include "fleet/web/csv.h"
#include "fleet/web/hosts-query.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

#define PAGE "1000"

/* @inner: a member of that member; NULL: none. */
static const struct {
	const char *title, *name, *inner;
} columns[] = {
	{ "id", "id", NULL },
	{ "name", "name", NULL },
	{ "ring", "ring", NULL },
	{ "tags", "tags", NULL },
	{ "verdict", "verdict", NULL },
	{ "kernel", "kernel", "release" },
	{ "build_id", "kernel", "build_id" },
	{ "effective", "kernel", "effective" },
	{ "arch", "kernel", "arch" },
	{ "os", "os", "id" },
	{ "os_version", "os", "version" },
	{ "level", "level", NULL },
	{ "newest", "newest", NULL },
	{ "behind", "behind", NULL },
	{ "state", "state", NULL },
	{ "cves_open", "cves_open", NULL },
	{ "containers", "containers", NULL },
	{ "audit_score", "audit_score", NULL },
	{ "silent", "silent", NULL },
	{ "cloned", "cloned", NULL },
	{ "agent", "agent", NULL },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static int add_time(struct buf *out, int64_t at_s)
{
	char text[WEB_TEXT];

	return csv_text(out, false, at_s ? web_time(at_s, text) : "");
}

static int add_head(struct buf *out)
{
	int r = 0;

	for (size_t i = 0; i < COLUMNS && !r; i++)
		r = csv_text(out, i == 0, columns[i].title);
	if (!r)
		r = csv_text(out, false, "enrolled");
	if (!r)
		r = csv_text(out, false, "seen");
	return r ? r : csv_end(out);
}

static int add_host(struct buf *out, const json_t *host)
{
	int r = 0;

	for (size_t i = 0; i < COLUMNS && !r; i++) {
		const json_t *value = json_object_get(host, columns[i].name);

		if (columns[i].inner)
			value = json_object_get(value, columns[i].inner);
		r = csv_json(out, i == 0, value);
	}
	if (!r)
		r = add_time(out, view_int(host, "enrolled"));
	if (!r)
		r = add_time(out, view_int(host, "seen"));
	return r ? r : csv_end(out);
}

static int add_hosts(struct buf *out, const json_t *hosts)
{
	const json_t *host;
	size_t i;
	int r = 0;

	json_array_foreach(hosts, i, host)
	{
		if (!r)
			r = add_host(out, host);
	}
	return r;
}

static int spill(int fd, struct buf *b, uint64_t *size)
{
	for (size_t done = 0; done < b->len;) {
		ssize_t n = write(fd, b->data + done, b->len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	*size += b->len;
	b->len = 0;
	return 0;
}

/* Page after page into @fd. Return: an HTTP status; then @ret is the problem. */
static unsigned write_all(struct worker_seat *seat, const struct http_request *req, int fd,
			  uint64_t *size, json_t **ret)
{
	_cleanup_(json_decrefp) json_t *query = hosts_query_read(req), *page = NULL;
	_cleanup_(buf_free) struct buf out = { 0 };
	unsigned status = 200;
	int r = add_head(&out);

	for (const char *after = ""; !r && after;) {
		_cleanup_(buf_free) struct buf target = { 0 };
		json_t *next = NULL;

		if (hosts_query_href(&target, "/api/v1/hosts", query, "limit", PAGE) ||
		    web_add_query(&target, "after", after))
			return 500;
		status = web_call(seat, req, "GET", buf_str(&target), NULL, &next);
		json_decref(page);
		page = next;
		if (status != 200)
			break;
		r = add_hosts(&out, json_object_get(page, "hosts"));
		if (!r)
			r = spill(fd, &out, size);
		after = json_get_str(page, "next");
	}
	*ret = take_ptr(page);
	return r ? 500 : status;
}

static int nameless(const char *dir)
{
	return open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

void web_hosts_csv(struct worker_seat *seat, const struct http_request *req,
		   struct http_response *res)
{
	_cleanup_(closep) int fd = nameless(seat->fleet->settings->data);
	_cleanup_(json_decrefp) json_t *problem = NULL;
	uint64_t size = 0;
	unsigned status = fd < 0 ? 500 : write_all(seat, req, fd, &size, &problem);

	if (status == 200 &&
	    (http_set_header(res, "Content-Disposition", "attachment; filename=\"hosts.csv\"") < 0))
		status = 500;
	if (status != 200) {
		page_problem(req, res, status,
			     problem ? view_str(problem, "detail") : "no room for the table");
		return;
	}
	res->status = 200;
	res->type = "text/csv; charset=utf-8";
	res->is_file = true;
	res->fd = take_fd(fd);
	res->file_len = size;
}
