/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule: what a check wants, as text of its row.
 *
 *	rule	= way { " | " way }		one of the ways
 *	way	= term { " " term }		all of its terms
 *	term	= "config:" NAME{/NAME} OP VALUE	option of the kernel's configuration; "n": not set
 *		| "sysctl:" NAME OP VALUE	/proc/sys, with dots
 *		| "cmdline:" NAME [OP VALUE]	parameter of the kernel's command line
 *		| "file:" PATH OP VALUE		the first line of a file
 *	OP	= "=" one of VALUE{,VALUE} | "!=" none of them | ">=" | "<=" numbers
 *		| "~" contains | "!~" does not
 *
 * Of several names of an option ("MITIGATION_RETPOLINE/RETPOLINE": it was renamed) the first that
 * the kernel has counts. An option that it does not have is "", and "n" as well.
 * A parameter that is absent has the value "absent", one without "=" the value "".
 *
 * Rules are our own text; one that is malformed is a programmer's error (rule_is_valid(), tested).
 */
#ifndef OAK_AUDIT_RULE_H
#define OAK_AUDIT_RULE_H

#include <stdbool.h>

#include "audit/audit.h"

enum rule_answer {
	RULE_HOLDS,
	RULE_MISSING, /* all that fails is not in this kernel */
	RULE_UNKNOWN, /* what would tell cannot be read */
	RULE_BROKEN,
};

#define RULE_TERMS_MAX 32

/* What was looked at, for evidence. */
struct rule_seen {
	char file[128];
	char value[256];
	enum rule_answer answer; /* of the term */
};

struct rule_result {
	enum rule_answer answer;
	struct rule_seen seen[RULE_TERMS_MAX];
	size_t n_seen;
};

/*
 * Evidence of a rule that holds is that of the way that does; else, of each way, the terms that
 * do not hold. What this kernel does not have is evidence only where that is all there is.
 */
void rule_evaluate(const struct audit_context *ctx, const char *rule, struct rule_result *ret);

bool rule_is_valid(const char *rule);

/* A finding of a check that has a rule. */
void rule_run(struct audit *a, const struct audit_check *c);

#endif
