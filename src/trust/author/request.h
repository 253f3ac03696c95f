/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request: sign a file that the publisher passed around, on a machine without the repository.
 *
 *	oakum-repo sign DIR --request next.json       publisher: repo_request()
 *	oakum-repo sign next.json --keys KEYS         holder of a key: request_sign()
 *	oakum-repo sign DIR --from next.json          publisher: repo_merge()
 */
#ifndef OAK_TRUST_AUTHOR_REQUEST_H
#define OAK_TRUST_AUTHOR_REQUEST_H

#include "trust/author/author.h"
#include "trust/author/staged.h"

/* The file, to be shown to whoever signs. @ret: zeroed by the caller. */
int request_read(const char *path, struct staged *ret, struct oak_error *err) _must_check_;

/**
 * request_sign() - with every key of @ks that a role wants and that has not signed it yet
 * @ret_n: how many signatures were added
 *
 * Writes the file again where there are any. Errors: OAK_E_NOTHING (no key of these is wanted).
 */
int request_sign(const char *path, struct staged *s, struct keystore *ks, size_t *ret_n,
		 struct oak_error *err) _must_check_;

#endif
