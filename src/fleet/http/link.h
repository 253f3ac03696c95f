/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link: one connection, and when it must have got further. libmicrohttpd's own timeout begins anew with each
 * byte, so a client that sends a byte now and then would hold a connection for ever; a sweep ends it.
 */
#ifndef OAK_FLEET_HTTP_LINK_H
#define OAK_FLEET_HTTP_LINK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct listener;

struct link {
	struct link *next, *prev;
	struct listener *listener;
	int fd;
	_Atomic uint64_t due_ns; /* CLOCK_MONOTONIC; 0: it may stay */
	char address[48];
};

struct links {
	pthread_mutex_t lock;
	struct link *first;
	size_t n;
};

void links_init(struct links *ls);
void links_free(struct links *ls);

/* NULL: out of memory. */
struct link *links_add(struct links *ls, struct listener *l, int fd);
void links_remove(struct links *ls, struct link *k); /* frees it; before its descriptor is closed */

/* It must be further in @s seconds; 0: whenever it likes. */
void link_due(struct link *k, uint32_t s);

/* Shuts down what is overdue; its thread then closes it. Return: how many. */
size_t links_sweep(struct links *ls, uint64_t now_ns);

size_t links_count(struct links *ls);

#endif
