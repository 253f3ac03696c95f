/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target: the files that a targets.json vouches for. Source: TUF 1.0.x section 4.5. */
#ifndef OAK_TRUST_TARGET_H
#define OAK_TRUST_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"
#include "trust/hashes.h"

#define TARGET_PATH_MAX 1024 /* bytes of a target's path, with the NUL */

/* All pointers are borrowed from the metadata. */
struct tuf_target {
	const char *path;
	uint64_t length;
	struct hashes hashes;
	const json_t *custom; /* an object, or NULL */
	const char *from;     /* the file that vouches for it, for messages; NULL: targets.json */
};

/**
 * target_parse() - one member of "targets"
 * @path: its name; "..", empty components, control characters and a leading '/' are refused,
 *        since it becomes a part of a URL and of a file name
 *
 * Errors: OAK_E_FORMAT.
 */
int target_parse(const char *path, const json_t *object, struct tuf_target *ret,
		 struct oak_error *err) _must_check_;

bool target_path_is_safe(const char *path); /* as target_parse() wants it */

/* One of "targets", all parsed before; @ret->path is the document's. False where not there. */
bool target_find(const json_t *targets, const char *path, struct tuf_target *ret);

/* Iteration over "targets": struct tuf_target_iter it = { 0 }; */
struct tuf_target_iter {
	void *at;
	bool started;
};
bool target_next(const json_t *targets, struct tuf_target_iter *it, struct tuf_target *ret);

/* Does @data have the length and the hashes of @target? Errors: OAK_E_TRUST. */
int tuf_target_check(const struct tuf_target *target, const void *data, size_t len,
		     struct oak_error *err) _must_check_;

/**
 * target_file() - where the file lies below the target prefix, on the heap
 *
 * "dir/<hash>.name" with consistent snapshots, else the path itself. NULL: out of memory.
 */
char *target_file(const struct tuf_target *target, bool consistent);

#endif
