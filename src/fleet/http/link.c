/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/link.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"

void links_init(struct links *ls)
{
	*ls = (struct links){ 0 };
	(void)pthread_mutex_init(&ls->lock, NULL);
}

void links_free(struct links *ls)
{
	(void)pthread_mutex_destroy(&ls->lock);
}

struct link *links_add(struct links *ls, struct listener *l, int fd)
{
	struct link *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->listener = l;
	k->fd = fd;
	(void)pthread_mutex_lock(&ls->lock);
	k->next = ls->first;
	if (k->next)
		k->next->prev = k;
	ls->first = k;
	ls->n++;
	(void)pthread_mutex_unlock(&ls->lock);
	return k;
}

void links_remove(struct links *ls, struct link *k)
{
	(void)pthread_mutex_lock(&ls->lock);
	if (k->next)
		k->next->prev = k->prev;
	if (k->prev)
		k->prev->next = k->next;
	else
		ls->first = k->next;
	ls->n--;
	(void)pthread_mutex_unlock(&ls->lock);
	free(k);
}

void link_due(struct link *k, uint32_t s)
{
	atomic_store(&k->due_ns, s ? clock_now_ns() + s * 1000000000ull : 0);
}

size_t links_sweep(struct links *ls, uint64_t now_ns)
{
	size_t n = 0;

	/* The lock keeps links_remove() out, so no descriptor here was closed and given to somebody else. */
	(void)pthread_mutex_lock(&ls->lock);
	for (struct link *k = ls->first; k; k = k->next) {
		uint64_t due = atomic_load(&k->due_ns);

		if (!due || due > now_ns)
			continue;
		(void)shutdown(k->fd, SHUT_RDWR);
		atomic_store(&k->due_ns, 0);
		n++;
	}
	(void)pthread_mutex_unlock(&ls->lock);
	return n;
}

size_t links_count(struct links *ls)
{
	size_t n;

	(void)pthread_mutex_lock(&ls->lock);
	n = ls->n;
	(void)pthread_mutex_unlock(&ls->lock);
	return n;
}
