/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include-graph: which file of a kernel's source may include which, without preprocessing.
 *
 * Read once a kernel (a second or two, when the source is in memory) and kept in its work folder.
 * A path that can mean several files means all of them: in quotes first beside the including file,
 * then below the folders that every object searches, then wherever a path of the tree ends so
 * (the -I of a makefile). So an include too many may be listed, none is missed.
 */
#ifndef OAK_BUILD_INCLUDE_GRAPH_H
#define OAK_BUILD_INCLUDE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/progress.h"
#include "kernel/store.h"

#define INCLUDE_FILE_NONE UINT32_MAX

struct include_graph {
	char **paths; /* below the source tree, sorted */
	uint32_t n;
	/* File i includes to[first[i]] up to to[first[i + 1]], and is included by from[...]. */
	uint32_t *first, *to;
	uint32_t *from_first, *from;
};

/* The graph of a kernel's source; read at the first call, kept in the work folder. */
int include_graph_open(const struct kernel *k, const struct progress *progress,
		       struct include_graph **ret, struct oak_error *err) _must_check_;
void include_graph_free(struct include_graph *g);
DEFINE_CLEANUP(struct include_graph *, include_graph_free)

uint32_t include_graph_find(const struct include_graph *g, const char *path);

/* Sets marks[i] (n of them) for @file and all that it includes, or, @back, that include it. */
int include_graph_reach(const struct include_graph *g, uint32_t file, bool back, bool *marks,
			struct oak_error *err) _must_check_;

/* Text of the kept file, and back. Pure. Errors: OAK_E_FORMAT, OAK_E_NOMEM. Fuzzed. */
int include_graph_parse(const char *text, size_t len, struct include_graph **ret,
			struct oak_error *err) _must_check_;

#endif
