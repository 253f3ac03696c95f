/* SPDX-License-Identifier: GPL-2.0-or-later */
/* textdiff: a unified diff of two small texts, as diff(1) -u shows it. Pure. */
#ifndef OAK_HOST_MODULES_TEXTDIFF_H
#define OAK_HOST_MODULES_TEXTDIFF_H

#include "base/buf.h"
#include "base/error.h"

#define TEXTDIFF_LINES_MAX 4000u /* of either; where there are more, all of them are changed */

struct textdiff {
	const char *old_name, *old_text; /* text NULL: there is no such file */
	const char *new_name, *new_text;
};

/* Adds nothing where the texts are the same. Errors: OAK_E_NOMEM. */
int textdiff(const struct textdiff *d, struct buf *ret, struct oak_error *err) _must_check_;

#endif
