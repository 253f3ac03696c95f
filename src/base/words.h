/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words: how people write durations and maintenance windows, in settings of hosts and
 * servers and in rollouts. Pure. Parsers return 0 or -EINVAL; what is written is parsed again to the same.
 *
 *	duration  "90s", "30m", "4h", "7d", "0"
 *	windows   "any", "Mon-Fri 22:00-04:00; Sat,Sun 00:00-24:00"
 */
#ifndef OAK_BASE_WORDS_H
#define OAK_BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define DURATION_TEXT_MAX 32 /* with the NUL */

/* A number and s, m, h or d; a 0 needs no unit. At most 32 bits of seconds. */
int duration_parse(const char *text, uint32_t *ret_s) _must_check_;
void duration_format(uint32_t s,
		     char ret[DURATION_TEXT_MAX]); /* in the largest unit that is whole */

struct time_window {
	uint8_t days;      /* on which it begins; bit 0 is Monday */
	uint16_t from, to; /* minutes of the day; to <= from: it ends on the next day */
};

/* @ret has room for @max. "any" are none. */
int windows_parse(const char *text, struct time_window *ret, size_t max, size_t *ret_n)
	_must_check_;
int windows_format(const struct time_window *v, size_t n, struct buf *ret) _must_check_;

/*
 * Does the clock on the wall show a time inside one of them? @local_s: seconds since the epoch as
 * that clock counts them, UTC and the zone's offset. Without windows always.
 *
 * Where clocks go back, an hour that is in a window is in it twice; where they go forward, a window
 * that lies in the hour that is left out does not open that day.
 */
bool windows_open(const struct time_window *v, size_t n, int64_t local_s);

#endif
