/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * levels: the list of a kernel's levels: what each is, what it fixes, which channels have it, what
 * was withdrawn and why. It is the "custom" member of the target kernels/<arch>/<build-id>/
 * levels.json, so a host that has the metadata has it; the target's own bytes say the same to
 * whoever reads it from the web server.
 *
 * Promoting, holding and withdrawing change this list and nothing else: a level's own file never changes.
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-levels.c. Source: docs/formats/repository.md, "List of levels".
 */
#ifndef OAK_TRUST_LEVELS_H
#define OAK_TRUST_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "trust/manifest.h"

#define LEVELS_SCHEMA       1
#define LEVELS_CHANNELS_MAX 64   /* of a level */
#define LEVELS_MAX          4096 /* of a kernel; fixes the same */

struct levels_entry {
	uint32_t level;
	const json_t *channels; /* words */
	struct {
		uint64_t size;      /* bytes, uncompressed */
		const char *sha256; /* of the uncompressed module */
	} module;
	const char *effective_version; /* NULL: not said */
	const char *withdrawn_why;     /* NULL: it is not */
	const char *withdrawn_at;      /* a date, as withdrawn_why */
	const char *held_why;          /* NULL: it is not; else no host takes it for now */
	const char *held_at;
	int64_t published_s; /* when it came into the repository; 0: not said */
	const json_t *since; /* channel to date; NULL: not said */
};

/* A fix is in the levels from @since on, before @until. */
struct levels_fix {
	const char *id;
	const json_t *cve;     /* words */
	const char *severity;  /* of trust/severity.h; NULL: not said */
	uint32_t since, until; /* until 0: to this day */
};

/* Read-only; everything is borrowed from the document, which the list holds. */
struct levels {
	struct manifest_kernel kernel;
	struct levels_entry *entries; /* rising levels */
	size_t n;
	struct levels_fix *fixes;
	size_t n_fixes;
	json_t *json;
};

/* @what names the document in messages. Takes its own reference. Errors: OAK_E_FORMAT. */
int levels_from_json(const json_t *json, const char *what, struct levels **ret,
		     struct oak_error *err) _must_check_;

/* NULL: no such level. */
const struct levels_entry *levels_entry(const struct levels *l, uint32_t level);

bool levels_in_channel(const struct levels_entry *e, const char *channel);

/*
 * When the level came into @channel (NULL: any), in seconds: its promotion there, else its
 * publication; 0: the list does not say.
 */
int64_t levels_since(const struct levels_entry *e, const char *channel);

/* Is the fix in that level? */
bool levels_fix_in(const struct levels_fix *fix, uint32_t level);

/* The newest that is in @channel (NULL: any), not withdrawn and not held; NULL: none. */
const struct levels_entry *levels_newest(const struct levels *l, const char *channel);

/* "kernels/<arch>/<build-id>/levels.json" */
void levels_path(const char *arch, const char *build_id, char ret[MANIFEST_PATH_MAX]);

/* "kernels/<arch>/<build-id>/<level>/oakum_<level>.ko.zst" */
void levels_module_path(const char *arch, const char *build_id, uint32_t level,
			char ret[MANIFEST_PATH_MAX]);

void levels_free(struct levels *l); /* NULL is fine */
DEFINE_CLEANUP(struct levels *, levels_free)

#endif
