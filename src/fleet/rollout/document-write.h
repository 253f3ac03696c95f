/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document-write: the other direction, and words of both. For document.c alone. */
#ifndef OAK_FLEET_ROLLOUT_DOCUMENT_WRITE_H
#define OAK_FLEET_ROLLOUT_DOCUMENT_WRITE_H

#include "fleet/rollout/document.h"

extern const char *const rollout_next_words[];   /* by enum rollout_next; ends with NULL */
extern const char *const rollout_action_words[]; /* by enum rollout_action; ends with NULL */

/* Every member, those that were left out too; lists of @d->where may be NULL. NULL: out of memory. */
json_t *rollout_document_write(const struct rollout_document *d);

#endif
