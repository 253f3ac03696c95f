/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules: every reason for which a fix is refused, and every warning, by a name that stays.
 *
 * docs/refusals.md explains each; tests/unit/test-rules.c holds the two together. To add one: a
 * row here, in rules.c and in that document.
 */
#ifndef OAK_BUILD_RULES_H
#define OAK_BUILD_RULES_H

#include <stdbool.h>
#include <stddef.h>

enum rule_id {
	RULE_NOT_COMPILED,
	RULE_HEADER,
	RULE_LIBRARY,
	RULE_ASSEMBLY,
	RULE_VDSO,
	RULE_EARLY_BOOT,
	RULE_BUILD_SYSTEM,
	RULE_NO_OBJTOOL,
	RULE_NO_FENTRY,
	RULE_NOINSTR,
	RULE_INIT_CODE,
	RULE_INIT_REFERENCE,
	RULE_BOOT_ONLY_GLOBAL,
	RULE_DATA_CHANGED,
	RULE_DATA_SIZE,
	RULE_TYPE_LAYOUT,
	RULE_EXPORT_CRC,
	RULE_NEW_EXPORT,
	RULE_UNSUPPORTED_SECTION,
	RULE_GOT_RELOCATION,
	RULE_UNNAMED_DATA,
	RULE_COMDAT,
	RULE_AMBIGUOUS_TWIN,
	RULE_UNPROVEN,
	RULE_WEAK_LOSER,
	RULE_MODULE_STATIC_KEY,
	RULE_LATE_RELOCATION,
	RULE_UNKNOWN_SYMBOL,
	RULE_AMBIGUOUS_SYMBOL,
	RULE_CALLBACKS,
	RULE_IGNORED,
	RULE_NEVER_LEAVES,
	RULE_KEPT_ADDRESS,
	RULES
};

struct rule {
	const char *id;
	const char *advice; /* where a finding has none of its own */
	/* What an author who accepts it answers for; NULL: no reason makes the module right. */
	const char *risk;
	bool warning; /* says something of a level that is made nevertheless */
};

const struct rule *rule_of(enum rule_id id);

/* By the first @len characters of @name; NULL where there is none. */
const struct rule *rule_find(const char *name, size_t len);

#endif
