/* SPDX-License-Identifier: GPL-2.0-or-later */
/* db-sqlite: what the backup needs of a connection to SQLite. */
#ifndef OAK_FLEET_DB_DB_SQLITE_H
#define OAK_FLEET_DB_DB_SQLITE_H

#include <sqlite3.h>

#include "fleet/db/db.h"

sqlite3 *db_sqlite_handle(struct db *db); /* borrowed */

#endif
