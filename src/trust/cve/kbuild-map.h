/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kbuild-map: where the files of a kernel's source tree are compiled, from its Makefiles: under
 * which symbols of the configuration, and into which module.
 *
 * "obj-$(CONFIG_A) += a.o", "a-y := b.o c/d.o", "a-$(CONFIG_B) += e.o", "obj-y += sub/", and
 * $(addprefix) and $(a-y) among the values are understood. What stands in ifdef or ifeq counts
 * always: a file may be thought compiled where it is not, never the other way round. A file that
 * is found nowhere has no rule: nothing is known of it.
 *
 * kbuild_parse() is pure. Fuzzed by tests/fuzz/fuzz-cve-kbuild.c.
 */
#ifndef OAK_TRUST_CVE_KBUILD_MAP_H
#define OAK_TRUST_CVE_KBUILD_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define KBUILD_FILE_MAX       (1u << 20) /* of one Makefile */
#define KBUILD_DEPTH_MAX      16u        /* folders in each other */
#define KBUILD_RULES_MAX      1000000u
#define KBUILD_CONDITIONS_MAX 24u

struct kbuild_rule {
	char *path;   /* "net/netfilter/nft_set_rbtree" without its suffix */
	char *module; /* "net/netfilter/nf_tables"; NULL: always part of the kernel image */
	/* All must hold; the first is the module's own where there is one ("m": always a module). */
	char **conditions;
	size_t n_conditions;
};

struct kbuild_map {
	uint64_t version;          /* of the tree, packed */
	struct kbuild_rule *rules; /* rising by path */
	size_t n, cap;
};

/* One assignment of a Makefile, as it stands there. */
struct kbuild_line {
	char *base;      /* "obj", "nf_tables" */
	char *condition; /* "y", "m", "CONFIG_A" */
	char *values;    /* words with one space between */
};

struct kbuild_lines {
	struct kbuild_line *v;
	size_t n, cap;
};

/* All lines that name objects. Errors: OAK_E_NOMEM. */
int kbuild_parse(const char *text, size_t len, struct kbuild_lines *ret, struct oak_error *err)
	_must_check_;
void kbuild_lines_free(struct kbuild_lines *l); /* also the guard */

/**
 * kbuild_map_read() - the tree below @path, for x86_64
 *
 * Errors: OAK_E_NOTFOUND (no tree there), OAK_E_FORMAT (its Makefile tells no version), OAK_E_IO.
 */
int kbuild_map_read(const char *path, struct kbuild_map *ret, struct oak_error *err) _must_check_;
void kbuild_map_free(struct kbuild_map *m); /* also the guard */

/* The rules of a file, "net/netfilter/nft_set_rbtree.c"; NULL and 0 where there are none. */
const struct kbuild_rule *kbuild_map_find(const struct kbuild_map *m, const char *file,
					  size_t *ret_n);

#endif
