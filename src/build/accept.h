/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * accept: refusals that the author of a fix accepts, each with a reason.
 *
 * "RULE:SYMBOL=REASON" names them as the refusal did. Only rules with a risk (rules.h) can be
 * accepted, and one that is not there cannot: what was accepted once is not to stay for ever.
 */
#ifndef OAK_BUILD_ACCEPT_H
#define OAK_BUILD_ACCEPT_H

#include "base/error.h"
#include "build/finding.h"

#define ACCEPT_REASON_MAX 512 /* bytes; the manifest's limit for a line of text */

/* Borrowed from the text that it was read from. */
struct acceptance {
	const struct rule *rule;
	const char *symbol, *reason;
	size_t symbol_len;
};

/**
 * accept_parse() - read one
 *
 * Pure. Errors: OAK_E_USAGE (no such form, no such rule, one that cannot be accepted; a reason that
 * is no line of UTF-8).
 */
int accept_parse(const char *text, struct acceptance *ret, struct oak_error *err) _must_check_;

/**
 * accept_apply() - move what is accepted from the findings
 * @texts:    @n that accept_parse() took
 * @from:     loses what is accepted
 * @accepted: gets it, with the reason
 *
 * Return: 0, a negative code, or 1 where one matches nothing, which @ret_stale then is.
 */
int accept_apply(const char *const *texts, size_t n, struct findings *from,
		 struct findings *accepted, const char **ret_stale, struct oak_error *err)
	_must_check_;

#endif
