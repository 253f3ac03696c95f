/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Success means complete: ids have their form, texts for people are one line, counts are in range. */
#include "fuzz.h"

#include <string.h>

#include "trust/fleet/report-cves.h"

static void check_line(const char *text, size_t size)
{
	FUZZ_CHECK(strlen(text) < size);
	for (; *text; text++)
		FUZZ_CHECK((unsigned char)*text >= ' ' && *text != 0x7f);
}

static int check_cve(void *ctx, const struct report_cve *cve, struct oak_error *err)
{
	size_t *n = ctx;

	(void)err;
	FUZZ_CHECK(strlen(cve->id) < sizeof(cve->id));
	FUZZ_CHECK(cve->severity < REPORT_SEVERITIES && cve->reach < REPORT_REACHES);
	++*n;
	return 0;
}

static void check_more(const struct report *r)
{
	size_t n = 0;

	FUZZ_CHECK(report_cves_each(r, check_cve, &n, NULL) == 0);
	FUZZ_CHECK(n <= REPORT_CVES_MAX + 10);
	FUZZ_CHECK(r->uptime_s >= 0 && strlen(r->reboot) < sizeof(r->reboot));
	FUZZ_CHECK(r->cves_open >= 0 || !r->cves_by[REPORT_SEVERITY_CRITICAL] ||
		   json_object_get(json_object_get(r->json, "cves"), "severity"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report r = { .sequence = 0 };
	struct oak_error err = { .code = OAK_OK };

	if (report_parse(data, size, &r, &err) < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE);
		FUZZ_CHECK(!r.json);
		return 0;
	}
	FUZZ_CHECK(strlen(r.host) == 32 && strlen(r.boot) == 16 && strlen(r.build_id) == 40);
	FUZZ_CHECK(r.sequence >= 1 && r.state[0] && r.json);
	FUZZ_CHECK(r.n_results <= REPORT_RESULTS_MAX && r.n_asks <= REPORT_ASKS_MAX);
	check_line(r.name, sizeof(r.name));
	check_line(r.effective, sizeof(r.effective));
	check_line(r.verdict_text, sizeof(r.verdict_text));
	for (size_t i = 0; i < r.n_results; i++) {
		FUZZ_CHECK(strlen(r.results[i].rollout) == 16 && r.results[i].level >= 1);
		check_line(r.results[i].why, sizeof(r.results[i].why));
	}
	for (size_t i = 0; i < r.n_asks; i++)
		FUZZ_CHECK(strlen(r.asks[i].rollout) == 16 && r.asks[i].level >= 1);
	check_more(&r);
	report_clear(&r);
	return 0;
}
