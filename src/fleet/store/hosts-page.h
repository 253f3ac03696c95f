/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hosts-page: which hosts are on a page, as numbers. For hosts-list.c.
 *
 * A page looks at no more than HOSTS_PAGE_LOOK hosts, whatever the filters: where they let few through, it is shorter than
 * asked, or empty, and has a cursor to go on from. So there is a bound to what a page costs.
 *
 * How: of the filters that have an index the one with the fewest hosts leads. Pages in order of enrolment walk
 * along its index; in another order its hosts are fetched and sorted here, or where they are too many, the
 * index of that order is walked.
 */
#ifndef OAK_FLEET_STORE_HOSTS_PAGE_H
#define OAK_FLEET_STORE_HOSTS_PAGE_H

#include "fleet/store/hosts.h"

#define HOSTS_PAGE_LOOK 10000

enum hosts_sort {
	HOSTS_BY_NUMBER,
	HOSTS_BY_NAME,
	HOSTS_BY_SEEN,
	HOSTS_BY_LEVEL
};

/* Where a host stands in an order. */
struct hosts_place {
	int64_t n, number; /* @number: seen or level */
	char name[REPORT_TEXT_MAX];
};

struct hosts_order {
	enum hosts_sort sort;
	bool down;
};

struct hosts_found {
	struct hosts_place *places; /* on the heap */
	size_t n;
	bool more;
	struct hosts_place next; /* where @more: what the next page comes after */
};

/* @after: NULL: from the start. */
int hosts_page(struct db *db, const struct hosts_filter *f, const struct hosts_order *o,
	       const struct hosts_place *after, unsigned limit, struct hosts_found *ret,
	       struct oak_error *err) _must_check_;

/* Pure: @word is "name", "-seen", NULL. Errors: OAK_E_USAGE. */
int hosts_order_parse(const char *word, struct hosts_order *ret, struct oak_error *err)
	_must_check_;

/* A cursor: of one order alone. On the heap, NULL: out of memory. Pure; reading is fuzzed. */
char *hosts_cursor_write(const struct hosts_order *o, const struct hosts_place *p);
int hosts_cursor_read(const struct hosts_order *o, const char *text, struct hosts_place *ret,
		      struct oak_error *err) _must_check_;

#endif
