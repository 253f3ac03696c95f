/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks: programs of the administrator around a change: <hooks>/<name>.d, run in the order of the
 * bytes of their names, one after another.
 *
 * As run-parts(8): names of A-Z, a-z, 0-9, '_' and '-'; others are no hooks. A file that is not
 * regular, not executable, not root's, or that others could write, is passed over with a warning.
 * Each has a time to live, and its whole process group is killed after; its output is bounded.
 */
#ifndef OAK_AGENT_HOOKS_H
#define OAK_AGENT_HOOKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define HOOKS_MAX        64   /* in a directory */
#define HOOKS_OUTPUT_MAX 4096 /* bytes kept of a hook */

enum hook {
	HOOK_PRE_APPLY,
	HOOK_PRE_REVERT,
	HOOK_POST_APPLY,
	HOOK_POST_REVERT
};

/* "pre-apply", ...: also the directory, with ".d" */
const char *hook_name(enum hook hook);

struct hook_event {
	enum hook hook;
	uint32_t level;       /* OAKUM_LEVEL: afterwards; 0: none */
	uint32_t from_level;  /* OAKUM_FROM_LEVEL: before; 0: none */
	const char *build_id; /* OAKUM_BUILD_ID */
	const char *cves;     /* OAKUM_CVES: with blanks between; NULL: none */
	const char *result;   /* OAKUM_RESULT: "ok", or what failed; NULL in pre-hooks */
};

struct hooks_options {
	const char *dir; /* absolute; settings' hooks; NULL: no hooks */
	uint32_t timeout_s;
	uint32_t owner; /* of hooks and of their directory: 0, but in tests */
};

struct hooks_result {
	size_t ran;
	struct buf warnings; /* lines: what was passed over, what a post-hook did wrong */
	struct buf output;   /* "<name>: <line>" of all, printable */
};

/**
 * hooks_run() - run those of one event
 * @ret: zeroed before; filled also on failure
 *
 * A missing directory is fine. A pre-hook that fails ends the run: OAK_E_AGAIN with its name and
 * the first line it wrote. A post-hook that fails is a warning. Errors also: OAK_E_IO, OAK_E_NOMEM.
 */
int hooks_run(const struct hooks_options *opt, const struct hook_event *event,
	      struct hooks_result *ret, struct oak_error *err) _must_check_;

void hooks_result_free(struct hooks_result *r); /* also the guard */

#endif
