/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a test machine's answers: steps are answered in order, each once, and it makes no
 * difference in how many pieces the bytes come.
 */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "build/vm-report.h"

#define STEPS 5

static void check(const struct vm_report *r)
{
	FUZZ_CHECK(r->at <= r->n);
	for (size_t i = 0; i < r->n; i++) {
		const struct vm_outcome *o = &r->v[i];
		const bool answered = o->state == VM_DONE || o->state == VM_FAILED ||
				      o->state == VM_SKIPPED;

		FUZZ_CHECK(answered == (i < r->at));
		FUZZ_CHECK(i <= r->at || o->state == VM_NOT_RUN);
		FUZZ_CHECK(o->n_values <= VM_VALUES_MAX);
		FUZZ_CHECK(strlen(o->text) < VM_TEXT_MAX);
	}
}

static bool same_outcome(const struct vm_outcome *a, const struct vm_outcome *b)
{
	if (a->state != b->state || a->ms != b->ms || a->taint != b->taint ||
	    a->n_values != b->n_values || strcmp(a->text, b->text) != 0)
		return false;
	for (size_t i = 0; i < a->n_values; i++)
		if (a->value[i] != b->value[i])
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(vm_report_free) struct vm_report whole = { 0 };
	_cleanup_(vm_report_free) struct vm_report bytes = { 0 };
	struct oak_error err;

	FUZZ_CHECK(vm_report_init(STEPS, &whole, &err) == 0);
	FUZZ_CHECK(vm_report_init(STEPS, &bytes, &err) == 0);
	vm_report_feed(&whole, data, size);
	check(&whole);
	for (size_t i = 0; i < size; i++)
		vm_report_feed(&bytes, data + i, 1);
	check(&bytes);
	FUZZ_CHECK(whole.at == bytes.at && whole.ended == bytes.ended);
	FUZZ_CHECK(whole.strange == bytes.strange);
	for (size_t i = 0; i < STEPS; i++)
		FUZZ_CHECK(same_outcome(&whole.v[i], &bytes.v[i]));
	return 0;
}
