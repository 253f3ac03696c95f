/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finding: what a rule says of one symbol of a fix. */
#ifndef OAK_BUILD_FINDING_H
#define OAK_BUILD_FINDING_H

#include "base/error.h"
#include "build/rules.h"

struct finding {
	const struct rule *rule;
	char symbol[256]; /* a function, variable, type, section or file */
	char why[512];
	const char *advice; /* static */
	const char *reason; /* why the author accepts it; borrowed; NULL: it is not accepted */
};

struct findings {
	struct finding *v; /* the caller frees it */
	size_t n;
};

/* Adds one; @why is a format. @advice is static, NULL: the rule's. */
int finding_add(struct findings *f, enum rule_id rule, const char *symbol, const char *advice,
		struct oak_error *err, const char *why, ...) _printf_(6, 7) _must_check_;

/* Adds a copy. */
int finding_copy(struct findings *f, const struct finding *one, struct oak_error *err) _must_check_;

#endif
