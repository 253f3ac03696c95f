/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compile: objects, as the distribution compiled them but for what makes them comparable:
 * -ffunction-sections -fdata-sections added, debugging information and dependency files left out
 * (measured: neither changes a byte of code), objtool run with the distribution's arguments.
 */
#ifndef OAK_BUILD_COMPILE_H
#define OAK_BUILD_COMPILE_H

#include "base/error.h"
#include "base/hash.h"
#include "base/process.h"
#include "base/progress.h"
#include "build/kbuild.h"

enum compile_step {
	COMPILE_WAITING,
	COMPILE_COMPILER,
	COMPILE_OBJTOOL,
	COMPILE_DONE
};

/* What is wanted of a source. */
enum compile_kind {
	COMPILE_CODE,  /* the object */
	COMPILE_TYPES, /* an object for types_read(), without code where the compiler can do that */
	COMPILE_TEXT,  /* the preprocessed source that genksyms reads */
};

/* One compilation; give the first five and zero the rest. */
struct compile {
	const struct object_command *command; /* all borrowed until compile_run() returns */
	const char *const *env;
	const char *tree; /* source or work tree to compile in */
	const char *out;  /* absolute path of the object */
	enum compile_kind kind;
	enum compile_step step;
	struct process process;
	struct process_result result;
	double seconds;
	uint64_t start_ns;
};

/**
 * compile_run() - compile them all, as many at once as there are processors
 *
 * After a failure those under way are waited for and no other is begun. Errors: OAK_E_FAILED (does
 * not compile: the compiler's first errors), OAK_E_NOTFOUND (no compiler), and the usual.
 */
int compile_run(struct compile *v, size_t n, const struct progress *progress, struct oak_error *err)
	_must_check_;

/* SHA-256 of the whole command, for cache keys and the manifest. */
int compile_flags_hash(const struct object_command *command, char ret[SHA256_HEX_MAX],
		       struct oak_error *err) _must_check_;

#endif
