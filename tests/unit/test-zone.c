/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zones are compared with those of the C library, which has one a process. */
#include <ftw.h>
#include <time.h>

#include "base/words.h"
#include "fleet/rollout/zone.h"
#include "test.h"

static int64_t libc_offset(int64_t at_s)
{
	time_t t = (time_t)at_s;
	struct tm tm;

	return localtime_r(&t, &tm) ? tm.tm_gmtoff : INT64_MIN;
}

static void compare(const char *name)
{
	_cleanup_(zone_freep) struct zone *z = NULL;
	struct oak_error err = { .code = OAK_OK };

	test_case = name;
	EXPECT(zone_open(name, &z, &err) == 0);
	EXPECT(setenv("TZ", name, 1) == 0);
	tzset();
	/* To 2100: beyond 2037 the footer's rule counts. Steps that are no whole day. */
	for (int64_t at = 0; at < INT64_C(4102444800); at += 86400 * 3 + 3601)
		EXPECT(zone_offset(z, at) == libc_offset(at));
	/* Minute by minute around two changes of 2026 in Europe, one of America, and in 2060. */
	for (int64_t at = 1774746000 - 7200; at < 1774746000 + 7200; at += 60)
		EXPECT(zone_offset(z, at) == libc_offset(at));
	for (int64_t at = INT64_C(2844896400) - 90000; at < INT64_C(2844896400) + 90000; at += 300)
		EXPECT(zone_offset(z, at) == libc_offset(at));
}

TEST(offsets_are_those_of_the_library)
{
	static const char *const names[] = {
		"UTC",
		"Europe/Berlin",
		"America/New_York",
		"America/St_Johns",
		"Asia/Kolkata",
		"Australia/Lord_Howe",
		"Africa/Casablanca",
		"America/Nuuk",
		"Asia/Gaza",
		"Asia/Jerusalem",
		"Pacific/Chatham",
		"Pacific/Apia",
		"America/Sao_Paulo",
		"Europe/Dublin",
		"Antarctica/Troll",
		"Etc/GMT+12",
		"Asia/Tehran",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		compare(names[i]);
	(void)unsetenv("TZ");
	tzset();
}

static int opens(const char *path, _unused_ const struct stat *st, int type,
		 _unused_ struct FTW *ftw)
{
	static const char root[] = "/usr/share/zoneinfo/";
	_cleanup_(zone_freep) struct zone *z = NULL;
	struct oak_error err = { .code = OAK_OK };
	const char *name = path + strlen(root);

	if (type != FTW_F || name[0] < 'A' || name[0] > 'Z')
		return 0;
	test_case = path;
	EXPECT(zone_open(name, &z, &err) == 0);
	return 0;
}

TEST(every_zone_of_the_system_opens)
{
	EXPECT(nftw("/usr/share/zoneinfo/", opens, 8, FTW_PHYS) == 0);
}

TEST(names_that_are_none)
{
	static const char *const names[] = {
		"",       "/etc/passwd", "../UTC",     "Europe//Berlin", "Europe/",
		"Europe", "Mars/Phobos", "zone.tab x", "zone1970.tab"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct zone *z = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = names[i];
		EXPECT(zone_open(names[i], &z, &err) == -OAK_E_NOTFOUND);
		EXPECT_CONTAINS(err.msg, "is no time zone");
	}
}

static bool is_open(const char *windows, const char *zone, int64_t now_s)
{
	_cleanup_(zone_freep) struct zone *z = NULL;
	struct time_window v[8];
	struct oak_error err = { .code = OAK_OK };
	size_t n;

	EXPECT(windows_parse(windows, v, sizeof(v) / sizeof(v[0]), &n) == 0);
	EXPECT(zone_open(zone, &z, &err) == 0);
	return windows_open(v, n, now_s + zone_offset(z, now_s));
}

TEST(windows_are_of_the_clock_on_the_wall)
{
	static const struct {
		const char *name, *windows, *zone;
		int64_t now_s;
		bool want;
	} cases[] = {
		{ "any", "any", "UTC", 0, true },
		/* 2026-11-27 was a Friday. */
		{ "Friday 21:59", "Mon-Fri 22:00-04:00", "UTC", 1795816740, false },
		{ "Friday 22:00", "Mon-Fri 22:00-04:00", "UTC", 1795816800, true },
		{ "Saturday 03:59, Friday's", "Mon-Fri 22:00-04:00", "UTC", 1795838340, true },
		{ "Saturday 04:00", "Mon-Fri 22:00-04:00", "UTC", 1795838400, false },
		{ "Saturday 22:00", "Mon-Fri 22:00-04:00", "UTC", 1795903200, false },
		{ "Berlin, an hour before UTC", "Fri 22:00-23:00", "Europe/Berlin", 1795813200,
		  true },
		{ "Berlin, over", "Fri 22:00-23:00", "Europe/Berlin", 1795816800, false },
		{ "to midnight", "Fri 23:00-24:00", "UTC", 1795823999, true },
		{ "midnight", "Fri 23:00-24:00", "UTC", 1795824000, false },
		/* 2026-10-25: 03:00 becomes 02:00 in Berlin; 00:30 and 01:30 UTC are both 02:30. */
		{ "the hour twice, first", "Sun 02:15-02:45", "Europe/Berlin", 1792888200, true },
		{ "the hour twice, second", "Sun 02:15-02:45", "Europe/Berlin", 1792891800, true },
		{ "between", "Sun 02:15-02:45", "Europe/Berlin", 1792890000, false },
		/* 2026-03-29: 02:00 becomes 03:00. */
		{ "around the gap, before", "Sun 01:00-04:00", "Europe/Berlin", 1774745999, true },
		{ "around the gap, after", "Sun 01:00-04:00", "Europe/Berlin", 1774746000, true },
		{ "in the gap", "Sun 02:00-03:00", "Europe/Berlin", 1774746000, false },
		{ "second window", "Mon 00:00-01:00; Fri 12:00-13:00", "UTC", 1795780800, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].name;
		EXPECT(is_open(cases[i].windows, cases[i].zone, cases[i].now_s) == cases[i].want);
	}
}

TEST(durations_and_windows_that_are_none)
{
	static const char *const durations[] = { "",    "1",           "h",         "-1h", "1.5h",
						 "1 h", "4294967296s", "99999999d", "1w" };
	static const char *const windows[] = {
		"",
		"Mon",
		"Mon 1:00-2:00",
		"Mon 10:00-10:00",
		"Mon 24:00-01:00",
		"Mon 10:60-11:00",
		"Mon 10:00-25:00",
		"mon 10:00-11:00",
		"Mon-Fry 10:00-11:00",
		"Mon 10:00-11:00;",
		"Mon,,Tue 10:00-11:00",
		"Mon 10:00-11:00x",
	};
	struct time_window v[8];
	uint32_t s;
	size_t n;

	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		test_case = durations[i];
		EXPECT(duration_parse(durations[i], &s) < 0);
	}
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		test_case = windows[i];
		EXPECT(windows_parse(windows[i], v, sizeof(v) / sizeof(v[0]), &n) < 0);
	}
}
