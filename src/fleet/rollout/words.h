/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words: how people write durations and maintenance windows, the same as in oakum.conf. Pure.
 *
 *	duration  "90s", "30m", "4h", "7d", "0"
 *	windows   "any", "Mon-Fri 22:00-04:00; Sat,Sun 00:00-24:00"
 */
#ifndef OAK_FLEET_ROLLOUT_WORDS_H
#define OAK_FLEET_ROLLOUT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define ROLLOUT_WINDOWS_MAX  8
#define ROLLOUT_DURATION_MAX 16 /* text, with the NUL */

/* -EINVAL: it is none, or longer than 2^32 seconds. */
int rollout_duration_parse(const char *text, uint32_t *ret_s) _must_check_;
void rollout_duration_format(uint32_t s, char ret[ROLLOUT_DURATION_MAX]);

struct rollout_window {
	uint8_t days;      /* on which it begins; bit 0 is Monday */
	uint16_t from, to; /* minutes of the day; to <= from: it ends on the next day */
};

/* @ret has room for ROLLOUT_WINDOWS_MAX. "any" are none. */
int rollout_windows_parse(const char *text, struct rollout_window *ret, size_t *ret_n) _must_check_;
int rollout_windows_format(const struct rollout_window *v, size_t n, struct buf *ret) _must_check_;

/*
 * Does the clock on the wall show a time inside one of them? @local_s: seconds since the epoch as
 * that clock counts them, UTC and the zone's offset. Without windows always.
 *
 * Where clocks go back, an hour that is in a window is in it twice; where they go forward, a window
 * that lies in the hour that is left out does not open that day.
 */
bool rollout_windows_open(const struct rollout_window *v, size_t n, int64_t local_s);

#endif
