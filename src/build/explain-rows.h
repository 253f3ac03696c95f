/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain-rows: how a row is made, shared by tree and chain and by nobody else.
 *
 * All return 0 or -ENOMEM: their callers write the one message.
 */
#ifndef OAK_BUILD_EXPLAIN_ROWS_H
#define OAK_BUILD_EXPLAIN_ROWS_H

#include "build/explain-tree.h"

/* Appends one row; copies @text. */
int rows_add(struct explain_rows *rows, unsigned depth, enum explain_tone tone, const char *text)
	_must_check_;
int rows_printf(struct explain_rows *rows, unsigned depth, enum explain_tone tone, const char *fmt,
		...) _printf_(4, 5) _must_check_;

/* "label: a, b, c" in as many rows as it takes. Zeroed but for the first three members. */
struct row_list {
	struct explain_rows *rows;
	unsigned depth;
	enum explain_tone tone;
	struct buf line;
	bool any, more;
};
int row_list_begin(struct row_list *l, const char *label) _must_check_;
int row_list_add(struct row_list *l, const char *item) _must_check_;
int row_list_end(struct row_list *l) _must_check_; /* a list without items is no row */

/* The branches of all rows. */
int rows_draw(struct explain_rows *rows) _must_check_;

int rows_fix(struct explain_rows *rows, unsigned depth, const struct explain_fix *f) _must_check_;
int rows_object(struct explain_rows *rows, unsigned depth, const struct explain_object *o)
	_must_check_;

/* The piece alone; @lead says how it came to be meant: "calls ". */
int rows_piece(struct explain_rows *rows, unsigned depth, const char *lead, const struct explain *e,
	       size_t piece) _must_check_;

/* What describes it, and what it links to in the kernel and elsewhere in the level. */
int rows_links(struct explain_rows *rows, unsigned depth, const struct explain *e, size_t piece)
	_must_check_;

#endif
