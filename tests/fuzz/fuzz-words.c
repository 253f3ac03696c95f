/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words quoted and split again are the same words. */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "build/words.h"

static void quote(struct buf *b, const char *word)
{
	FUZZ_CHECK(buf_add(b, "'", 1) == 0);
	for (const char *p = word; *p; p++)
		FUZZ_CHECK((*p == '\'' ? buf_add_str(b, "'\\''") : buf_add(b, p, 1)) == 0);
	FUZZ_CHECK(buf_add_str(b, "' ") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	_cleanup_(words_free) struct words first = { 0 };
	_cleanup_(words_free) struct words second = { 0 };
	_cleanup_(buf_free) struct buf quoted = { 0 };
	struct oak_error err = { .code = OAK_OK };

	FUZZ_CHECK(text);
	if (words_split(text, &first, &err) < 0) {
		FUZZ_CHECK(first.n == 0 && err.code == OAK_E_FORMAT);
		return 0;
	}
	for (size_t i = 0; i < first.n; i++) {
		if (strcmp(first.v[i], WORDS_SEPARATOR) == 0)
			return 0; /* an operator cannot be quoted */
		quote(&quoted, first.v[i]);
	}
	FUZZ_CHECK(words_split(buf_str(&quoted), &second, &err) == 0);
	FUZZ_CHECK(first.n == second.n);
	for (size_t i = 0; i < first.n; i++)
		FUZZ_CHECK(strcmp(first.v[i], second.v[i]) == 0);
	return 0;
}
