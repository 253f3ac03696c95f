/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit-priv: the emitter's steps, shared by its files and by nobody else.
 *
 * Whatever is written beyond the atoms of the objects (structures, code of the level's own,
 * callbacks) the self-check must know too, or it refuses the module: selfcheck-klp.c walks the
 * structures, selfcheck-clear.c reads our own code, each byte and relocation is claimed once.
 */
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

/* A field that is filled in when its object is loaded. */
struct late_field {
	out_sec sec;
	uint64_t off;
	uint32_t width;
};

/* A klp_object: vmlinux, or a module. */
struct target {
	const char *name; /* NULL: vmlinux */
	char *prefix;     /* of its relocation sections: ".klp.rela.<name>." */
	bool patched;     /* some function of it is replaced, or the kernel calls one around that */
	struct late_field *late;
	size_t n_late;
};

struct emitter {
	const struct emit_input *in;
	struct link_world world;
	struct elf_writer *w;
	struct place **places; /* by unit, by patched atom id; sec == OUT_NONE: not included */
	struct import *imports;
	size_t n_imports;
	struct target *targets; /* vmlinux first, then modules by name */
	size_t n_targets;
	out_sym *sec_syms; /* section symbols, by out_sec; OUT_NONE: none yet */
	size_t n_sec_syms;
	out_sec this_module;
	struct oak_error *err;
};

/* Finds the targets of the level. */
int emit_find_targets(struct emitter *e) _must_check_;
void emit_free_targets(struct emitter *e);

/* By name, NULL for vmlinux; every unit's home is there. */
struct target *emit_target(const struct emitter *e, const char *name);

/* Copies all included atoms into output sections and names them. */
int emit_place(struct emitter *e) _must_check_;

/* Which section an atom goes to and how it is aligned there: after those placed before it. */
void emit_rule(const struct model *m, atom_id id, const char **ret_section, uint64_t *ret_align);

/* Writes the relocations of all included atoms. */
int emit_refs(struct emitter *e) _must_check_;

/* klp_patch, klp_object, klp_func; @module is __this_module, @ret_patch names the klp_patch. */
int emit_klp(struct emitter *e, out_sym module, out_sym *ret_patch) _must_check_;

/* Functions of the level that the kernel calls around a target's switch; OUT_NONE: none. */
struct hooks {
	out_sym of[HOOKS];
};

/**
 * emit_hooks() - the hooks of one target
 *
 * The author's, and the level's own where the kernel needs one (emit-clear.c).
 */
int emit_hooks(struct emitter *e, const struct target *t, struct hooks *ret) _must_check_;

/* The function that clears the target's late fields; OUT_NONE where none is needed. */
int emit_clear(struct emitter *e, const struct target *t, out_sym *ret) _must_check_;

/* A zero-filled stretch of a section, aligned to 8. */
int emit_zeroed(struct emitter *e, out_sec sec, size_t len, uint64_t *ret_off) _must_check_;

/* The symbol of an exported kernel function, imported at the first call. */
int emit_import_export(struct emitter *e, const char *name, out_sym *ret) _must_check_;

/* A field that leads to a symbol of vmlinux, exported or not; its name must be unique there. */
int emit_kernel_word(struct emitter *e, const struct out_rela *field, const char *name)
	_must_check_;

/* "return" at the end of a section of code, as this kernel wants it. */
int emit_return(struct emitter *e, out_sec code) _must_check_;

/* A word at @off of @sec that the loader fills with symbol + addend. */
int emit_word(struct emitter *e, out_sec sec, uint64_t off, uint32_t type, out_sym sym,
	      int64_t addend) _must_check_;

/* The symbol of the section itself. */
int emit_section_symbol(struct emitter *e, out_sec sec, out_sym *ret) _must_check_;

int emit_no_memory(struct emitter *e);

#endif
