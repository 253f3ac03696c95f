/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a kernel's log: what is shown is printable, a planted warning is always found, and
 * more log never means fewer findings.
 */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "build/vm-log.h"

static void check(const struct vm_findings *f)
{
	FUZZ_CHECK(f->n <= f->total && f->n <= VM_FINDINGS_MAX);
	for (size_t i = 0; i < f->n; i++) {
		FUZZ_CHECK(f->v[i].what && strlen(f->v[i].line) < VM_LOG_LINE_MAX);
		for (const char *p = f->v[i].line; *p; p++)
			FUZZ_CHECK(*p >= ' ' && *p <= '~');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char planted[] = "\nWARNING: CPU: 0 PID: 1 at f\n";
	_cleanup_(buf_free) struct buf log = { 0 };
	struct vm_findings without, with;

	vm_log_judge(data, size, &without);
	check(&without);
	FUZZ_CHECK(buf_add(&log, data, size) == 0);
	FUZZ_CHECK(buf_add_str(&log, planted) == 0);
	vm_log_judge(log.data, log.len, &with);
	check(&with);
	FUZZ_CHECK(with.total == without.total + 1);
	return 0;
}
