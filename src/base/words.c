/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DAY_MINUTES 1440
#define N_DAYS      7

static const struct {
	char letter;
	uint32_t seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

#define N_UNITS (sizeof(units) / sizeof(units[0]))

static const char *const days[N_DAYS] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

/* Digits up to @end, at least one. */
static int number(const char *text, const char *end, uint32_t *ret)
{
	uint32_t n = 0;

	if (text == end)
		return -EINVAL;
	for (; text < end; text++)
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(n, 10u, &n) ||
		    __builtin_add_overflow(n, (uint32_t)(*text - '0'), &n))
			return -EINVAL;
	*ret = n;
	return 0;
}

int duration_parse(const char *text, uint32_t *ret_s)
{
	size_t len = strlen(text);
	uint32_t n;

	if (strcmp(text, "0") == 0) {
		*ret_s = 0;
		return 0;
	}
	if (len < 2 || number(text, text + len - 1, &n) < 0)
		return -EINVAL;
	for (size_t i = 0; i < N_UNITS; i++)
		if (units[i].letter == text[len - 1])
			return __builtin_mul_overflow(n, units[i].seconds, ret_s) ? -EINVAL : 0;
	return -EINVAL;
}

void duration_format(uint32_t s, char ret[DURATION_TEXT_MAX])
{
	size_t i = s == 86400 ? 1 : 0; /* one day is "24h" to everybody */

	while (i + 1 < N_UNITS && (s == 0 || s % units[i].seconds != 0))
		i++;
	(void)snprintf(ret, DURATION_TEXT_MAX, "%u%c", s / units[i].seconds, units[i].letter);
}

/* --- windows */

static int day_parse(const char *text, size_t len, size_t *ret)
{
	for (size_t i = 0; i < N_DAYS; i++)
		if (strlen(days[i]) == len && strncmp(days[i], text, len) == 0) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

/* "Mon" or "Fri-Mon": a week has no end. */
static int range_parse(const char *text, size_t len, uint8_t *ret)
{
	const char *dash = memchr(text, '-', len);
	size_t first, last;

	if (day_parse(text, dash ? (size_t)(dash - text) : len, &first) < 0)
		return -EINVAL;
	last = first;
	if (dash && day_parse(dash + 1, (size_t)(text + len - dash - 1), &last) < 0)
		return -EINVAL;
	for (size_t i = first;; i = (i + 1) % N_DAYS) {
		*ret |= (uint8_t)(1u << i);
		if (i == last)
			return 0;
	}
}

static int days_parse(const char *text, size_t len, uint8_t *ret)
{
	const char *end = text + len;

	*ret = 0;
	for (;;) {
		const char *comma = memchr(text, ',', (size_t)(end - text));
		const char *stop = comma ? comma : end;

		if (range_parse(text, (size_t)(stop - text), ret) < 0)
			return -EINVAL;
		if (!comma)
			return 0;
		text = comma + 1;
	}
}

/* "hh:mm" to 24:00. */
static int clock_parse(const char *text, uint16_t *ret)
{
	uint32_t hour, minute;

	if (text[2] != ':' || number(text, text + 2, &hour) < 0 ||
	    number(text + 3, text + 5, &minute) < 0 || minute > 59 ||
	    hour * 60 + minute > DAY_MINUTES)
		return -EINVAL;
	*ret = (uint16_t)(hour * 60 + minute);
	return 0;
}

static int window_parse(const char *text, size_t len, struct time_window *ret)
{
	const char *end = text + len, *blank = memchr(text, ' ', len);

	if (!blank || days_parse(text, (size_t)(blank - text), &ret->days) < 0)
		return -EINVAL;
	while (blank < end && *blank == ' ')
		blank++;
	if (end - blank != 11 || blank[5] != '-' || clock_parse(blank, &ret->from) < 0 ||
	    clock_parse(blank + 6, &ret->to) < 0)
		return -EINVAL;
	return ret->from == DAY_MINUTES || ret->from == ret->to ? -EINVAL : 0;
}

int windows_parse(const char *text, struct time_window *ret, size_t max, size_t *ret_n)
{
	size_t n = 0;

	if (strcmp(text, "any") == 0) {
		*ret_n = 0;
		return 0;
	}
	for (;;) {
		size_t len = strcspn(text, ";");
		const char *next = text + len;

		while (len && text[len - 1] == ' ')
			len--;
		if (n == max || window_parse(text, len, &ret[n]) < 0)
			return -EINVAL;
		n++;
		if (!*next)
			break;
		text = next + 1 + strspn(next + 1, " ");
	}
	*ret_n = n;
	return 0;
}

static int days_format(uint8_t set, struct buf *ret)
{
	const char *between = "";
	int r = 0;

	for (size_t i = 0; i < N_DAYS; i++) {
		size_t last = i;

		if (!(set >> i & 1))
			continue;
		while (last + 1 < N_DAYS && set >> (last + 1) & 1)
			last++;
		r |= buf_printf(ret, "%s%s", between, days[i]);
		if (last > i)
			r |= buf_printf(ret, "%s%s", last > i + 1 ? "-" : ",", days[last]);
		between = ",";
		i = last;
	}
	return r;
}

int windows_format(const struct time_window *v, size_t n, struct buf *ret)
{
	int r = n ? 0 : buf_printf(ret, "any");

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = buf_printf(ret, "%s", i ? "; " : "");
		if (r == 0)
			r = days_format(v[i].days, ret);
		if (r == 0)
			r = buf_printf(ret, " %02u:%02u-%02u:%02u", v[i].from / 60u,
				       v[i].from % 60u, v[i].to / 60u, v[i].to % 60u);
	}
	return r;
}

static bool begins_on(const struct time_window *w, int64_t day)
{
	/* 1970-01-01, day 0, was a Thursday. */
	return w->days >> (((day + 3) % N_DAYS + N_DAYS) % N_DAYS) & 1;
}

bool windows_open(const struct time_window *v, size_t n, int64_t local_s)
{
	int64_t minutes = local_s / 60 - (local_s % 60 < 0);
	int64_t day = minutes / DAY_MINUTES - (minutes % DAY_MINUTES < 0);
	int64_t at = minutes - day * DAY_MINUTES;

	for (size_t i = 0; i < n; i++) {
		const struct time_window *w = &v[i];
		bool over = w->to <= w->from;

		if (begins_on(w, day) && at >= w->from && (over || at < w->to))
			return true;
		if (over && begins_on(w, day - 1) && at < w->to)
			return true;
	}
	return n == 0;
}
