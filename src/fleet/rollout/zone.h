/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zone: what the clocks of a time zone show. The C library knows one zone a process, by the
 * environment, which threads share; a server has rollouts in many zones.
 *
 * Source: RFC 8536 (TZif, versions 2 and up) and the footer's rules of POSIX.1-2017 8.3, those with
 * months. Fuzzed by tests/fuzz/fuzz-zone.c.
 */
#ifndef OAK_FLEET_ROLLOUT_ZONE_H
#define OAK_FLEET_ROLLOUT_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define ZONE_NAME_MAX  64          /* with the NUL */
#define ZONE_BYTES_MAX (64u << 10) /* the largest of Debian 12 has 4 KiB */

struct zone; /* opaque, immutable */

/* Pure. Errors: OAK_E_FORMAT, OAK_E_TOOLARGE, OAK_E_NOMEM. */
int zone_parse(const void *data, size_t len, struct zone **ret, struct oak_error *err) _must_check_;

/* "Europe/Berlin": letters, digits, '_', '+', '-', and '/' between words. */
bool zone_is_name(const char *name);

/* Reads /usr/share/zoneinfo; "UTC" needs no file. Errors: OAK_E_NOTFOUND, those of zone_parse(). */
int zone_open(const char *name, struct zone **ret, struct oak_error *err) _must_check_;

/* Seconds east of UTC at @at_s. NULL is UTC. */
int32_t zone_offset(const struct zone *z, int64_t at_s);

void zone_free(struct zone *z);
DEFINE_CLEANUP(struct zone *, zone_free)

#endif
