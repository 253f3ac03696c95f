/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/window.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define MINUTES_A_DAY 1440
#define DAYS_AHEAD    8 /* a window once a week, missed just now */

int window_use_zone(const struct settings *s, struct oak_error *err)
{
	if (s->timezone && setenv("TZ", s->timezone, 1) < 0)
		return oak_fail_errno(err, errno, "TZ");
	tzset();
	return 0;
}

static bool is_that(const struct tm *tm, int64_t at, int minutes)
{
	time_t t = (time_t)at;
	struct tm got;

	return localtime_r(&t, &got) && got.tm_mday == tm->tm_mday &&
	       got.tm_hour * 60 + got.tm_min == minutes;
}

/*
 * The moment when clocks show @minutes of the day @days after @today. Where they show it twice,
 * the first or the last time; where they never do, what mktime() makes of it.
 */
static int64_t moment(const struct tm *today, int days, int minutes, bool last)
{
	struct tm plain = { .tm_year = today->tm_year, .tm_mon = today->tm_mon, .tm_isdst = -1 };
	int64_t best;

	plain.tm_mday = today->tm_mday + days + minutes / MINUTES_A_DAY;
	plain.tm_hour = minutes % MINUTES_A_DAY / 60;
	plain.tm_min = minutes % 60;
	best = (int64_t)mktime(&plain); /* also brings the day into its month */
	for (int dst = 0; dst <= 1; dst++) {
		struct tm tm = plain;
		int64_t at;

		tm.tm_hour = minutes % MINUTES_A_DAY / 60;
		tm.tm_min = minutes % 60;
		tm.tm_isdst = dst;
		at = (int64_t)mktime(&tm);
		if (at != -1 && is_that(&plain, at, minutes % MINUTES_A_DAY) &&
		    (last ? at > best : at < best))
			best = at;
	}
	return best;
}

/* Bit 0 of a window's days is Monday; tm_wday 0 is Sunday. */
static bool begins_on(const struct time_window *w, const struct tm *today, int days)
{
	return w->days >> ((today->tm_wday + 6 + days + 7) % 7) & 1;
}

static int64_t begin_of(const struct time_window *w, const struct tm *today, int days)
{
	return moment(today, days, w->from, false);
}

static int64_t end_of(const struct time_window *w, const struct tm *today, int days)
{
	return moment(today, days, w->to + (w->to <= w->from ? MINUTES_A_DAY : 0), true);
}

/* When the last of those that are open at @now_s closes; 0: none is open. */
static int64_t open_until(const struct time_window *v, size_t n, int64_t now_s)
{
	time_t t = (time_t)now_s;
	int64_t until = 0;
	struct tm today;

	if (!localtime_r(&t, &today))
		return 0;
	for (size_t i = 0; i < n; i++)
		for (int days = -1; days <= 0; days++) {
			int64_t end;

			if (!begins_on(&v[i], &today, days) || begin_of(&v[i], &today, days) > now_s)
				continue;
			end = end_of(&v[i], &today, days);
			if (end > now_s && end > until)
				until = end;
		}
	return until;
}

bool window_open(const struct time_window *v, size_t n, int64_t now_s)
{
	return n == 0 || open_until(v, n, now_s) != 0;
}

int64_t window_next(const struct time_window *v, size_t n, int64_t now_s)
{
	time_t t = (time_t)now_s;
	int64_t next = 0;
	struct tm today;

	if (!localtime_r(&t, &today))
		return 0;
	for (size_t i = 0; i < n; i++)
		for (int days = 0; days <= DAYS_AHEAD; days++) {
			int64_t begin;

			if (!begins_on(&v[i], &today, days))
				continue;
			begin = begin_of(&v[i], &today, days);
			if (begin > now_s && (next == 0 || begin < next))
				next = begin;
		}
	return next;
}

int64_t window_closes(const struct time_window *v, size_t n, int64_t now_s)
{
	int64_t until = open_until(v, n, now_s);

	/* Windows may touch: "Sat,Sun 00:00-24:00" closes when Sunday ends. */
	for (int i = 0; until && i < DAYS_AHEAD * SETTINGS_WINDOWS_MAX; i++) {
		int64_t more = open_until(v, n, until);

		if (more <= until)
			return until;
		until = more;
	}
	/* Windows without a gap never close. */
	return 0;
}
