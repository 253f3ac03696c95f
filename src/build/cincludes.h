/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cincludes: which files a C source may include.
 *
 * Every "#include" counts, whatever #if or comment it stands in. A path that a macro names
 * ("#define HEADER <a/b.h>", later "#include HEADER") counts where the macro is defined: whoever
 * includes by it has included its definition. Pure; text is borrowed.
 * Fuzzed by tests/fuzz/fuzz-cincludes.c.
 */
#ifndef OAK_BUILD_CINCLUDES_H
#define OAK_BUILD_CINCLUDES_H

#include <stdbool.h>
#include <stddef.h>

struct cinclude {
	const char *path;
	size_t len;  /* 1 to CINCLUDE_MAX */
	bool quoted; /* "x.h" */
};

#define CINCLUDE_MAX 255

struct cincludes {
	const char *p, *end;
};

static inline struct cincludes cincludes_of(const char *text, size_t len)
{
	return (struct cincludes){ text, text + len };
}

/* The next one; false at the end. */
bool cincludes_next(struct cincludes *s, struct cinclude *ret);

#endif
