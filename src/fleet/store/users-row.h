/* SPDX-License-Identifier: GPL-2.0-or-later */
/* users-row: a person as the database has it. For fleet/store/ alone. */
#ifndef OAK_FLEET_STORE_USERS_ROW_H
#define OAK_FLEET_STORE_USERS_ROW_H

#include "fleet/store/users.h"

/* Of the table "u", from column 0 on. */
#define USER_COLUMNS                                                                       \
	"u.id, u.name, u.role, u.disabled, CASE WHEN u.password <> '' THEN 1 ELSE 0 END,"  \
	" CASE WHEN u.totp <> '' THEN 1 ELSE 0 END, u.must_change, u.created_s, u.seen_s," \
	" u.password_s, u.issuer"
#define USER_COLUMNS_N 11

void user_read_row(const struct db_row *row, struct user *ret);

/* A name as it is kept. Errors: OAK_E_FORMAT. */
int user_fold_name(const char *name, char ret[PERSON_NAME_MAX + 1], struct oak_error *err)
	_must_check_;

/* "user.sign-in-failed" by whom it may be: the name is told where somebody has it. @what: "password", "code". */
int user_told_failure(struct db *db, const struct user *u, const char *what, const char *peer,
		      int64_t now_s, struct oak_error *err) _must_check_;

#endif
