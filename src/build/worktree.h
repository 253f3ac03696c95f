/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * worktree: a second copy of a kernel's source in which a fix can be applied.
 *
 * The original is compiled in the kernel's own source folder, which nobody writes to; the patched
 * file in a work tree whose files are hard links to it. So both compilations see the same
 * relative paths, __FILE__ is equal, and "../x.h" leads where it should. Symbolic links would not
 * do: ".." behind one leads back into the original.
 *
 * Work trees are kept (making one takes 1.5 s) and locked while in use. The paths that a fix
 * touches are noted on disk before the first is, so that the next user mends what a killed one
 * left. They also have the header that fixes may include (patch-header.h).
 */
#ifndef OAK_BUILD_WORKTREE_H
#define OAK_BUILD_WORKTREE_H

#include "base/cleanup.h"
#include "base/error.h"
#include "base/progress.h"
#include "build/fix.h"
#include "kernel/store.h"

/* The largest header of a kernel has 17 MB. */
#define SOURCE_MAX_BYTES (64u << 20)

struct worktree {
	char *dir;    /* absolute */
	char *source; /* of the kernel; absolute */
	char *note;   /* file that lists the touched paths */
	int lock;     /* file descriptor that holds the lock */
};

/* The folder of everything that the builder keeps for a kernel; made if missing. */
int work_dir(const struct kernel *k, char **ret, struct oak_error *err) _must_check_;

/**
 * worktree_open() - take a free work tree, making one if all are in use
 *
 * Errors: OAK_E_AGAIN (WORKTREES_MAX are in use), OAK_E_IO, OAK_E_NOMEM.
 */
#define WORKTREES_MAX 8
int worktree_open(const struct kernel *k, const struct progress *progress, struct worktree **ret,
		  struct oak_error *err) _must_check_;

/**
 * worktree_apply() - apply a fix, after those applied before
 *
 * Errors: OAK_E_FAILED (it does not apply: says which hunk), OAK_E_NOTFOUND (no patch program).
 */
int worktree_apply(struct worktree *w, const struct fix *fix, struct oak_error *err) _must_check_;

/**
 * worktree_take_made() - take over what the makefiles have made beside and above a source file
 *
 * Asked for an object's command, they make what it includes ("x509.asn1.h"): in the kernel's own
 * source, after the tree was made.
 */
int worktree_take_made(const struct worktree *w, const char *source, struct oak_error *err)
	_must_check_;

/**
 * worktree_keep_lines() - give untouched lines of all touched files the numbers they had
 *
 * By "#line" (keep-lines.h), so after the last fix is applied, and after the last look at the text.
 */
int worktree_keep_lines(const struct worktree *w, struct oak_error *err) _must_check_;

/* Restores the tree and gives it back; NULL is fine. */
void worktree_close(struct worktree *w);
DEFINE_CLEANUP(struct worktree *, worktree_close)

#endif
