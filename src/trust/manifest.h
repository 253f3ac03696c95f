/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manifest: what a level is: for which kernel, which module, which fixes. Written beside the
 * module by "oakum-build make"; in the repository it travels in front of it (trust/container.h).
 *
 * Parsing is strict about every member that we know (types, lengths, characters) and ignores
 * others: a change of meaning changes "schema". Pure. Fuzzed by tests/fuzz/fuzz-manifest.c.
 *
 * Source: docs/formats/repository.md, section "Manifest".
 */
#ifndef OAK_TRUST_MANIFEST_H
#define OAK_TRUST_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"

#define MANIFEST_SCHEMA     1
#define MANIFEST_BYTES_MAX  (1u << 20)
#define MANIFEST_MODULE_MAX (64u << 20) /* bytes of an uncompressed module */
#define MANIFEST_LEVEL_MAX  1000000u
#define MANIFEST_LIST_MAX   4096u /* fixes, findings of a level; functions, CVEs of a fix */
#define MANIFEST_PATH_MAX   256

struct manifest_function {
	const char *object; /* "vmlinux" or a module */
	const char *name;
	uint32_t sympos;
	uint64_t address;
	const char *proof; /* "identical", ... */
};

struct manifest_fix {
	const char *id;
	const char *title;
	const char *patch_sha256;
	const char *severity; /* of trust/severity.h; NULL: not said */
	const char **cve;
	size_t n_cve;
	struct manifest_function *functions;
	size_t n_functions;
};

/* What stood against the level, or is to be known of it; see docs/refusals.md. */
struct manifest_finding {
	const char *rule;
	const char *symbol;
	const char *why;
	const char *text; /* of what was accepted the reason, of a warning the advice */
};

/* A module that the level patches, as it was shipped. */
struct manifest_object {
	const char *name;
	const char *build_id; /* 40 lower-case hex */
};

struct manifest_kernel {
	const char *build_id; /* 40 lower-case hex */
	const char *release;
	const char *arch;
	const char *distribution;
	const char *package_version;
};

/* Read-only; every string is borrowed from the manifest and lives as long as it. */
struct manifest {
	struct manifest_kernel kernel;
	uint32_t level;      /* 1 and up */
	const char *channel; /* "edge", "stable" */
	struct {
		const char *name; /* "oakum_<level>" */
		uint64_t size;    /* bytes, uncompressed */
		const char *sha256;
		const char *vermagic;
		const char *signer; /* NULL: the module carries no signature */
	} module;
	struct manifest_object *modules; /* levels that were made before have none */
	size_t n_modules;
	struct manifest_fix *fixes;
	size_t n_fixes;
	struct manifest_finding *accepted; /* refusals that the author accepted */
	size_t n_accepted;
	struct manifest_finding *warnings;
	size_t n_warnings;
	const char *effective_version; /* NULL: not said */
	bool withdrawn;
	json_t *json; /* the whole document */
};

/* @what names the document in messages. Errors: OAK_E_FORMAT, OAK_E_TOOLARGE, OAK_E_NOMEM. */
int manifest_parse(const void *data, size_t len, const char *what, struct manifest **ret,
		   struct oak_error *err) _must_check_;

/* The same of a parsed document; takes its own reference. */
int manifest_from_json(const json_t *json, const char *what, struct manifest **ret,
		       struct oak_error *err) _must_check_;

/* The member "kernel" alone, borrowed from it. Errors: OAK_E_FORMAT. */
int manifest_kernel_parse(const json_t *kernel, struct manifest_kernel *ret, struct oak_error *err)
	_must_check_;

/* "kernels/<arch>/<build-id>/<level>/oakum_<level>.ko.zst" */
void manifest_level_path(const struct manifest *m, char ret[MANIFEST_PATH_MAX]);

void manifest_free(struct manifest *m); /* NULL is fine */
DEFINE_CLEANUP(struct manifest *, manifest_free)

#endif
