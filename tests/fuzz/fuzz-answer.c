/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was read can be written, and read again as the same. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "trust/fleet/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct answer a = { .sequence = 0 }, b = { .sequence = 0 };
	_cleanup_(freep) char *text = NULL;
	struct oak_error err = { .code = OAK_OK };

	if (answer_parse(data, size, &a, &err) < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE);
		return 0;
	}
	FUZZ_CHECK(strlen(a.host) == 32 && a.n_grants <= REPORT_ASKS_MAX && a.report_s > 0);
	FUZZ_CHECK(answer_write(&a, &text, &err) == 0);
	FUZZ_CHECK(answer_parse(text, strlen(text), &b, &err) == 0);
	FUZZ_CHECK(a.sequence == b.sequence && a.n_grants == b.n_grants &&
		   a.n_refused == b.n_refused && a.time_s == b.time_s);
	for (size_t i = 0; i < a.n_grants; i++)
		FUZZ_CHECK(strcmp(a.grants[i].rollout, b.grants[i].rollout) == 0 &&
			   a.grants[i].level == b.grants[i].level &&
			   a.grants[i].for_s == b.grants[i].for_s);
	answer_clear(&a);
	answer_clear(&b);
	return 0;
}
