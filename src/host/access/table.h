/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table: from a file of the kernel's source to what it takes to get its code to run.
 *
 * The longest path that a file's name begins with is its row. One of a row's ways is enough; of a
 * way everything is needed. @yes and @no bound how sure the row lets an answer be: of a folder of
 * many files some are reached in other ways. A row without ways says that nobody knows.
 *
 * A way that only packets go, or only what somebody else has set up, is there as "unknown", so that
 * its lack is not taken for a proof. docs/reach.md is made from this table.
 *
 * To add one: a row in the table-*.c of its folder (in any order), names of nodes, file systems and
 * so on in names.c, a case in tests/unit/test-cve-reach.c, docs/reach.md made again.
 * Source: the create functions of socket families, capable() and ns_capable(), FS_USERNS_MOUNT,
 * modes of device nodes in 6.1 and in systemd's rules.
 */
#ifndef OAK_HOST_ACCESS_TABLE_H
#define OAK_HOST_ACCESS_TABLE_H

#include <stddef.h>

#include "host/access/need.h"

#define ACCESS_WAYS  4u
#define ACCESS_NEEDS 3u

struct access_way {
	struct need all[ACCESS_NEEDS]; /* up to the first NEED_END */
};

struct access_row {
	const char *path;
	const char *what; /* for people: "CAN sockets" */
	enum access_sure yes, no;
	struct access_way any[ACCESS_WAYS]; /* up to the first that is empty */
};

struct access_part {
	const struct access_row *rows;
	size_t n;
};

extern const struct access_part access_net, access_inet, access_fs, access_core, access_drivers;

/* Rows have an index over all parts: 0 to access_rows() - 1. */
size_t access_rows(void);
const struct access_row *access_row(size_t i);

/* The row of a file's name, or access_rows() where there is none. */
size_t access_find(const char *file);

/* Pure. */
struct access access_of_row(const struct access_row *row, const struct need_at *at);

/* "socket(AF_CAN), or ...": all ways of a row. 0 or -ENOMEM. */
int access_row_text(const struct access_row *row, struct buf *ret) _must_check_;

/* docs/reach.md. 0 or -ENOMEM. */
int access_markdown(struct buf *ret) _must_check_;

#endif
