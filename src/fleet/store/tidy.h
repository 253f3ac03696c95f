/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tidy: what grows, and is cut: history of reports, events, sets of CVEs that no host has,
 * sessions that are over, wrong passwords.
 *
 * SQLite: in small portions, so that reports wait for milliseconds. PostgreSQL: partitions are made ahead, and dropped.
 */
#ifndef OAK_FLEET_STORE_TIDY_H
#define OAK_FLEET_STORE_TIDY_H

#include "fleet/db/db.h"

/*
 * For the thread that leads, each second or so: it does little at a time, once a day what is worth doing once a day, and
 * nothing where another server leads. Outside of a transaction; it makes its own.
 * @history_days: older reports go; 0: none does
 */
int store_tidy(struct db *db, int64_t now_s, uint32_t history_days, struct oak_error *err)
	_must_check_;

#endif
