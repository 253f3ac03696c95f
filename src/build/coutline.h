/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * coutline: what stands at the top level of a C file, before any preprocessing.
 *
 * An item is a macro's definition, a type, a function, a declaration, a call of a macro that may
 * define anything ("TRACE_EVENT(...);"), or a directive. It carries its lines and its tokens; who
 * wants to know what an item defines asks ctaint.h. Written to err on the side of larger items:
 * where #if makes two heads for one body, both are one item with it.
 *
 * Pure; tokens are borrowed from the text. Fuzzed by tests/fuzz/fuzz-coutline.c.
 */
#ifndef OAK_BUILD_COUTLINE_H
#define OAK_BUILD_COUTLINE_H

#include "base/cleanup.h"
#include "base/error.h"
#include "build/ctoken.h"

enum citem_kind {
	CITEM_MACRO,     /* #define, #undef */
	CITEM_INCLUDE,   /* #include */
	CITEM_CONDITION, /* #if, #elif, #else, #endif */
	CITEM_DIRECTIVE, /* any other */
	CITEM_TYPE,      /* struct, union or enum with its members */
	CITEM_FUNCTION,  /* with a body */
	CITEM_OTHER,     /* declaration, variable, call of a macro */
};

struct citem {
	enum citem_kind kind;
	/* Lines, inclusive. Of a condition: from its #if to its #endif. */
	uint32_t first, last;
	uint32_t at; /* of a condition: its own line; else first */
	size_t token, n_tokens;
	size_t previous; /* 1 + the item of the directive before it in the same condition, or 0 */
};

struct coutline {
	struct ctoken *tokens;
	size_t n_tokens;
	struct citem *items;
	size_t n_items;
};

/* Errors: OAK_E_NOMEM; any bytes have an outline. */
int coutline_read(const char *text, size_t len, struct coutline *ret, struct oak_error *err)
	_must_check_;
void coutline_free(struct coutline *o); /* zero is fine; also the guard */

#endif
