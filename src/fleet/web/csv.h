/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * csv: RFC 4180, for spreadsheets. A text that one of them would take for a formula (= + - @, a tab or a return at the
 * start, OWASP "CSV injection") gets an apostrophe before it: names of hosts are the hosts' own words.
 * Pure. Errors: -ENOMEM.
 */
#ifndef OAK_FLEET_WEB_CSV_H
#define OAK_FLEET_WEB_CSV_H

#include <stdbool.h>

#include <jansson.h>

#include "base/buf.h"

/* Appends a cell, with a comma before it where it is not @first. */
int csv_text(struct buf *out, bool first, const char *text) _must_check_;
int csv_json(struct buf *out, bool first, const json_t *value) _must_check_; /* null: nothing */
int csv_end(struct buf *out) _must_check_;                                   /* of a line */

#endif
