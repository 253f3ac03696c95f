/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validator: what the server said of the trusted timestamp.json, so that the next refresh can ask
 * for it only if it has changed.
 *
 * Kept in the trust directory as .timestamp.validator: five lines, "oakum-validator 1", the
 * SHA-256 of the file, the URL it came from, ETag, Last-Modified. It is never sent for other bytes
 * or to another URL; a file that is damaged is as good as none. It is not trusted: a server that
 * says "not modified" can only freeze, as one that serves the old file can.
 */
#ifndef OAK_TRUST_VALIDATOR_H
#define OAK_TRUST_VALIDATOR_H

#include <stdbool.h>

#include "base/buf.h"
#include "trust/fetch.h"

#define VALIDATOR_FILE ".timestamp.validator"

/* False, and @ret empty, where none fits. @timestamp: the trusted bytes. */
bool validator_load(int dirfd, const char *url, const struct buf *timestamp,
		    struct fetch_validator *ret);

/* Best effort: without it the next refresh fetches the file again. */
void validator_store(int dirfd, const char *url, const struct buf *timestamp,
		     const struct fetch_validator *v);

#endif
