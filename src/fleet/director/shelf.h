/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shelf: the signed decisions in memory, ready to be answered by the thread of a connection: a few rings, each
 * with its bytes, its ETag. Has a lock of its own (readers do not block each other).
 */
#ifndef OAK_FLEET_DIRECTOR_SHELF_H
#define OAK_FLEET_DIRECTOR_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct decision_shelf;

struct decision_shelf *shelf_new(void); /* NULL: out of memory */
void shelf_free(struct decision_shelf *s);

/* Puts a ring's file there; takes @text (heap). */
void shelf_put(struct decision_shelf *s, const char *ring, uint64_t version, char *text);

/*
 * The file of @ring, for as long as shelf_release() was not called with it; NULL: no such ring. @etag is "\"<version>\"".
 */
struct shelf_file {
	uint64_t version;
	const char *text;
	size_t len;
	char etag[32];
};
const struct shelf_file *shelf_borrow(struct decision_shelf *s, const char *ring);
void shelf_release(const struct shelf_file *f);

/* The director has something to do now. */
void shelf_wake(struct decision_shelf *s);
/* Waits for that, or for @ms. */
void shelf_wait(struct decision_shelf *s, unsigned ms);

#endif
