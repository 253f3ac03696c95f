/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compile: one object, as the distribution compiled it but for what makes it comparable:
 * -ffunction-sections -fdata-sections added, debugging information and dependency files left out
 * (measured: neither changes a byte of code), objtool run with the distribution's arguments.
 */
#ifndef OAK_BUILD_COMPILE_H
#define OAK_BUILD_COMPILE_H

#include "base/error.h"
#include "base/hash.h"
#include "base/process.h"
#include "build/kbuild.h"

/* A compilation that is under way; zero it first. */
struct compile {
	const struct object_command *command; /* borrowed until compile_finish() */
	const char *const *env;
	const char *tree; /* source or work tree to compile in; borrowed */
	const char *out;  /* absolute path of the object; borrowed */
	struct process process;
	double seconds; /* set by compile_finish() */
	uint64_t start_ns;
};

int compile_start(struct compile *c, struct oak_error *err) _must_check_;

/**
 * compile_finish() - wait, then run objtool
 *
 * Errors: OAK_E_FAILED (does not compile: the compiler's first errors), and the usual.
 */
int compile_finish(struct compile *c, struct oak_error *err) _must_check_;

/* SHA-256 of the whole command, for cache keys and the manifest. */
int compile_flags_hash(const struct object_command *command, char ret[SHA256_HEX_MAX],
		       struct oak_error *err) _must_check_;

#endif
