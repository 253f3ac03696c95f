/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of modprobe.d, or a kernel command line: every rule has a name, and is found by it. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "host/modules/policy.h"

static void check(const struct module_policy *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct policy_rule *r = &p->rules[i];
		size_t at = 0;

		FUZZ_CHECK(r->name[0] && r->value && r->file);
		FUZZ_CHECK(!strpbrk(r->name, " \t\n"));
		FUZZ_CHECK(!r->nothing || r->kind == POLICY_INSTALL || r->kind == POLICY_SOFTDEP);
		FUZZ_CHECK(strpbrk(r->name, "*?[\\") || r->kind == POLICY_ALIAS ||
			   policy_find(p, r->kind, r->name));
		FUZZ_CHECK(strpbrk(r->name, "*?[\\") || r->kind != POLICY_ALIAS ||
			   policy_alias_next(p, r->name, &at));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	_cleanup_(policy_free) struct module_policy p = { 0 }, line = { 0 };
	struct oak_error err;

	FUZZ_CHECK(text);
	if (policy_parse(&p, text, "x.conf", &err) == 0)
		check(&p);
	if (policy_parse_cmdline(&line, text, &err) == 0)
		check(&line);
	return 0;
}
