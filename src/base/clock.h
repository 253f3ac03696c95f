/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clock: CLOCK_MONOTONIC for durations. Pure functions take "now" as an argument instead. */
#ifndef OAK_BASE_CLOCK_H
#define OAK_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline double clock_seconds_since(uint64_t start_ns)
{
	return (double)(clock_now_ns() - start_ns) / 1e9;
}

#endif
