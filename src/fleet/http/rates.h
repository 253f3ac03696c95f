/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rates: how often somebody may do something: a bucket of tokens each, in a table of fixed size. Where it is
 * full, the bucket that has been filled up the most is forgotten: its owner would be allowed anyway.
 */
#ifndef OAK_FLEET_HTTP_RATES_H
#define OAK_FLEET_HTTP_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct rates;

/* A rule: @per_s on the long run, @burst at once. Of one kind, @kind tells its names from others'. */
struct rate_rule {
	uint32_t kind, per_s, burst;
};

/* @slots: buckets in all; rounded up. NULL: out of memory. */
struct rates *rates_new(size_t slots);
void rates_free(struct rates *r);
DEFINE_CLEANUP(struct rates *, rates_free)

/**
 * rates_take() - one more for @name
 * @now_ns: CLOCK_MONOTONIC
 *
 * Any thread. Return: 0, or after how many seconds it may be tried again (at least 1).
 */
unsigned rates_take(struct rates *r, const struct rate_rule *rule, const char *name,
		    uint64_t now_ns);

/* The same without taking one. */
unsigned rates_look(struct rates *r, const struct rate_rule *rule, const char *name,
		    uint64_t now_ns);

#endif
