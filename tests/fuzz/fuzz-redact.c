/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever stands before it, a planted secret is gone; and what is clean stays as it is. */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/redact.h"

#define SECRET "pl4nted"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(buf_free) struct buf once = { 0 };

	if (memmem(data, size, SECRET, strlen(SECRET)))
		return 0;
	FUZZ_CHECK(buf_add(&text, data, size) == 0);
	FUZZ_CHECK(buf_add_str(&text, "\nhttps://u:" SECRET "@h/\nx.password=" SECRET " y\n") == 0);
	FUZZ_CHECK(redact(text.data, text.len, &once) == 0);
	FUZZ_CHECK(!memmem(once.data, once.len, SECRET, strlen(SECRET)));
	/* Nothing begins a value, a URL or a key. */
	if (!memchr(data, '=', size) && !memchr(data, ':', size) && !memchr(data, '-', size) &&
	    !memchr(data, '\0', size))
		FUZZ_CHECK(once.len > size && memcmp(once.data, data, size) == 0);
	return 0;
}
