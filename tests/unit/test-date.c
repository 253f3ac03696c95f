/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <errno.h>

#include "trust/date.h"

TEST(date_reads_and_writes)
{
	static const struct {
		const char *text;
		int64_t s; /* as "date -u -d ... +%s" says */
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1999-12-31T23:59:59Z", 946684799 },
		{ "2000-02-29T12:00:00Z", 951825600 },
		{ "2024-02-29T00:00:00Z", 1709164800 },
		{ "2026-01-01T00:00:00Z", 1767225600 },
		{ "2100-03-01T00:00:00Z", 4107542400 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[DATE_TEXT_MAX];
		int64_t s = -1;

		test_case = cases[i].text;
		EXPECT(date_parse(cases[i].text, &s) == 0);
		EXPECT(s == cases[i].s);
		date_format(s, text);
		EXPECT_STR(text, cases[i].text);
	}
}

/* Every day of four centuries, against itself and the day before. */
TEST(date_is_continuous)
{
	for (int64_t day = 0; day < 146097; day++) {
		char text[DATE_TEXT_MAX];
		int64_t s = -1;

		date_format(day * 86400, text);
		EXPECT(date_parse(text, &s) == 0 && s == day * 86400);
	}
}

TEST(date_refuses)
{
	static const char *const cases[] = {
		"",
		"2026-01-01",
		"2026-01-01T00:00:00",
		"2026-01-01T00:00:00+00:00",
		"2026-01-01 00:00:00Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-01-00T00:00:00Z",
		"2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z",
		"2026-01-01T00:00:60Z",
		"1969-12-31T23:59:59Z",
		"202a-01-01T00:00:00Z",
		"2026-01-01T00:00:00Z ",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t s;

		test_case = cases[i];
		EXPECT(date_parse(cases[i], &s) == -EINVAL);
	}
}

TEST(date_format_clamps)
{
	char text[DATE_TEXT_MAX];

	date_format(-1, text);
	EXPECT_STR(text, "1970-01-01T00:00:00Z");
	date_format(INT64_MAX, text);
	EXPECT_STR(text, "9999-12-31T23:59:59Z");
}
