/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emit-priv: the emitter's steps, shared by its files and by nobody else. */
#ifndef OAK_BUILD_EMIT_PRIV_H
#define OAK_BUILD_EMIT_PRIV_H

#include "build/emit.h"
#include "elf/write.h"

/* Where an atom landed. */
struct place {
	out_sec sec;
	uint64_t off;    /* in @sec */
	out_sym sym;     /* names the atom, or the section where nothing does */
	bool by_section; /* @sym is the section's */
};

/* A symbol of the kernel that the module imports, each once. */
struct import {
	char *name; /* as in the symbol table: ".klp.sym.vmlinux.foo,0" or "kfree" */
	out_sym sym;
	const struct kexport *export; /* NULL for livepatch symbols */
};

struct emitter {
	const struct emit_input *in;
	struct elf_writer *w;
	struct place **places; /* by unit, by patched atom id; sec == OUT_NONE: not included */
	struct import *imports;
	size_t n_imports;
	out_sym *sec_syms; /* section symbols, by out_sec; OUT_NONE: none yet */
	size_t n_sec_syms;
	out_sec this_module;
	struct oak_error *err;
};

/* Copies all included atoms into output sections and names them. */
int emit_place(struct emitter *e) _must_check_;

/* Writes the relocations of all included atoms. */
int emit_refs(struct emitter *e) _must_check_;

/* klp_patch, klp_object, klp_func; @module is __this_module, @ret_patch names the klp_patch. */
int emit_klp(struct emitter *e, out_sym module, out_sym *ret_patch) _must_check_;

/* The symbol of an exported kernel function, imported at the first call. */
int emit_import_export(struct emitter *e, const char *name, out_sym *ret) _must_check_;

/* A word of @width bytes at @off of @sec that the loader fills with symbol + addend. */
int emit_word(struct emitter *e, out_sec sec, uint64_t off, uint32_t type, out_sym sym,
	      int64_t addend) _must_check_;

/* The symbol of the section itself. */
int emit_section_symbol(struct emitter *e, out_sec sec, out_sym *ret) _must_check_;

int emit_no_memory(struct emitter *e);

#endif
