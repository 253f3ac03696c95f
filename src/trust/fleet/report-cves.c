/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/fleet/report-cves.h"

#include <string.h>

#include "base/json.h"
#include "trust/fleet/members.h"

#define WORST_MAX  10
#define COUNT_MAX  1000000
#define NUMBER_MAX 99999999

static const char *const severities[REPORT_SEVERITIES] = { "unknown", "low", "medium", "high",
							   "critical" };
static const char *const reaches[REPORT_REACHES] = { NULL, "withheld", "exposed" };

const char *report_severity_name(enum report_severity s)
{
	return severities[s < REPORT_SEVERITIES ? s : REPORT_SEVERITY_UNKNOWN];
}

enum report_severity report_severity_parse(const char *name)
{
	for (size_t i = 0; name && i < REPORT_SEVERITIES; i++)
		if (strcmp(severities[i], name) == 0)
			return (enum report_severity)i;
	return REPORT_SEVERITY_UNKNOWN;
}

const char *report_reach_name(enum report_reach r)
{
	return reaches[r < REPORT_REACHES ? r : REPORT_REACH_UNKNOWN];
}

static enum report_reach reach_parse(const char *name)
{
	for (size_t i = 1; name && i < REPORT_REACHES; i++)
		if (strcmp(reaches[i], name) == 0)
			return (enum report_reach)i;
	return REPORT_REACH_UNKNOWN;
}

/* "2026" */
static bool is_year(const char *text)
{
	return strlen(text) == 4 && strspn(text, "0123456789") == 4;
}

static int check_numbers(const json_t *numbers, size_t *total, struct oak_error *err)
{
	const json_t *n;
	size_t i;

	if (!json_is_array(numbers))
		return oak_fail(err, OAK_E_FORMAT, "all: not a list of numbers");
	*total += json_array_size(numbers);
	if (*total > REPORT_CVES_MAX)
		return oak_fail(err, OAK_E_FORMAT, "all: more than %d", REPORT_CVES_MAX);
	json_array_foreach(numbers, i, n)
	{
		if (!json_is_integer(n) || json_integer_value(n) < 1 ||
		    json_integer_value(n) > NUMBER_MAX)
			return oak_fail(err, OAK_E_FORMAT, "all: not a list of numbers");
	}
	return 0;
}

/* Severities that are not known are not looked into: a newer agent may have more. */
static int check_all(const json_t *cves, bool *ret_all, struct oak_error *err)
{
	const json_t *all = NULL;
	size_t total = 0;
	int r = member_object(cves, "all", &all, err);

	for (size_t s = 0; s < REPORT_SEVERITIES && r == 0 && all; s++) {
		const json_t *years = NULL;
		const char *year;
		json_t *numbers;

		r = member_object(all, severities[s], &years, err);
		json_object_foreach((json_t *)(uintptr_t)years, year, numbers)
		{
			if (r == 0 && !is_year(year))
				r = oak_fail(err, OAK_E_FORMAT, "all: not a year");
			if (r == 0)
				r = check_numbers(numbers, &total, err);
		}
	}
	*ret_all = all != NULL;
	return r;
}

/* What an agent says that does not count them: its worst, and the rest of it is unknown. */
static void guess_counts(const json_t *cves, struct report *ret)
{
	const json_t *worst = json_object_get(cves, "worst");
	uint32_t known = 0;

	for (size_t i = 0; i < json_array_size(worst) && (int32_t)known < ret->cves_open; i++) {
		enum report_severity s =
			report_severity_parse(json_get_str(json_array_get(worst, i), "severity"));

		ret->cves_by[s]++;
		known++;
	}
	ret->cves_by[REPORT_SEVERITY_UNKNOWN] += (uint32_t)ret->cves_open - known;
}

static int parse_counts(const json_t *cves, struct report *ret, struct oak_error *err)
{
	const json_t *counts = NULL;
	int r = member_object(cves, "severity", &counts, err);

	for (size_t i = 0; i < REPORT_SEVERITIES && r == 0 && counts; i++) {
		uint64_t n = 0;

		r = member_number(counts, severities[i], COUNT_MAX, 0, &n, err);
		ret->cves_by[i] = (uint32_t)n;
	}
	if (r == 0 && !counts && ret->cves_open > 0)
		guess_counts(cves, ret);
	return r;
}

int report_cves_parse(const json_t *root, struct report *ret, struct oak_error *err)
{
	const json_t *cves = NULL;
	int r = member_object(root, "cves", &cves, err);

	if (r < 0 || !cves)
		return r;
	r = check_all(cves, &ret->cves_all, err);
	if (r == 0)
		r = parse_counts(cves, ret, err);
	return r < 0 ? oak_context(err, "cves") : 0;
}

struct teller {
	int (*each)(void *ctx, const struct report_cve *cve, struct oak_error *err);
	void *ctx;
};

static int tell_year(const struct teller *t, enum report_severity severity, const char *year,
		     const json_t *numbers, struct oak_error *err)
{
	const json_t *n;
	size_t i;
	int r = 0;

	json_array_foreach(numbers, i, n)
	{
		struct report_cve cve = { .severity = severity, .reach = REPORT_REACH_UNKNOWN };

		(void)snprintf(cve.id, sizeof(cve.id), "CVE-%.4s-%04" JSON_INTEGER_FORMAT, year,
			       json_integer_value(n));
		r = t->each(t->ctx, &cve, err);
		if (r != 0)
			break;
	}
	return r;
}

static int tell_worst(const struct teller *t, const json_t *cves, struct oak_error *err)
{
	const json_t *worst = json_object_get(cves, "worst");
	int r = 0;

	for (size_t i = 0; i < json_array_size(worst) && i < WORST_MAX && r == 0; i++) {
		const json_t *one = json_array_get(worst, i);
		const char *id = json_get_str(one, "id");
		struct report_cve cve = {
			.severity = report_severity_parse(json_get_str(one, "severity")),
			.reach = reach_parse(json_get_str(one, "reach")),
		};

		if (!id || strlen(id) >= sizeof(cve.id))
			continue;
		(void)snprintf(cve.id, sizeof(cve.id), "%s", id);
		r = t->each(t->ctx, &cve, err);
	}
	return r;
}

int report_cves_each(const struct report *r,
		     int (*each)(void *ctx, const struct report_cve *cve, struct oak_error *err),
		     void *ctx, struct oak_error *err)
{
	const struct teller t = { each, ctx };
	const json_t *cves = json_object_get(r->json, "cves"), *all = json_object_get(cves, "all");
	int ret = 0;

	for (size_t s = REPORT_SEVERITIES; s-- > 0 && ret == 0;) {
		json_t *years = json_object_get(all, severities[s]), *numbers;
		const char *year;

		json_object_foreach(years, year, numbers)
		{
			if (ret == 0)
				ret = tell_year(&t, (enum report_severity)s, year, numbers, err);
		}
	}
	return ret ? ret : tell_worst(&t, cves, err);
}
