/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz: one file fuzz-NAME.c a parser of outside bytes, one row in meson.build, seeds in
 * corpus/NAME/.
 *
 * A target states the property that must hold for any input and stops with FUZZ_CHECK() where it
 * does not ("what was accepted can be written back"). It runs in two ways: under replay.c, as an
 * ordinary test, over every seed and a bounded set of damaged copies; and under libFuzzer
 * (meson setup -Dfuzzers=true with clang), see ci/fuzz.
 */
#ifndef OAK_FUZZ_H
#define OAK_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* @data is borrowed and exactly @size bytes long: the sanitizer sees a read of one byte more. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(cond)                                                                       \
	do {                                                                                   \
		if (!(cond)) {                                                                 \
			(void)fprintf(stderr, "%s:%d: property does not hold: %s\n", __FILE__, \
				      __LINE__, #cond);                                        \
			abort();                                                               \
		}                                                                              \
	} while (0)

#endif
