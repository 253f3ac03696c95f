/* SPDX-License-Identifier: GPL-2.0-or-later */
/* News that are taken are bounded, and every text of them can be printed. */
#include "fuzz.h"

#include <string.h>

#include "agent/news.h"
#include "base/cleanup.h"
#include "host/plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(news_clear) struct news n = { 0 };
	struct oak_error err = { .code = OAK_OK };

	if (news_parse(data, size, &n, &err) < 0) {
		FUZZ_CHECK(err.msg[0] && !n.withheld);
		return 0;
	}
	FUZZ_CHECK(n.tried_s >= 0 && n.checked_s >= 0 && n.expires_s >= 0);
	FUZZ_CHECK(n.n_withheld <= NEWS_WITHHELD_MAX && plain_is(n.error, sizeof(n.error)));
	FUZZ_CHECK(n.cves_checked_s >= 0 && plain_is(n.cves_error, sizeof(n.cves_error)));
	for (size_t i = 0; i < n.n_withheld; i++) {
		const struct news_withheld *w = &n.withheld[i];

		FUZZ_CHECK(w->until_s >= 0 && plain_is(w->why, sizeof(w->why)));
		FUZZ_CHECK(w->n_cves <= NEWS_CVES_MAX);
		for (size_t k = 0; k < w->n_cves; k++)
			FUZZ_CHECK(plain_is(w->cves[k], 64));
	}
	return 0;
}
