/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places: what a path of the host is, as far as giving it to a container matters. Pure.
 *
 * Source: CIS Docker Benchmark 5.6 and what it forgets (the facts of docker-bench: /run, /root,
 * /home, the engines' own folders); the engines' layouts as measured.
 * To add a place: a row in the table, a name in kinds.c.
 */
#ifndef OAK_HOST_SECURITY_PLACES_H
#define OAK_HOST_SECURITY_PLACES_H

#include <stdbool.h>

#include "host/security/kinds.h"

/* @ret_whole: the path is the place or above it, not below. */
enum place place_of(const char *path, bool *ret_whole);

/* Greater is worse; a part is better than the whole. */
unsigned place_rank(enum place p, bool whole);

#endif
