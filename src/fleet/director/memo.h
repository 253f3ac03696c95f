/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memo: what the director's thread remembers between two turns; lost with the process. For this folder alone. */
#ifndef OAK_FLEET_DIRECTOR_MEMO_H
#define OAK_FLEET_DIRECTOR_MEMO_H

#include <stdbool.h>
#include <stdint.h>

#include "fleet/director/shelf.h"

struct director_memo {
	int64_t turned_s;   /* the last turn as leader; 0: none yet */
	int64_t looked_s;   /* when the repository was asked last; 0: never */
	int64_t seen_s;     /* when it last answered, or there was none to be asked */
	int64_t gathered_s; /* when lists were added up last; 0: never */
	uint64_t gather_ns; /* what that cost */
};

struct director_memo *shelf_memo(struct decision_shelf *s);

/* Of the ring's file on the shelf; 0: none. */
uint64_t shelf_version(struct decision_shelf *s, const char *ring);

#endif
