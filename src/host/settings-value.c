/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/settings-value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/number.h"
#include "trust/date.h"
#include "trust/manifest.h"

#define MINUTES_A_DAY 1440
#define WORD_TEXT_MAX 32

static const struct unit {
	char letter;
	uint32_t seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
#define N_UNITS (sizeof(units) / sizeof(units[0]))

static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
#define N_DAYS (sizeof(days) / sizeof(days[0]))

/* A copy of @len bytes, so that each part of a text is a text. */
static int part(const char *text, size_t len, char ret[WORD_TEXT_MAX])
{
	if (len >= WORD_TEXT_MAX)
		return -EINVAL;
	memcpy(ret, text, len);
	ret[len] = '\0';
	return 0;
}

int duration_parse(const char *text, uint32_t *ret_s)
{
	size_t len = strlen(text);
	char digits[WORD_TEXT_MAX];
	uint32_t n;

	if (strcmp(text, "0") == 0) {
		*ret_s = 0;
		return 0;
	}
	if (len < 2 || part(text, len - 1, digits) < 0 || number_parse_u32(digits, &n) < 0)
		return -EINVAL;
	for (size_t i = 0; i < N_UNITS; i++)
		if (units[i].letter == text[len - 1])
			return __builtin_mul_overflow(n, units[i].seconds, ret_s) ? -EINVAL : 0;
	return -EINVAL;
}

void duration_format(uint32_t s, char ret[VALUE_TEXT_MAX])
{
	size_t i = s == 86400 ? 1 : 0; /* one day is "24h" to everybody */

	while (i + 1 < N_UNITS && (s == 0 || s % units[i].seconds != 0))
		i++;
	(void)snprintf(ret, VALUE_TEXT_MAX, "%u%c", s / units[i].seconds, units[i].letter);
}

int pin_parse(const char *text, struct settings_pin *ret)
{
	struct settings_pin pin = { 0 };
	char end[DATE_TEXT_MAX];

	if (number_parse_u32(text, &pin.level) == 0) {
		if (pin.level < 1 || pin.level > MANIFEST_LEVEL_MAX)
			return -EINVAL;
	} else if (strcmp(text, "none") != 0) {
		if (strlen(text) != strlen("2026-11-01"))
			return -EINVAL;
		(void)snprintf(end, sizeof(end), "%.10sT23:59:59Z", text);
		if (date_parse(end, &pin.until_s) < 0)
			return -EINVAL;
	}
	*ret = pin;
	return 0;
}

void pin_format(const struct settings_pin *pin, char ret[VALUE_TEXT_MAX])
{
	char date[DATE_TEXT_MAX];

	date_format(pin->until_s, date);
	if (pin->level)
		(void)snprintf(ret, VALUE_TEXT_MAX, "%u", pin->level);
	else
		(void)snprintf(ret, VALUE_TEXT_MAX, "%.10s", pin->until_s ? date : "none");
}

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
static int range_parse(const char *text, size_t len, uint8_t *days_ret)
{
	const char *dash = memchr(text, '-', len);
	size_t first, last;

	if (day_parse(text, dash ? (size_t)(dash - text) : len, &first) < 0)
		return -EINVAL;
	last = first;
	if (dash && day_parse(dash + 1, (size_t)(text + len - dash - 1), &last) < 0)
		return -EINVAL;
	for (size_t i = first;; i = (i + 1) % N_DAYS) {
		*days_ret |= (uint8_t)(1u << i);
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
	static const char form[] = "dd:dd";
	unsigned hour, minute;

	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return -EINVAL;
	hour = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
	minute = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
	if (minute > 59 || hour * 60 + minute > MINUTES_A_DAY)
		return -EINVAL;
	*ret = (uint16_t)(hour * 60 + minute);
	return 0;
}

static int window_parse(const char *text, size_t len, struct settings_window *ret)
{
	const char *blank = memchr(text, ' ', len);
	char hours[WORD_TEXT_MAX] = "";

	if (!blank || days_parse(text, (size_t)(blank - text), &ret->days) < 0)
		return -EINVAL;
	while (blank < text + len && *blank == ' ')
		blank++;
	if (part(blank, (size_t)(text + len - blank), hours) < 0 || strlen(hours) != 11 ||
	    hours[5] != '-' || clock_parse(hours, &ret->from) < 0 ||
	    clock_parse(hours + 6, &ret->to) < 0)
		return -EINVAL;
	return ret->from == MINUTES_A_DAY || ret->from == ret->to ? -EINVAL : 0;
}

int windows_parse(const char *text, struct settings_window *ret, size_t *ret_n)
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
		if (n == SETTINGS_WINDOWS_MAX || window_parse(text, len, &ret[n]) < 0)
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

int windows_format(const struct settings_window *v, size_t n, struct buf *ret)
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
