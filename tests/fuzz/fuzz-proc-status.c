/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A status is whole or none: texts are safe, and what was said is said again by the same text. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "host/plain.h"
#include "host/security/proc-status.h"

static void check_same(const struct proc_status *a, const struct proc_status *b)
{
	FUZZ_CHECK(strcmp(a->command, b->command) == 0);
	FUZZ_CHECK(memcmp(a->uid, b->uid, sizeof(a->uid)) == 0);
	FUZZ_CHECK(a->n_groups == b->n_groups && a->caps.effective == b->caps.effective);
	FUZZ_CHECK(a->inner == b->inner && a->seccomp == b->seccomp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	static struct proc_status s, again;
	struct id_map map = { .root = 7 };

	FUZZ_CHECK(text);
	s.n_groups = 7777;
	if (proc_status_parse(text, &s)) {
		FUZZ_CHECK(plain_is(s.command, sizeof(s.command)));
		FUZZ_CHECK(s.n_groups <= PROC_GROUPS_MAX);
		FUZZ_CHECK(!s.is_inner || strstr(text, "NSpid:"));
		FUZZ_CHECK(proc_status_parse(text, &again));
		check_same(&s, &again);
	} else {
		FUZZ_CHECK(s.n_groups == 7777);
	}
	if (id_map_parse(text, &map))
		FUZZ_CHECK(!map.identity || strstr(text, "4294967295"));
	else
		FUZZ_CHECK(map.root == 7);
	return 0;
}
