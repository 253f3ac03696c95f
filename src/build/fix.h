/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fix: a source change as a unified diff: a plain one, of git diff, or a git format-patch mail. */
#ifndef OAK_BUILD_FIX_H
#define OAK_BUILD_FIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/hash.h"

#define FIX_MAX_BYTES (4u << 20)
#define FIX_MAX_FILES 256

struct fix {
	char *name;   /* file name without folders */
	char *title;  /* of "Subject:", "# Title:" or the first line of prose; else the name.
		      * UTF-8 without control characters, at most 512 bytes */
	char **files; /* paths below the source tree, each once, in order */
	size_t n_files;
	char sha256[SHA256_HEX_MAX];
	struct buf text;
};

/**
 * fix_parse() - what a diff touches
 * @name: names it in messages
 *
 * Pure. Paths lose their first component (a/, b/). Errors: OAK_E_FORMAT (no file is changed,
 * a path that leaves the tree), OAK_E_TOOLARGE, OAK_E_NOMEM. Fuzzed by tests/fuzz/fuzz-fix.c.
 */
int fix_parse(const void *data, size_t len, const char *name, struct fix **ret,
	      struct oak_error *err) _must_check_;
int fix_open(const char *path, struct fix **ret, struct oak_error *err) _must_check_;
void fix_free(struct fix *f);
DEFINE_CLEANUP(struct fix *, fix_free)

#endif
