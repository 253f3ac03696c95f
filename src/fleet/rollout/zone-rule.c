/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/rollout/zone-rule.h"

#include <errno.h>

#define DAY_S 86400

/* "CET" or "<+0330>". */
static int skip_name(const char **p)
{
	const char *s = *p, *begin = s;

	if (*s == '<') {
		while (*s && *s != '>')
			s++;
		if (*s != '>' || s - begin < 4)
			return -EINVAL;
		*p = s + 1;
		return 0;
	}
	while ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'))
		s++;
	*p = s;
	return s - begin < 3 ? -EINVAL : 0;
}

static int take_number(const char **p, uint32_t max, uint32_t *ret)
{
	const char *begin = *p;

	*ret = 0;
	for (; **p >= '0' && **p <= '9'; (*p)++) {
		*ret = *ret * 10 + (uint32_t)(**p - '0');
		if (*ret > max)
			return -EINVAL;
	}
	return *p == begin ? -EINVAL : 0;
}

/* "[+-]hh[:mm[:ss]]". */
static int take_time(const char **p, uint32_t max_hours, int32_t *ret)
{
	static const uint32_t unit[] = { 3600, 60, 1 };
	bool minus = **p == '-';
	int32_t s = 0;

	if (**p == '-' || **p == '+')
		(*p)++;
	for (int i = 0; i < 3; i++) {
		uint32_t n;

		if (i && **p != ':')
			break;
		*p += i > 0;
		if (take_number(p, i ? 59 : max_hours, &n) < 0)
			return -EINVAL;
		s += (int32_t)(n * unit[i]);
	}
	*ret = minus ? -s : s;
	return 0;
}

/* ",Mm.w.d[/time]" */
static int take_change(const char **p, struct zone_change *ret)
{
	uint32_t month, week, day;

	if ((*p)[0] != ',' || (*p)[1] != 'M')
		return -EINVAL;
	*p += 2;
	if (take_number(p, 12, &month) < 0 || !month || *(*p)++ != '.' ||
	    take_number(p, 5, &week) < 0 || !week || *(*p)++ != '.' || take_number(p, 6, &day) < 0)
		return -EINVAL;
	*ret = (struct zone_change){ (uint8_t)month, (uint8_t)week, (uint8_t)day, 7200 };
	if (**p != '/')
		return 0;
	(*p)++;
	return take_time(p, 167, &ret->at_s);
}

int zone_rule_parse(const char *text, struct zone_rule *ret)
{
	struct zone_rule r = { 0 };

	if (skip_name(&text) < 0 || take_time(&text, 24, &r.std_s) < 0)
		return -EINVAL;
	r.std_s = -r.std_s; /* POSIX counts westwards */
	if (*text) {
		r.has_dst = true;
		r.dst_s = -(r.std_s + 3600);
		if (skip_name(&text) < 0 || (*text != ',' && take_time(&text, 24, &r.dst_s) < 0) ||
		    take_change(&text, &r.to_dst) < 0 || take_change(&text, &r.to_std) < 0 || *text)
			return -EINVAL;
		r.dst_s = -r.dst_s;
	}
	*ret = r;
	return 0;
}

/* Days since the epoch of a day of the Gregorian calendar. Source: Hinnant, days_from_civil. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t year_of(int64_t days)
{
	int64_t year = 1970 + days / 366 - 1;

	while (days_of(year + 1, 1, 1) <= days)
		year++;
	return year;
}

/* Seconds of that year's change as the clock showed them before it. */
static int64_t local_change(const struct zone_change *c, int64_t year)
{
	int64_t first = days_of(year, c->month, 1);
	int64_t next = c->month == 12 ? days_of(year + 1, 1, 1) : days_of(year, c->month + 1u, 1);
	int64_t weekday = ((first + 4) % 7 + 7) % 7; /* day 0 was a Thursday; 0: Sunday */
	int64_t day = first + (c->day - weekday + 7) % 7 + INT64_C(7) * (c->week - 1);

	while (day >= next)
		day -= 7;
	return day * DAY_S + c->at_s;
}

int32_t zone_rule_offset(const struct zone_rule *r, int64_t at_s)
{
	/* No calendar of people goes further; and no sum below overflows. */
	const int64_t limit = (int64_t)DAY_S * 366 * 8000;
	int64_t year, to_dst, to_std;

	if (!r->has_dst || at_s < 0 || at_s > limit)
		return r->std_s;
	year = year_of((at_s + r->std_s) / DAY_S);
	to_dst = local_change(&r->to_dst, year) - r->std_s;
	to_std = local_change(&r->to_std, year) - r->dst_s;
	if (to_dst < to_std)
		return at_s >= to_dst && at_s < to_std ? r->dst_s : r->std_s;
	return at_s >= to_std && at_s < to_dst ? r->std_s : r->dst_s;
}
