/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any instructions end, read nothing but the ask, and are judged alike each time. */
#include <string.h>

#include "fuzz.h"
#include "host/security/device-program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bpf_insn program[DEVICE_PROGRAM_MAX];
	size_t n = size / sizeof(program[0]);

	if (n > 64)
		n = 64;
	memcpy(program, data, n * sizeof(program[0]));
	FUZZ_CHECK(device_program_allows_all(program, n) == device_program_allows_all(program, n));
	return 0;
}
