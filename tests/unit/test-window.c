/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <time.h>

#include "agent/window.h"
#include "host/settings-value.h"
#include "trust/date.h"

static int64_t at(const char *date)
{
	int64_t s;

	EXPECT(date_parse(date, &s) == 0);
	return s;
}

static void use_zone(const char *zone)
{
	char text[64];
	struct settings s = { .timezone = text };
	struct oak_error err;

	(void)snprintf(text, sizeof(text), "%s", zone);
	EXPECT(window_use_zone(&s, &err) == 0);
}

/* 2026: clocks of Berlin go forward on 29 March, back on 25 October, at 01:00 UTC. */
TEST(window_is_open_and_begins)
{
	static const struct {
		const char *zone, *windows, *now;
		bool open;
		const char *next; /* NULL: never */
	} cases[] = {
		{ "UTC", "any", "2026-11-26T12:00:00Z", true, NULL },
		/* a Thursday */
		{ "UTC", "Thu 10:00-13:00", "2026-11-26T09:59:59Z", false, "2026-11-26T10:00:00Z" },
		{ "UTC", "Thu 10:00-13:00", "2026-11-26T10:00:00Z", true, "2026-12-03T10:00:00Z" },
		{ "UTC", "Thu 10:00-13:00", "2026-11-26T12:59:59Z", true, "2026-12-03T10:00:00Z" },
		{ "UTC", "Thu 10:00-13:00", "2026-11-26T13:00:00Z", false, "2026-12-03T10:00:00Z" },
		{ "UTC", "Thu 10:00-13:00", "2026-11-25T11:00:00Z", false, "2026-11-26T10:00:00Z" },
		/* over midnight: Friday's ends on Saturday; Thursday morning is Wednesday's */
		{ "UTC", "Mon-Fri 22:00-04:00", "2026-11-28T03:59:59Z", true,
		  "2026-11-30T22:00:00Z" },
		{ "UTC", "Mon-Fri 22:00-04:00", "2026-11-28T04:00:00Z", false,
		  "2026-11-30T22:00:00Z" },
		{ "UTC", "Mon-Fri 22:00-04:00", "2026-11-30T03:00:00Z", false,
		  "2026-11-30T22:00:00Z" },
		{ "UTC", "Mon-Fri 22:00-04:00", "2026-11-26T22:00:00Z", true,
		  "2026-11-27T22:00:00Z" },
		{ "UTC", "Thu 22:00-00:00", "2026-11-26T23:59:59Z", true, "2026-12-03T22:00:00Z" },
		{ "UTC", "Thu 22:00-00:00", "2026-11-27T00:00:00Z", false, "2026-12-03T22:00:00Z" },
		{ "UTC", "Sun 22:00-04:00", "2026-11-30T01:00:00Z", true, "2026-12-06T22:00:00Z" },
		{ "UTC", "Mon 10:00-11:00; Sat,Sun 00:00-24:00", "2026-11-26T12:00:00Z", false,
		  "2026-11-28T00:00:00Z" },
		{ "UTC", "Sat,Sun 00:00-24:00", "2026-11-29T23:59:59Z", true,
		  "2026-12-05T00:00:00Z" },
		{ "UTC", "Sat 00:00-24:00", "2026-12-31T23:00:00Z", false, "2027-01-02T00:00:00Z" },
		/* local time, and another day there than in UTC */
		{ "Europe/Berlin", "Thu 10:00-13:00", "2026-11-26T09:00:00Z", true,
		  "2026-12-03T09:00:00Z" },
		{ "Europe/Berlin", "Thu 10:00-13:00", "2026-07-23T07:59:59Z", false,
		  "2026-07-23T08:00:00Z" },
		{ "Pacific/Auckland", "Fri 00:00-02:00", "2026-11-26T11:30:00Z", true,
		  "2026-12-03T11:00:00Z" },
		/* the night that lacks 02:00-03:00 */
		{ "Europe/Berlin", "Sun 01:00-04:00", "2026-03-29T01:59:59Z", true,
		  "2026-04-04T23:00:00Z" },
		{ "Europe/Berlin", "Sun 01:00-04:00", "2026-03-29T02:00:00Z", false,
		  "2026-04-04T23:00:00Z" },
		{ "Europe/Berlin", "Sat 22:00-06:00", "2026-03-29T03:59:59Z", true,
		  "2026-04-04T20:00:00Z" },
		{ "Europe/Berlin", "Sat 22:00-06:00", "2026-03-29T04:00:00Z", false,
		  "2026-04-04T20:00:00Z" },
		/* the night that has 02:00-03:00 twice: the window begins the first time, ends the last */
		{ "Europe/Berlin", "Sun 02:30-05:00", "2026-10-25T00:29:59Z", false,
		  "2026-10-25T00:30:00Z" },
		{ "Europe/Berlin", "Sun 02:30-05:00", "2026-10-25T00:30:00Z", true,
		  "2026-11-01T01:30:00Z" },
		{ "Europe/Berlin", "Sun 01:00-02:30", "2026-10-25T01:29:59Z", true,
		  "2026-11-01T00:00:00Z" },
		{ "Europe/Berlin", "Sun 01:00-02:30", "2026-10-25T01:30:00Z", false,
		  "2026-11-01T00:00:00Z" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct time_window v[SETTINGS_WINDOWS_MAX] = { 0 };
		char name[160], next[DATE_TEXT_MAX] = "";
		int64_t now = at(cases[i].now), s;
		size_t n;

		(void)snprintf(name, sizeof(name), "%s %s %s", cases[i].zone, cases[i].windows,
			       cases[i].now);
		test_case = name;
		use_zone(cases[i].zone);
		EXPECT(windows_parse(cases[i].windows, v, sizeof(v) / sizeof(v[0]), &n) == 0);
		EXPECT(window_open(v, n, now) == cases[i].open);
		s = window_next(v, n, now);
		if (s)
			date_format(s, next);
		EXPECT_STR(next, cases[i].next ? cases[i].next : "");
	}
	test_case = NULL;
}

/* In the hour that there is not the window is moved by it, not lost. */
TEST(window_in_a_missing_hour_still_opens)
{
	struct time_window v[SETTINGS_WINDOWS_MAX] = { 0 };
	int64_t now = at("2026-03-28T12:00:00Z"), next;
	size_t n;

	use_zone("Europe/Berlin");
	EXPECT(windows_parse("Sun 02:10-02:50", v, sizeof(v) / sizeof(v[0]), &n) == 0);
	next = window_next(v, n, now);
	EXPECT(next > now && next < now + 86400 && window_open(v, n, next));
	EXPECT(window_closes(v, n, next) == next + 2400);
}

TEST(window_closes_once_none_is_open)
{
	static const struct {
		const char *windows, *now, *closes;
	} cases[] = {
		{ "any", "2026-11-26T12:00:00Z", "" },
		{ "Thu 10:00-13:00", "2026-11-26T12:00:00Z", "2026-11-26T13:00:00Z" },
		{ "Thu 10:00-13:00", "2026-11-26T13:00:00Z", "" },
		{ "Thu 10:00-13:00; Thu 12:00-14:00", "2026-11-26T12:00:00Z",
		  "2026-11-26T14:00:00Z" },
		{ "Sat,Sun 00:00-24:00", "2026-11-28T12:00:00Z", "2026-11-30T00:00:00Z" },
		{ "Mon-Sun 00:00-24:00", "2026-11-28T12:00:00Z", "" },
	};

	use_zone("UTC");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct time_window v[SETTINGS_WINDOWS_MAX] = { 0 };
		char text[DATE_TEXT_MAX] = "";
		int64_t s;
		size_t n;

		test_case = cases[i].windows;
		EXPECT(windows_parse(cases[i].windows, v, sizeof(v) / sizeof(v[0]), &n) == 0);
		s = window_closes(v, n, at(cases[i].now));
		if (s)
			date_format(s, text);
		EXPECT_STR(text, cases[i].closes);
	}
	test_case = NULL;
}
