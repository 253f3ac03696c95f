/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/layout.h"

#include <string.h>

#define WORDS_AT_ONCE 16384u /* so many sums of 32 bits, summed again, stay below 64 bits */
#define MODULUS       0xffffffffu

uint64_t cve_checksum(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t one = 0, two = 0;

	for (size_t left = len / 4; left;) {
		size_t n = left < WORDS_AT_ONCE ? left : WORDS_AT_ONCE;

		left -= n;
		for (; n; n--, p += 4) {
			uint32_t word;

			memcpy(&word, p, 4);
			one += word;
			two += one;
		}
		one %= MODULUS;
		two %= MODULUS;
	}
	return two << 32 | one;
}
