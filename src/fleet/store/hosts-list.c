/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "fleet/store/host-json.h"
#include "fleet/store/hosts-page.h"
#include "fleet/store/rows.h"

#define LIMIT_MAX 1000

static const struct db_statement load = {
	"hosts: load",
	"SELECT " HOST_JSON_COLUMNS
	" FROM json_each($1) AS wanted CROSS JOIN hosts WHERE hosts.n = wanted.value",
	"SELECT " HOST_JSON_COLUMNS " FROM hosts WHERE n = ANY(CAST($1 AS BIGINT[]))"
};

static const char *const sort_names[] = { "id", "name", "seen", "level" };

int hosts_order_parse(const char *word, struct hosts_order *ret, struct oak_error *err)
{
	struct hosts_order o = { .down = word && word[0] == '-' };

	if (!word || !word[0])
		word = sort_names[0];
	for (size_t i = 0; i < sizeof(sort_names) / sizeof(sort_names[0]); i++)
		if (!strcmp(word + o.down, sort_names[i])) {
			o.sort = (enum hosts_sort)i;
			*ret = o;
			return 0;
		}
	return oak_fail(err, OAK_E_USAGE, "sort: not one of id, name, seen, level, or with \"-\"");
}

char *hosts_cursor_write(const struct hosts_order *o, const struct hosts_place *p)
{
	char text[REPORT_TEXT_MAX + 80];
	char *hex;
	int len = snprintf(text, sizeof(text), "%c%s:%" PRId64 ":%" PRId64 ":%s",
			   o->down ? '-' : '+', sort_names[o->sort], p->n, p->number,
			   o->sort == HOSTS_BY_NAME ? p->name : "");

	hex = malloc(2 * sizeof(text) + 1);
	if (hex)
		hex_encode(text, (size_t)len, hex);
	return hex;
}

/* A number and the colon after it. */
static bool read_number(const char **text, int64_t *ret)
{
	const char *s = *text;
	bool minus = *s == '-';
	int64_t n = 0;

	s += minus;
	for (size_t digits = 0; *s != ':'; s++, digits++) {
		if (*s < '0' || *s > '9' || digits == 18)
			return false;
		n = 10 * n + (*s - '0');
	}
	*ret = minus ? -n : n;
	*text = s + 1;
	return true;
}

static bool is_utf8(const char *text)
{
	_cleanup_(json_decrefp) json_t *j = json_string(text);

	return j != NULL;
}

int hosts_cursor_read(const struct hosts_order *o, const char *text, struct hosts_place *ret,
		      struct oak_error *err)
{
	uint8_t bytes[REPORT_TEXT_MAX + 80] = { 0 };
	struct hosts_place p = { .n = 0 };
	const char *s = (const char *)bytes;
	char head[16];
	size_t len;
	int n = strlen(text) < 2 * sizeof(bytes) ? hex_decode(text, bytes, sizeof(bytes) - 1) : -1;

	(void)snprintf(head, sizeof(head), "%c%s:", o->down ? '-' : '+', sort_names[o->sort]);
	len = strlen(head);
	bytes[n < 0 ? 0 : n] = '\0';
	if (n < 0 || strlen(s) != (size_t)n || strncmp(s, head, len) != 0)
		return oak_fail(err, OAK_E_USAGE, "after: not a cursor of this list");
	s += len;
	if (!read_number(&s, &p.n) || !read_number(&s, &p.number) || strlen(s) >= sizeof(p.name) ||
	    !is_utf8(s))
		return oak_fail(err, OAK_E_USAGE, "after: not a cursor of this list");
	(void)snprintf(p.name, sizeof(p.name), "%s", s);
	*ret = p;
	return 0;
}

struct loading {
	const struct hosts_found *found;
	json_t **hosts; /* of found->places */
	int64_t silent_before_s;
};

static int take_host(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct loading *l = ctx;
	int64_t n = db_row_int(row, 0);

	for (size_t i = 0; i < l->found->n; i++)
		if (l->found->places[i].n == n && !l->hosts[i]) {
			l->hosts[i] = host_json(row, l->silent_before_s);
			return l->hosts[i] ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
		}
	return 0;
}

/* The numbers as one parameter: a JSON array, or what PostgreSQL writes for an array. */
static int numbers_text(const struct db *db, const struct hosts_found *found, struct buf *ret)
{
	int r = buf_add_str(ret, db_is_postgres(db) ? "{" : "[");

	for (size_t i = 0; i < found->n && !r; i++)
		r = buf_printf(ret, "%s%" PRId64, i ? "," : "", found->places[i].n);
	return r ? r : buf_add_str(ret, db_is_postgres(db) ? "}" : "]");
}

static int load_hosts(struct db *db, const struct hosts_found *found, int64_t silent_before_s,
		      json_t *list, struct oak_error *err)
{
	_cleanup_(freep) json_t **hosts = calloc(found->n + 1, sizeof(*hosts));
	_cleanup_(buf_free) struct buf numbers = { 0 };
	struct loading l = { found, hosts, silent_before_s };
	int64_t r;
	int ret = 0;

	if (!hosts || numbers_text(db, found, &numbers))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = db_query(db, &load, (const struct db_value[]){ db_text(buf_str(&numbers)) }, 1,
		     take_host, &l, err);
	for (size_t i = 0; i < found->n; i++)
		if (hosts[i] && json_array_append_new(list, hosts[i]))
			ret = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r < 0 ? (int)r : ret;
}

static void found_clear(struct hosts_found *f)
{
	free(f->places);
}

int hosts_list(struct db *db, const struct hosts_filter *f, const struct hosts_page *page,
	       json_t **ret, char **ret_next, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	_cleanup_(freep) char *next = NULL;
	_cleanup_(found_clear) struct hosts_found found = { .n = 0 };
	struct hosts_place after;
	struct hosts_order o;
	int r = hosts_order_parse(page->sort, &o, err);

	if (!list)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!r && (page->limit < 1 || page->limit > LIMIT_MAX))
		r = oak_fail(err, OAK_E_USAGE, "limit: not 1 to %d", LIMIT_MAX);
	if (!r && page->after)
		r = hosts_cursor_read(&o, page->after, &after, err);
	if (!r)
		r = hosts_page(db, f, &o, page->after ? &after : NULL, page->limit, &found, err);
	if (!r && found.n)
		r = load_hosts(db, &found, f->silent_before_s, list, err);
	if (r < 0)
		return r;
	if (found.more && !(next = hosts_cursor_write(&o, &found.next)))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(list);
	*ret_next = take_ptr(next);
	return 0;
}
