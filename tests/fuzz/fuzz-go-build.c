/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a program's build left: a version is a version, and short. */
#include "fuzz.h"

#include <string.h>

#include "audit/go-build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char version[GO_VERSION_MAX];

	if (!go_build_parse(data, size, version))
		return 0;
	FUZZ_CHECK(strlen(version) < sizeof(version));
	FUZZ_CHECK(version[0] >= '0' && version[0] <= '9');
	for (const char *p = version; *p; p++)
		FUZZ_CHECK(*p > ' ' && *p < 0x7f);
	return 0;
}
