/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/date.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SECONDS_A_DAY 86400
#define LAST_SECOND   253402300799ll /* 9999-12-31T23:59:59Z */

/* Days from 1970-01-01 of a day of the Gregorian calendar: years begin in March, so that the
 * leap day is the last of its year and months have a closed form. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = y / 400, year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era = z / 146097, day_of_era = z - era * 146097;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t m = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2 ? 1 : 0));
}

static bool leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int number(const char *text, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++)
		n = n * 10 + (text[i] - '0');
	return n;
}

int date_parse(const char *text, int64_t *ret_s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	static const int month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day, hour, minute, second;

	if (strlen(text) != sizeof(form) - 1)
		return -EINVAL;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return -EINVAL;
	year = number(text, 4);
	month = number(text + 5, 2);
	day = number(text + 8, 2);
	hour = number(text + 11, 2);
	minute = number(text + 14, 2);
	second = number(text + 17, 2);
	if (year < 1970 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 ||
	    second > 59)
		return -EINVAL;
	if (day > month_days[month - 1] + (month == 2 && leap(year) ? 1 : 0))
		return -EINVAL;
	*ret_s = days_from_civil(year, month, day) * SECONDS_A_DAY + (int64_t)hour * 3600 +
		 (int64_t)minute * 60 + second;
	return 0;
}

void date_format(int64_t s, char ret[DATE_TEXT_MAX])
{
	int year, month, day, rest;

	if (s < 0)
		s = 0;
	if (s > LAST_SECOND)
		s = LAST_SECOND;
	civil_from_days(s / SECONDS_A_DAY, &year, &month, &day);
	rest = (int)(s % SECONDS_A_DAY);
	(void)snprintf(ret, DATE_TEXT_MAX, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000,
		       (unsigned)month % 100, (unsigned)day % 100, (unsigned)rest / 3600 % 100,
		       (unsigned)rest / 60 % 60, (unsigned)rest % 60);
}
