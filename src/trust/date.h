/* SPDX-License-Identifier: GPL-2.0-or-later */
/* date: "2026-01-01T00:00:00Z" and seconds since the epoch. Nothing else of ISO 8601. */
#ifndef OAK_TRUST_DATE_H
#define OAK_TRUST_DATE_H

#include <stdint.h>

#include "base/error.h"

#define DATE_TEXT_MAX 21 /* with the NUL */

/* 0, or -EINVAL for any other form or a day that does not exist. Years 1970 to 9999. */
int date_parse(const char *text, int64_t *ret_s) _must_check_;

void date_format(int64_t s, char ret[DATE_TEXT_MAX]); /* clamps to those years */

#endif
