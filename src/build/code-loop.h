/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OAK_BUILD_CODE_LOOP_H
#define OAK_BUILD_CODE_LOOP_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * code_repeats() - may a function come by one of its instructions again, before it returns?
 * @code: of the function, @len bytes
 * @at:   an offset in the instruction
 *
 * Follows direct jumps; what leaves the function (indirect and relocated ones, too) does not come
 * back. Pure, linear in @len. Errors: OAK_E_NOMEM.
 */
int code_repeats(const uint8_t *code, size_t len, uint64_t at, bool *ret, struct oak_error *err)
	_must_check_;

#endif
