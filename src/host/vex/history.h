/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history: which version of this host's statements this is, and since when.
 *
 * Content decides: what is said again has the version and the time that it had; what changed has
 * the next version, of now. CSAF wants every revision named, so all of them are kept, up to
 * VEX_REVISIONS_MAX: then, and when another kernel runs, a new series begins, with an id of its own.
 *
 *	{"schema": 1, "build_id": "...", "series": 1, "revisions": [{"at": S, "digest": "..."}]}
 *
 * in /var/lib/oakum/vex/history.json. history_parse() is pure; a file that does not fit is as none.
 */
#ifndef OAK_HOST_VEX_HISTORY_H
#define OAK_HOST_VEX_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "host/notes.h"

#define VEX_DIR           "var/lib/oakum/vex"
#define VEX_HISTORY_PATH  VEX_DIR "/history.json"
#define VEX_HISTORY_BYTES (1u << 18)
#define VEX_REVISIONS_MAX 500u
#define VEX_UUID_MAX      37

struct vex_revision {
	int64_t at_s;
	char digest[SHA256_HEX_MAX];
};

struct vex_history {
	char build_id[BUILD_ID_HEX_MAX];
	uint32_t series;
	struct vex_revision *revisions; /* the first is version 1 */
	size_t n;
};

/* What a document says of itself. */
struct vex_issue {
	char id[VEX_UUID_MAX];
	uint32_t version;
	const struct vex_revision *revisions; /* borrowed; @version of them */
};

/* Pure. Errors: OAK_E_FORMAT, OAK_E_NOMEM. */
int history_parse(const void *data, size_t len, struct vex_history *ret, struct oak_error *err)
	_must_check_;

/* A file that is not there, or does not fit, is an empty history. Errors: OAK_E_NOMEM. */
int history_read(int root, struct vex_history *ret, struct oak_error *err) _must_check_;
int history_write(int root, const struct vex_history *h, struct oak_error *err) _must_check_;

/**
 * history_issue() - the version that this content has
 * @owner: who says it: the id of the host's key, or ""
 * @ret:   borrows from @h
 *
 * Adds a revision where the content is not that of the last. Return: 1 where it did, 0, or an error:
 * OAK_E_NOMEM.
 */
int history_issue(struct vex_history *h, const char *build_id, const char *owner,
		  const char digest[SHA256_HEX_MAX], int64_t now_s, struct vex_issue *ret,
		  struct oak_error *err) _must_check_;

/* A UUID (version 8) of any text. */
void history_uuid(const char *text, char ret[VEX_UUID_MAX]);

void history_free(struct vex_history *h); /* also the guard */

#endif
