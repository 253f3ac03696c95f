/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever the lines say: marks are unique, and no level is both settled and quarantined. */
#include "fuzz.h"

#include <string.h>

#include "host/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct journal_view v;
	const char *step = NULL;

	journal_fold((const char *)data, size, "00", &v);
	FUZZ_CHECK(v.n_settled <= JOURNAL_KEPT_MAX && v.n_quarantined <= JOURNAL_KEPT_MAX);
	for (size_t i = 0; i < v.n_quarantined; i++) {
		FUZZ_CHECK(memchr(v.quarantined[i].why, '\0', JOURNAL_WHY_MAX));
		FUZZ_CHECK(journal_quarantine(&v, v.quarantined[i].level) == &v.quarantined[i]);
	}
	if (journal_crashed(&v, "another boot", &step) > 0)
		FUZZ_CHECK(step && !journal_quarantine(&v, v.level));
	return 0;
}
