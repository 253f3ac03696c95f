/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hosts-query: which hosts a page is about, as it stands in its address. A query is an object of texts, by the names
 * that GET /api/v1/hosts knows; what is empty is not in it. Pure.
 */
#ifndef OAK_FLEET_WEB_HOSTS_QUERY_H
#define OAK_FLEET_WEB_HOSTS_QUERY_H

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"
#include "fleet/http/http.h"

struct hosts_query_name {
	const char *name, *label; /* "build_id", "Kernel build"; the last one has no name */
};
extern const struct hosts_query_name hosts_query_names[];

/* Out of an address; NULL: out of memory. "sort" is in it too, "after" is not. */
json_t *hosts_query_read(const struct http_request *req);

/*
 * Appends @path with @query, where @name has another @value (NULL: none); @name NULL: as it is. Errors: -ENOMEM.
 */
int hosts_query_href(struct buf *out, const char *path, const json_t *query, const char *name,
		     const char *value) _must_check_;

/* The same as a value of a view; NULL: out of memory. */
json_t *hosts_query_link(const char *path, const json_t *query, const char *name, const char *value);

/* "ring=edge&behind=true": what a saved view keeps. NULL: out of memory. */
json_t *hosts_query_text(const json_t *query);

/*
 * The way back: the cursors of the pages before this one, oldest first, with "." between. Cursors are hex; what is not is
 * dropped. At most HOSTS_TRAIL_MAX are kept, so that addresses stay short.
 */
#define HOSTS_TRAIL_MAX 16
/* @now: cursor of this page, NULL for the first; appends the trail of the next page. */
int hosts_trail_push(struct buf *out, const char *trail, const char *now) _must_check_;
/* The last cursor of @trail into @ret_after ("" for the first page), what is before it into @out. */
int hosts_trail_pop(struct buf *out, const char *trail, struct buf *ret_after) _must_check_;

#endif
