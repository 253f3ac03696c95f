/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/overview-facets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/page.h"
#include "fleet/web/view.h"

#define NEWS 10
#define ROWS 8 /* of a facet; what is beyond is told by number */

/* How the values of a facet are put in order. */
enum order {
	BY_COUNT,  /* the most first */
	BY_NUMBER, /* levels: the newest first */
	AS_GIVEN,  /* bands of time: the server's own order */
};

static const struct facet {
	const char *name, *title, *filter;
	enum order order;
} facets[] = {
	{ "verdict", "Verdicts", "verdict", BY_COUNT }, { "level", "Levels", "level", BY_NUMBER },
	{ "release", "Kernels", "release", BY_COUNT },  { "ring", "Rings", "ring", BY_COUNT },
	{ "uptime", "Uptime", "uptime", AS_GIVEN },     { "state", "States", "state", BY_COUNT },
};

struct row {
	const char *value;
	int64_t count;
};

static int most_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->value, y->value);
}

/* Decimal numbers without leading zeros: the longer one is the larger. */
static int newest_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	size_t n = strlen(x->value), m = strlen(y->value);

	if (n != m)
		return n < m ? 1 : -1;
	return strcmp(y->value, x->value);
}

static json_t *name_of(const struct facet *f, const char *value)
{
	if (strcmp(f->name, "level") != 0)
		return json_string(value);
	return strcmp(value, "0") == 0 ? json_string("none") : json_sprintf("Level %s", value);
}

static json_t *row_view(const struct facet *f, const struct row *r, int64_t sum)
{
	bool plain = strcmp(f->name, "verdict") != 0 && strcmp(f->name, "state") != 0;

	return json_pack("{s:o, s:o, s:I, s:o, s:s}", "name", name_of(f, r->value), "count",
			 view_count(r->count), "share", (json_int_t)(r->count * 1000 / sum), "href",
			 view_query("/hosts", f->filter, r->value), "tone",
			 plain ? "busy" : view_tone(r->value));
}

static size_t read_rows(const json_t *by, struct row **ret, int64_t *ret_sum)
{
	struct row *rows = calloc(json_object_size(by) + 1, sizeof(*rows));
	const json_t *count;
	const char *value;
	size_t n = 0;

	json_object_foreach((json_t *)(uintptr_t)by, value, count)
	{
		if (!rows || json_integer_value(count) <= 0 || !value[0])
			continue;
		rows[n++] = (struct row){ value, json_integer_value(count) };
		*ret_sum += json_integer_value(count);
	}
	*ret = rows;
	return n;
}

static json_t *facet_view(const struct facet *f, const json_t *by)
{
	_cleanup_(freep) struct row *rows = NULL;
	int64_t sum = 0;
	size_t n = read_rows(by, &rows, &sum);
	json_t *list = json_array();
	char more[WEB_TEXT];

	if (!rows)
		return NULL;
	if (f->order != AS_GIVEN)
		qsort(rows, n, sizeof(*rows), f->order == BY_COUNT ? most_first : newest_first);
	for (size_t i = 0; i < n && i < ROWS; i++)
		if (json_array_append_new(list, row_view(f, &rows[i], sum)) < 0)
			return NULL;
	(void)snprintf(more, sizeof(more), "%zu more", n > ROWS ? n - ROWS : 0);
	return json_pack("{s:s, s:s, s:o, s:s}", "id", f->name, "title", f->title, "rows", list,
			 "more", n > ROWS ? more : "");
}

json_t *overview_facets(const json_t *hosts)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	const json_t *by = json_object_get(hosts, "by");

	for (size_t i = 0; i < sizeof(facets) / sizeof(facets[0]); i++) {
		const json_t *values = json_object_get(by, facets[i].name);

		if (json_object_size(values) &&
		    json_array_append_new(list, facet_view(&facets[i], values)) < 0)
			return NULL;
	}
	return take_ptr(list);
}

/* Where an event's subject is looked at. */
static json_t *place_of(const char *type, const char *subject)
{
	if (strncmp(type, "host.", 5) == 0)
		return view_path("/hosts", subject);
	if (strncmp(type, "rollout.", 8) == 0)
		return view_path("/rollouts", subject);
	return json_string("");
}

/* "host.cloned" is "Host cloned". */
static json_t *type_text(const char *type)
{
	char text[WEB_TEXT];

	(void)snprintf(text, sizeof(text), "%s", type);
	for (char *s = text; *s; s++)
		if (*s == '.' || *s == '-')
			*s = ' ';
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	return json_string(text);
}

static json_t *news_view(const json_t *event, int64_t now_s)
{
	const char *type = view_str(event, "type"), *subject = view_str(event, "subject");
	const char *name = view_str(json_object_get(event, "data"), "name");

	return json_pack("{s:o, s:o, s:o, s:s, s:o}", "at", view_time(view_int(event, "at")), "ago",
			 view_ago(view_int(event, "at"), now_s), "what", type_text(type), "name",
			 *name ? name : subject, "href", place_of(type, subject));
}

json_t *overview_news(const json_t *events, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *list = json_array();

	for (size_t i = json_array_size(events); i > 0 && json_array_size(list) < NEWS; i--) {
		const json_t *event = json_array_get(events, i - 1);

		if (!strcmp(view_str(event, "type"), "decision.published"))
			continue;
		if (json_array_append_new(list, news_view(event, now_s)) < 0)
			return NULL;
	}
	return take_ptr(list);
}
