/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CVEs: 600 of them; each is fixed for a kernel by one of its levels, or by none yet. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "seed.h"

#define CVES   600
#define SORTS  5 /* of severity; the last: unknown */
#define LEVELS 9

static const char *const severities[SORTS] = { "critical", "high", "medium", "low", "unknown" };

static unsigned severity_of(unsigned i)
{
	static const unsigned upto[] = { 3, 22, 70, 94, 100 };
	unsigned dice = seed_random(i, 300) % 100, s = 0;

	while (dice >= upto[s])
		s++;
	return s;
}

static unsigned year_of(unsigned i)
{
	return 2024 + i / 220;
}

static unsigned number_of(unsigned i)
{
	return 20001 + 31 * i;
}

/* The first level that has the fix; 0: the kernel never had the defect. Few critical ones stay open. */
static unsigned fixed_by(unsigned kernel, unsigned i)
{
	unsigned dice = seed_random(i, 310 + kernel) % 100, newest = seed_kernels[kernel].newest;

	if (dice < 35)
		return 0;
	if (dice < (severity_of(i) < 2 ? 36U : 42U))
		return LEVELS + 1;
	return 1 + seed_random(i, 320 + kernel) % newest;
}

static bool is_open(unsigned kernel, unsigned level, unsigned role, unsigned i)
{
	unsigned by = fixed_by(kernel, i);

	/* Some code is loaded only where a role wants it. */
	return by > level && (i % 50 != 0 || role == i / 50 % 6);
}

json_t *seed_fixes(unsigned kernel, unsigned level)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < CVES; i++) {
		char id[32];

		if (fixed_by(kernel, i) != level)
			continue;
		(void)snprintf(id, sizeof(id), "CVE-%u-%u", year_of(i), number_of(i));
		(void)json_array_append_new(list, json_string(id));
	}
	return list;
}

static json_t *worst_one(const struct seed *s, unsigned i)
{
	char id[32];

	(void)snprintf(id, sizeof(id), "CVE-%u-%u", year_of(i), number_of(i));
	return json_pack("{s:s, s:s, s:s}", "id", seed_text(s, i + 1, id), "severity",
			 severities[severity_of(i)], "reach",
			 i % 6 ? "exposed" : seed_text(s, i, "withheld"));
}

static json_t *year_in(json_t *years, unsigned i)
{
	char year[8];
	json_t *list;

	(void)snprintf(year, sizeof(year), "%u", year_of(i));
	list = json_object_get(years, year);
	if (!list) {
		list = json_array();
		(void)json_object_set_new(years, year, list);
	}
	return list;
}

json_t *seed_cves(const struct seed *s, unsigned kernel, unsigned level, unsigned role, bool all)
{
	json_t *worst = json_array(), *ids = json_object(), *counts = json_object(), *cves;
	int open = 0;

	for (unsigned sort = 0; sort < SORTS; sort++) {
		json_t *years = json_object();
		int n = 0;

		for (unsigned i = 0; i < CVES; i++) {
			if (severity_of(i) != sort || !is_open(kernel, level, role, i))
				continue;
			n++;
			(void)json_array_append_new(year_in(years, i),
						    json_integer((json_int_t)number_of(i)));
			if (json_array_size(worst) < 10)
				(void)json_array_append_new(worst, worst_one(s, i));
		}
		open += n;
		(void)json_object_set_new(counts, severities[sort], json_integer(n));
		(void)json_object_set_new(ids, severities[sort], years);
	}
	cves = json_pack("{s:I, s:i, s:i, s:o, s:o}", "as_of", (json_int_t)(s->now_s - 40000),
			 "open", open, "closed", 12 * (int)level, "worst", worst, "severity",
			 counts);
	if (all)
		(void)json_object_set(cves, "all", ids);
	json_decref(ids);
	return cves;
}
