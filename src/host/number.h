/* SPDX-License-Identifier: GPL-2.0-or-later */
/* number: plain decimal numbers of outside text, nothing else (no sign, space, leading zero). */
#ifndef OAK_HOST_NUMBER_H
#define OAK_HOST_NUMBER_H

#include <stdint.h>

#include "base/error.h"

/* 0, or -EINVAL for other characters, an empty text, a leading zero or more than 32 bits. */
int number_parse_u32(const char *text, uint32_t *ret) _must_check_;

#endif
