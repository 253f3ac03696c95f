/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * creach: how far a change of a header reaches, by names alone.
 *
 * A hunk touches definitions; code is affected only where it says the name of one, or of something
 * whose own definition says it: an inline function that calls it, a macro whose body uses it, a
 * structure that holds it. Names are followed through headers until no new one turns up; a .c file
 * that says none of them compiles to what it was.
 *
 * No preprocessing is done, so both branches of every #if count, and more is found than is there,
 * never less. What a macro call defines ("PAGEFLAG(Dirty, dirty)") is known by fragments: any
 * word that contains "Dirty". Names that a macro pastes together are found through that macro.
 * Where no name can be told (#pragma), whoever includes the file is reached. A change of an
 * #include is the caller's to judge: no name is added for it.
 *
 * Pure but for memory. Fuzzed by tests/fuzz/fuzz-coutline.c.
 */
#ifndef OAK_BUILD_CREACH_H
#define OAK_BUILD_CREACH_H

#include "build/coutline.h"
#include "build/wordset.h"

struct creach {
	struct wordset names;
	struct wordset fragments;
	/*
	 * Whoever includes the file at hand is reached: it defines what has no name that can be
	 * told, or code that is there without being used. For the caller to read and to clear.
	 */
	bool includers;
	bool macros;      /* a macro is among the names: assembly may say it */
	bool types;       /* a type's definition was touched */
	bool tracepoints; /* reached too: whoever says CREATE_TRACE_POINTS */
};

/* Lines from @first up to, not including, @end; equal: none. */
struct line_range {
	uint32_t first, end;
};

/* Adds what the items at these lines define. */
int creach_touch(struct creach *c, const struct coutline *o, const struct line_range *v, size_t n,
		 struct oak_error *err) _must_check_;

/* Adds what the items define that say a name. */
int creach_spread(struct creach *c, const struct coutline *o, struct oak_error *err) _must_check_;

/* How many there were at some time. */
struct creach_count {
	size_t names, fragments;
};
struct creach_count creach_count(const struct creach *c);

/* Does the text say one of the names that came after @since? */
bool creach_says(const struct creach *c, struct creach_count since, const char *text, size_t len);

void creach_free(struct creach *c); /* also the guard */

#endif
