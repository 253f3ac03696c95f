/* SPDX-License-Identifier: GPL-2.0-or-later */
/* closed: the CVEs that are closed in the running kernel: those of the level that is applied. */
#ifndef OAK_AGENT_CLOSED_H
#define OAK_AGENT_CLOSED_H

#include "agent/picture.h"

struct closed {
	char **cves; /* sorted, each once; the names are borrowed from the picture */
	size_t n;
};

/* Nothing while a level is on its way in or out: some tasks run the old code. Errors: OAK_E_NOMEM. */
int closed_of(const struct picture *p, struct closed *ret, struct oak_error *err) _must_check_;

/* The same of any manifest; NULL: nothing. */
int closed_by(const struct manifest *m, struct closed *ret, struct oak_error *err) _must_check_;

void closed_free(struct closed *c); /* also the guard */

#endif
