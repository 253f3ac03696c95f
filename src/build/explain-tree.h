/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain-tree: an explanation as lines that a person reads.
 *
 *	fix: Look at the flags again (CVE-2026-89603; fix.patch)
 *	`- kernel/entry/common.c
 *	   `- kernel/entry/common.o, part of vmlinux: 32 of 33 functions are what was shipped
 *	      `- syscall_trace_enter: replaced, 412 bytes; ...
 *	         |- vmlinux exports: __fentry__, send_sig
 *	         `- calls helper: new function, 30 bytes
 *
 * Pure functions: nothing is printed here. ASCII only, for a console that knows no more.
 */
#ifndef OAK_BUILD_EXPLAIN_TREE_H
#define OAK_BUILD_EXPLAIN_TREE_H

#include "build/explain.h"

enum explain_tone {
	EXPLAIN_TITLE,   /* fixes, files, objects */
	EXPLAIN_ENTERED, /* what is replaced */
	EXPLAIN_BROUGHT, /* what comes along */
	EXPLAIN_LINKED,  /* what the running kernel has */
};

struct explain_row {
	unsigned depth;
	bool more;    /* goes on with the row before */
	char *prefix; /* branches */
	char *text;
	enum explain_tone tone;
};

struct explain_rows {
	struct explain_row *v;
	size_t n;
};

/* All of it. @ret is zeroed by the caller; explain_rows_free() it, also after a failure. */
int explain_tree(const struct explain *e, struct explain_rows *ret, struct oak_error *err)
	_must_check_;

/**
 * explain_chain() - why one symbol is in the module: from it up to the fix
 * @symbol: a name, or a symbol as the module spells it; every one of that name is answered
 *
 * Errors: OAK_E_NOTFOUND, OAK_E_NOMEM.
 */
int explain_chain(const struct explain *e, const char *symbol, struct explain_rows *ret,
		  struct oak_error *err) _must_check_;

void explain_rows_free(struct explain_rows *rows); /* also the guard */

#endif
