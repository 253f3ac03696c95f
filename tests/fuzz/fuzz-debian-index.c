/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every package that the index parsers take is found again by name and version. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "base/debian-version.h"
#include "kernel/debian-index.h"

static void check(const struct debian_index *x)
{
	for (size_t i = 0; i < x->n; i++) {
		const struct debian_package *p = &x->v[i];

		FUZZ_CHECK(debian_index_find(x, p->name, p->version) == p);
		FUZZ_CHECK(debian_version_compare(p->version, p->version) == 0);
		FUZZ_CHECK((debian_version_compare(p->version, x->v[0].version) > 0) ==
			   (debian_version_compare(x->v[0].version, p->version) < 0));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(debian_index_free) struct debian_index madison = { 0 }, show = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err = { .code = OAK_OK };

	FUZZ_CHECK(buf_add(&text, data, size) == 0);
	FUZZ_CHECK(debian_madison_parse(buf_str(&text), &madison, &err) == 0);
	FUZZ_CHECK(debian_show_parse(buf_str(&text), &show, &err) == 0);
	check(&madison);
	check(&show);
	return 0;
}
