/* SPDX-License-Identifier: GPL-2.0-or-later */
/* make-files: what a file means to a fix, by its path alone. */
#ifndef OAK_BUILD_MAKE_FILES_H
#define OAK_BUILD_MAKE_FILES_H

#include "build/rules.h"

enum file_action {
	FILE_OBJECT, /* C source */
	FILE_HEADER, /* what is included */
	FILE_IGNORED,
	FILE_REFUSED
};

struct file_rule {
	const char *prefix, *suffix; /* NULL: any */
	enum file_action action;
	enum rule_id rule; /* of FILE_REFUSED, as is @why */
	const char *why;
};

/* Every path has one. */
const struct file_rule *file_rule_of(const char *path);

#endif
