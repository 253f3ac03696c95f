/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model-build: the steps of model_build(), shared by its files and by nobody else. */
#ifndef OAK_ELF_MODEL_BUILD_H
#define OAK_ELF_MODEL_BUILD_H

#include "elf/model.h"

/* Where a relocation points, before there are atoms. */
struct target {
	sec_id sec;   /* 0: outside the object */
	int64_t off;  /* of the byte that is meant, in @sec; may lie outside of it (array[-1]) */
	int64_t base; /* offset of the symbol that is named: decides which atom is meant */
};

struct builder {
	struct model *m;
	const struct special_sizes *sizes; /* NULL: none is given */
	struct target *targets;            /* parallel to m->refs */
	bool *cut;          /* scratch: one flag a byte of the section at hand, and its end */
	uint32_t *sec_syms; /* n_secs + 1: where the symbols of each section begin in @syms */
	sym_id *syms;       /* grouped by section, then in the order of the file */
	struct oak_error *err;
};

/* Is the section part of the running kernel, and not build-time or debugging data? */
bool sec_is_modelled(const struct obj_sec *s);

/* Fills m->refs (with offsets in their sections) and b->targets. */
int builder_read_refs(struct builder *b) _must_check_;

/* Fills b->sec_syms and b->syms. */
int builder_index_symbols(struct builder *b) _must_check_;

/* Fills m->functions, as soon as atoms have names. */
int builder_index_functions(struct builder *b) _must_check_;

/* Fills m->atoms and m->sec_first. */
int builder_cut_atoms(struct builder *b) _must_check_;

/* Ties refs to atoms, entries and parts to their functions. */
int builder_bind(struct builder *b) _must_check_;

#endif
