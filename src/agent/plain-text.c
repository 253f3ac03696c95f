/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/plain-text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trust/date.h"

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int plain_line(struct buf *b, const char *text)
{
	bool gap = false, begun = false;
	int r = 0;

	for (; *text && r == 0; text++) {
		bool plain = *text >= ' ' && *text < 0x7f;

		if (is_blank(*text)) {
			gap = begun;
			continue;
		}
		if (gap)
			r = buf_add(b, " ", 1);
		if (r == 0)
			r = buf_add(b, plain ? text : "?", 1);
		gap = false;
		begun = true;
	}
	return r;
}

void plain_time(int64_t s, char ret[PLAIN_TIME_MAX])
{
	char date[DATE_TEXT_MAX];

	date_format(s, date);
	(void)snprintf(ret, PLAIN_TIME_MAX, "%.10s %.5s UTC", date, date + 11);
}

void plain_span(int64_t s, char ret[PLAIN_SPAN_MAX])
{
	static const struct {
		int64_t from, seconds;
		const char *name;
	} units[] = {
		{ 2 * DAY, DAY, "day" },
		{ HOUR, HOUR, "hour" },
		{ MINUTE, MINUTE, "minute" },
		{ 0, 1, "second" },
	};
	uint64_t span = s < 0 ? 0 - (uint64_t)s : (uint64_t)s, n;
	size_t i = 0;

	while (span < (uint64_t)units[i].from)
		i++;
	n = span / (uint64_t)units[i].seconds;
	(void)snprintf(ret, PLAIN_SPAN_MAX, "%llu %s%s", (unsigned long long)n, units[i].name,
		       n == 1 ? "" : "s");
}

int plain_when(struct buf *b, int64_t s, int64_t now_s)
{
	char time[PLAIN_TIME_MAX], span[PLAIN_SPAN_MAX];

	plain_time(s, time);
	plain_span(s > now_s ? s - now_s : now_s - s, span);
	return buf_printf(b, "%s (%s%s%s)", time, s > now_s ? "in " : "", span,
			  s > now_s ? "" : " ago");
}

int plain_list(struct buf *b, char *const *list, size_t n, size_t show)
{
	int r = 0;

	for (size_t i = 0; i < n && i < show && r == 0; i++) {
		if (i)
			r = buf_add_str(b, ", ");
		if (r == 0)
			r = plain_line(b, list[i]);
	}
	if (r == 0 && n > show)
		r = buf_printf(b, " and %zu more", n - show);
	return r;
}
