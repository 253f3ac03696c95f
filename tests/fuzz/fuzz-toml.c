/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever settings say: reading ends, each entry has a key, and one that is put first is found. */
#include "fuzz.h"

#include <string.h>

#include "audit/toml.h"
#include "base/buf.h"
#include "base/cleanup.h"

static size_t count(const char *text)
{
	const char *p = text, *before = p;
	struct toml_entry e = { .section = "" };
	size_t n = 0;

	while (toml_next(&p, &e)) {
		FUZZ_CHECK(p > before);
		FUZZ_CHECK(e.key[0] && strlen(e.key) < TOML_TEXT_MAX);
		FUZZ_CHECK(strlen(e.value) < TOML_TEXT_MAX && strlen(e.section) < TOML_TEXT_MAX);
		before = p;
		n++;
	}
	FUZZ_CHECK(!*p);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	_cleanup_(buf_free) struct buf b = { 0 };

	FUZZ_CHECK(text);
	FUZZ_CHECK(buf_printf(&b, "first = \"one\"\n%s", text) == 0);
	FUZZ_CHECK(count(buf_str(&b)) == count(text) + 1);
	return 0;
}
