/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/hosts-query.h"

#include <string.h>

#include "base/json.h"
#include "fleet/web/page.h"

#define FIRST "0" /* in a trail: the first page, which has no cursor */

const struct hosts_query_name hosts_query_names[] = {
	{ "text", "Name or id" },
	{ "ring", "Ring" },
	{ "tag", "Tag" },
	{ "level", "Level" },
	{ "state", "State" },
	{ "verdict", "Verdict" },
	{ "release", "Kernel" },
	{ "build_id", "Build" },
	{ "os", "System" },
	{ "cve", "CVE" },
	{ "finding", "Failed check" },
	{ "uptime", "Up for" },
	{ "reboot", "Wants a reboot for" },
	{ "behind", "Behind" },
	{ "silent", "Silent" },
	{ "revoked", "Revoked" },
	{ "sort", "Sorted by" },
	{ NULL, NULL },
};

json_t *hosts_query_read(const struct http_request *req)
{
	_cleanup_(json_decrefp) json_t *query = json_object();

	if (!query)
		return NULL;
	for (const struct hosts_query_name *n = hosts_query_names; n->name; n++) {
		const char *value = http_query(req, n->name);

		if (value && value[0] && json_object_set_new(query, n->name, json_string(value)))
			return NULL;
	}
	return take_ptr(query);
}

int hosts_query_href(struct buf *out, const char *path, const json_t *query, const char *name,
		     const char *value)
{
	bool told = false;
	int r = buf_add_str(out, path);

	for (const struct hosts_query_name *n = hosts_query_names; n->name && !r; n++) {
		bool here = name && !strcmp(n->name, name);

		told = told || here;
		r = web_add_query(out, n->name, here ? value : json_get_str(query, n->name));
	}
	if (!r && name && !told)
		r = web_add_query(out, name, value);
	return r;
}

json_t *hosts_query_link(const char *path, const json_t *query, const char *name, const char *value)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	return hosts_query_href(&b, path, query, name, value) ? NULL : json_string(buf_str(&b));
}

json_t *hosts_query_text(const json_t *query)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	if (hosts_query_href(&b, "", query, NULL, NULL))
		return NULL;
	return json_string(b.len ? buf_str(&b) + 1 : "");
}

static bool is_trail(const char *trail)
{
	return trail && trail[0] && strspn(trail, "0123456789abcdef.") == strlen(trail);
}

int hosts_trail_push(struct buf *out, const char *trail, const char *now)
{
	size_t n = 1;
	int r = 0;

	if (!is_trail(trail))
		trail = "";
	for (const char *s = trail; *s; s++)
		n += *s == '.';
	for (; n >= HOSTS_TRAIL_MAX; n--)
		trail = strchr(trail, '.') + 1;
	if (trail[0])
		r = buf_printf(out, "%s.", trail);
	return r ? r : buf_add_str(out, now && is_trail(now) ? now : FIRST);
}

int hosts_trail_pop(struct buf *out, const char *trail, struct buf *ret_after)
{
	const char *last;
	int r = 0;

	if (!is_trail(trail))
		return 0;
	last = strrchr(trail, '.');
	if (last)
		r = buf_add(out, trail, (size_t)(last - trail));
	last = last ? last + 1 : trail;
	return r || !strcmp(last, FIRST) ? r : buf_add_str(ret_after, last);
}
