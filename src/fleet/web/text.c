/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times, numbers and states for people. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fleet/web/page.h"

static const struct {
	int64_t seconds;
	const char *name;
} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };

#define UNITS (sizeof(units) / sizeof(units[0]))

static size_t unit_of(int64_t seconds)
{
	size_t u = 0;

	while (u < UNITS - 1 && seconds < units[u].seconds)
		u++;
	return u;
}

/* Weeks and years are counted in days: those can be compared. */
char *web_ago(int64_t at_s, int64_t now_s, char buf[WEB_TEXT])
{
	int64_t past = now_s - at_s, span = past < 0 ? -past : past;
	size_t u = unit_of(span);

	if (!at_s)
		(void)snprintf(buf, WEB_TEXT, "never");
	else if (span < 5)
		(void)snprintf(buf, WEB_TEXT, "now");
	else
		(void)snprintf(buf, WEB_TEXT, "%s%lld %s%s", past < 0 ? "in " : "",
			       (long long)(span / units[u].seconds), units[u].name,
			       past < 0 ? "" : " ago");
	return buf;
}

char *web_time(int64_t at_s, char buf[WEB_TEXT])
{
	time_t t = (time_t)at_s;
	struct tm tm;

	if (!at_s || !gmtime_r(&t, &tm) || !strftime(buf, WEB_TEXT, "%Y-%m-%d %H:%M UTC", &tm))
		(void)snprintf(buf, WEB_TEXT, "never");
	return buf;
}

/* Two units: more is noise. */
char *web_span(int64_t seconds, char buf[WEB_TEXT])
{
	size_t u = unit_of(seconds);
	int64_t first = seconds / units[u].seconds, rest = seconds % units[u].seconds;
	int64_t second = u < UNITS - 1 ? rest / units[u + 1].seconds : 0;

	if (second > 0)
		(void)snprintf(buf, WEB_TEXT, "%lld %s %lld %s", (long long)first, units[u].name,
			       (long long)second, units[u + 1].name);
	else
		(void)snprintf(buf, WEB_TEXT, "%lld %s", (long long)first, units[u].name);
	return buf;
}

char *web_count(int64_t n, char buf[WEB_TEXT])
{
	char digits[24];
	size_t len, out = 0;

	(void)snprintf(digits, sizeof(digits), "%lld", (long long)(n < 0 ? -n : n));
	len = strlen(digits);
	if (n < 0)
		buf[out++] = '-';
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf[out++] = ',';
		buf[out++] = digits[i];
	}
	buf[out] = '\0';
	return buf;
}

json_t *web_badge(const char *tone, const char *word)
{
	return json_pack("{s:s, s:s}", "tone", tone, "word", word);
}
