/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes: what a module says of itself agrees with itself. Each symbol is found by its name; one
 * that livepatch can count is the one at that position; bytes are in a section that is named.
 */
#include "fuzz.h"

#include <string.h>

#include "kernel/ko.h"

static void check_sympos(const struct ko *ko, const struct ko_sym *s)
{
	const uint32_t *ids = NULL;
	size_t n = ko_find(ko, s->name, &ids), defined = 0;
	int pos = ko_sympos(ko, s->name, s->addr);

	FUZZ_CHECK(n > 0);
	if (pos < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		struct ko_sym other = ko_sym(ko, ids[i]);

		FUZZ_CHECK(strcmp(other.name, s->name) == 0);
		if (!other.defined || (int)++defined != (pos ? pos : 1))
			continue;
		FUZZ_CHECK(other.addr == s->addr);
		FUZZ_CHECK(ko_section_at(ko, s->addr));
	}
	FUZZ_CHECK(pos || defined == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(ko_freep) struct ko *ko = NULL;
	struct oak_error err = { .code = OAK_OK };

	if (ko_parse(data, size, "input", &ko, &err) < 0) {
		FUZZ_CHECK(!ko && err.msg[0]);
		return 0;
	}
	FUZZ_CHECK(ko_name(ko)[0]);
	for (uint32_t i = 1; i < ko_n_syms(ko) && i < 1000; i++) {
		struct ko_sym s = ko_sym(ko, i);
		const uint8_t *bytes = ko_bytes(ko, s.addr, s.size);
		struct ko_rel rel;

		/* Section symbols go by their section's name, which is not theirs. */
		if (s.name[0] && s.addr && ko_find(ko, s.name, &(const uint32_t *){ NULL }))
			check_sympos(ko, &s);
		if (!bytes)
			continue;
		FUZZ_CHECK(ko_section_at(ko, s.addr));
		for (uint64_t k = 0; k < s.size; k++)
			(void)*(const volatile uint8_t *)(bytes + k);
		if (ko_relocation_in(ko, s.addr, s.size, &rel))
			FUZZ_CHECK(rel.at >= s.addr && rel.at < s.addr + s.size);
		(void)ko_ftrace_site_in(ko, s.addr, s.size);
		(void)ko_exports(ko, s.name);
	}
	return 0;
}
