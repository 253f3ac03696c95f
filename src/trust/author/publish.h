/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publish: put signed files in their places, so that a reader sees the old or the new repository
 * and a crash leaves one of them or a few seconds of work that the next opening ends.
 */
#ifndef OAK_TRUST_AUTHOR_PUBLISH_H
#define OAK_TRUST_AUTHOR_PUBLISH_H

#include "trust/author/state.h"

/*
 * Publishes @roles, all of whose signatures are there, and puts them in the order of writing. Written to DIR/.publish.json first: what
 * follows needs no keys and may be done twice.
 */
int publish_roles(struct repo *repo, struct staged *roles, struct oak_error *err) _must_check_;

/* Ends a publishing that was interrupted; nothing where none was. */
int publish_finish(struct repo *repo, struct oak_error *err) _must_check_;

#endif
