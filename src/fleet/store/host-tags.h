/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host-tags: the table host_tags and the counts of tags follow hosts.tags. */
#ifndef OAK_FLEET_STORE_HOST_TAGS_H
#define OAK_FLEET_STORE_HOST_TAGS_H

#include "fleet/db/db.h"

/* Host number @n had the tags @before and has @after (store/tags.h). */
int host_tags_change(struct db *db, int64_t n, const char *before, const char *after,
		     struct oak_error *err) _must_check_;

#endif
