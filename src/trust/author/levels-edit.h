/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * levels-edit: changes to the document of trust/levels.h. Each takes the old document (NULL where
 * a kernel has none yet) and gives a new one; the old is not changed. Pure.
 *
 * Errors: OAK_E_NOTHING (it says so already), OAK_E_REFUSED, OAK_E_NOTFOUND (no such level),
 * OAK_E_FORMAT, OAK_E_NOMEM.
 */
#ifndef OAK_TRUST_AUTHOR_LEVELS_EDIT_H
#define OAK_TRUST_AUTHOR_LEVELS_EDIT_H

#include "trust/levels.h"
#include "trust/manifest.h"

/* One more level, in the channel of its manifest, published @at (a date). */
int levels_add(const json_t *old, const struct manifest *m, const char *at, json_t **ret,
	       struct oak_error *err) _must_check_;

/* Refused for a level that was withdrawn. It is in the channel since @at (a date). */
int levels_promote(const json_t *old, uint32_t level, const char *channel, const char *at,
		   json_t **ret, struct oak_error *err) _must_check_;

/* @why: one line. @at: a date. A withdrawn level stays withdrawn. */
int levels_withdraw(const json_t *old, uint32_t level, const char *why, const char *at,
		    json_t **ret, struct oak_error *err) _must_check_;

/* @why NULL: the hold ends. Held levels may be promoted; hosts take them once the hold ends. */
int levels_hold(const json_t *old, uint32_t level, const char *why, const char *at, json_t **ret,
		struct oak_error *err) _must_check_;

#endif
