/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make: the whole way from fixes to a module.
 *
 *	parse -> which objects -> compile original and patched -> prove -> diff -> check -> emit
 *
 * The objects of a header are those that include it and whose bytes change (make-headers.c).
 * Originals are kept (in the work folder of the kernel, by the hash of their command), so a
 * second build of the same file compiles once. Nothing of the kernel itself is ever built.
 */
#ifndef OAK_BUILD_MAKE_H
#define OAK_BUILD_MAKE_H

#include "base/progress.h"
#include "build/emit.h"
#include "build/explain.h"
#include "build/fix.h"
#include "build/kbuild.h"
#include "kernel/store.h"

#define MAKE_CVE_ID_MAX   64
#define MAKE_CVE_FROM_MAX 160

/* What a fix closes, and who says so, in words. */
struct make_cve {
	char id[MAKE_CVE_ID_MAX];
	char from[MAKE_CVE_FROM_MAX];
};

struct make_cves {
	struct make_cve *v;
	size_t n;
};

struct make_options {
	const char *const *fixes; /* paths of patches, applied in order */
	size_t n_fixes;
	struct fix *const *read; /* the same, where they were read: a pipe gives its bytes once */
	const struct make_cves *cves; /* one a fix; NULL: none closes any */
	const char *severity;         /* of every fix, trust/severity.h; NULL: not said */
	const char *out_dir;          /* made if missing; NULL: nothing is written */
	const char *channel;          /* for the manifest */
	uint32_t level;
	bool fresh;                       /* compile originals even where a kept one would do */
	const char *sign_key, *sign_cert; /* both or none, see sign_key_open() */
	const char *sign_pin;             /* NULL: the key needs none */
	const char *const *accepts;       /* refusals, see accept_parse() */
	size_t n_accepts;
	const struct progress *progress;
};

/* One object of the fix and everything found out about it. */
struct make_object {
	struct object_command command;
	size_t *fixes; /* indexes of the fixes that touch it, ascending */
	size_t n_fixes;
	bool candidate; /* found through a header: dropped where its bytes stay */
	struct obj *orig_obj, *patched_obj;
	struct model *orig, *patched;
	struct proof *proof;
	struct diff diff;
	double compile_seconds[2]; /* original (0: was kept), patched */
	bool compiled;
};

struct make_seconds {
	double apply, compile, prove, diff, emit, total;
};

struct make_result {
	struct fix **fixes;
	size_t n_fixes;
	struct make_object *objects;
	size_t n_objects;
	struct findings findings; /* of all objects and of the fix itself; n != 0: refused */
	struct findings accepted; /* refusals that the author accepts; the reasons are borrowed */
	struct findings warnings;
	const char *stale_accept; /* matches no refusal, so nothing was written; NULL: none */
	bool changed;             /* false, no findings: the generated code is the same */
	char *module_path, *manifest_path; /* NULL unless a module was written */
	struct explain *explain;           /* NULL unless a module was made */
	size_t module_bytes;
	char module_sha256[SHA256_HEX_MAX];
	struct make_seconds seconds;
};

/**
 * make_level() - build a level
 * @ret: zeroed by the caller; make_result_free() it, also after a failure
 *
 * A refusal is a result. Errors: what went wrong with the input or the tools (OAK_E_FAILED: does
 * not apply, does not compile; OAK_E_FORMAT: not a patch).
 */
int make_level(const struct kernel *k, const struct make_options *opt, struct make_result *ret,
	       struct oak_error *err) _must_check_;
void make_result_free(struct make_result *r); /* also the guard */

/**
 * make_prepare() - do now what the first make_level() of a kernel would have to do once
 *
 * Reads the top makefile and makes a work tree; fast where both are there.
 */
int make_prepare(const struct kernel *k, const struct progress *progress, struct oak_error *err)
	_must_check_;

/**
 * make_prove() - compile originals and prove them; no fix involved
 * @sources: .c files below the source tree
 */
int make_prove(const struct kernel *k, const char *const *sources, size_t n,
	       const struct progress *progress, struct make_result *ret, struct oak_error *err)
	_must_check_;

#endif
