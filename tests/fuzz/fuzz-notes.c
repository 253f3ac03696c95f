/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A build-id that is found is whole: hexadecimal of a permitted length, and lies in the input. */
#include "fuzz.h"

#include <string.h>

#include "base/hash.h"
#include "host/module-build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[BUILD_ID_BYTES_MAX];
	char id[BUILD_ID_HEX_MAX];
	struct oak_error err;
	int n;

	/* A file's note is one of its bytes too, wherever its headers say it lies. */
	if (module_file_build_id(data, size, id, &err) == 0) {
		n = hex_decode(id, bytes, sizeof(bytes));
		FUZZ_CHECK(n >= BUILD_ID_BYTES_MIN && memmem(data, size, bytes, (size_t)n));
	}
	if (notes_find_build_id(data, size, id, &err) < 0) {
		FUZZ_CHECK(err.msg[0]);
		return 0;
	}
	n = hex_decode(id, bytes, sizeof(bytes));
	FUZZ_CHECK(n >= BUILD_ID_BYTES_MIN);
	FUZZ_CHECK(memmem(data, size, bytes, (size_t)n));
	return 0;
}
