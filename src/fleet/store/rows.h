/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows: callbacks and small steps that the files of fleet/store/ share. */
#ifndef OAK_FLEET_STORE_ROWS_H
#define OAK_FLEET_STORE_ROWS_H

#include <stdio.h>

#include <jansson.h>

#include "fleet/db/db.h"

/* For db_query(): column 0 into an int64_t; nothing. */
int rows_int(void *ctx, const struct db_row *row, struct oak_error *err);
int rows_ignore(void *ctx, const struct db_row *row, struct oak_error *err);

/* Column @column, cut to @size. */
#define rows_copy(field, row, column) \
	((void)snprintf((field), sizeof(field), "%s", db_row_text((row), (column))))

/* A JSON document that we wrote. Errors: OAK_E_FORMAT. */
int rows_json(const struct db_row *row, int column, json_t **ret, struct oak_error *err)
	_must_check_;

/* db_run() where the number of rows does not matter: 0 or an error. */
int rows_run(struct db *db, const struct db_statement *s, const struct db_value *args, size_t n,
	     struct oak_error *err) _must_check_;

/* Takes @value over; what json_pack() gave. Errors: OAK_E_NOMEM (also where @value is NULL). */
int rows_append(json_t *array, json_t *value, struct oak_error *err) _must_check_;

/*
 * "%<text>%" for lower(...) LIKE ... ESCAPE '!', with the signs that LIKE gives a meaning taken out of it; "%" for
 * NULL and "". Errors: OAK_E_USAGE: longer than any name, or not UTF-8.
 */
int rows_like(const char *text, char *ret, size_t size, struct oak_error *err) _must_check_;

/* A time; null where it is 0. */
json_t *rows_time(int64_t s);

#endif
