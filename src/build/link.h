/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link: what each symbol that the level needs from the kernel is there, exactly.
 *
 *	another file of the fix brings it      a symbol of the level's own module
 *	vmlinux exports it                     an ordinary import with its CRC
 *	vmlinux keeps it to itself             .klp.sym.vmlinux.<name>,<sympos>, resolved at load
 *	the patched module defines it          .klp.sym.<module>.<name>,<sympos>, resolved late
 *	a module that this one depends on
 *	exports it                             .klp.sym.<other>.<name>,<sympos>, resolved late
 *
 * sympos is the position among the symbols of that name. The address that the proof read back
 * decides between several; without one a name must be unique.
 *
 * Late means: when the patched module is there, which may be long after the level was loaded. Such
 * fields go into .klp.rela.<module>.*, where the kernel allows no symbol of vmlinux; and what it
 * does with a module's code while loading it (alternatives, static keys) it has done before. An
 * ordinary import of a module's export would tie the level to that module, so those are late too;
 * that it is loaded by then is certain only of what the shipped module depends on.
 *
 * Source: Documentation/livepatch/module-elf-format.rst; kernel/livepatch/core.c
 * (klp_find_callback, klp_resolve_symbols, klp_module_coming).
 */
#ifndef OAK_BUILD_LINK_H
#define OAK_BUILD_LINK_H

#include "build/diff.h"
#include "build/prove.h"
#include "kernel/image.h"
#include "kernel/ko.h"

/* One source file of the fix: all that is known of it. Everything is borrowed. */
struct unit {
	const char *object;           /* "kernel/entry/common.o" */
	const char *module;           /* as the kernel spells it; NULL: vmlinux */
	const struct ko *ko;          /* the module as shipped; NULL: vmlinux */
	const struct ko *const *deps; /* modules that it depends on */
	size_t n_deps;
	struct shipped home; /* where the object was proven */
	const struct model *orig, *patched;
	const struct diff *diff;
	const struct proof *proof;
};

/* All files of all fixes of a level, and the kernel that they are for. */
struct link_world {
	const struct kimage *img;
	const struct unit *units;
	size_t n_units;
};

enum symbol_kind {
	SYMBOL_LEVEL,  /* @atom of @unit */
	SYMBOL_EXPORT, /* undefined symbol, resolved by the module loader */
	SYMBOL_KLP,    /* .klp.sym.<object>.<name>,<sympos> */
};

struct kernel_symbol {
	enum symbol_kind kind;
	const char *name;   /* borrowed from a model */
	const char *object; /* of SYMBOL_KLP: whose it is; NULL: vmlinux */
	const char *late;   /* module whose arrival resolves it; NULL: the level's own loading */
	uint32_t sympos;    /* of SYMBOL_KLP: 0 where the name is unique */
	uint64_t addr;      /* in @object, 0 where only the name is known */
	const struct kexport *export;
	const struct unit *unit;
	atom_id atom;
};

/**
 * link_resolve() - the kernel's symbol behind a ref whose link_of() is LINK_KERNEL
 * @ret: on success the symbol
 * @f:   gets a finding where there is none; then the return is 1
 *
 * Return: 0, 1 (refused), or a negative code.
 */
int link_resolve(const struct link_world *w, const struct unit *u, const struct ref *ref,
		 struct kernel_symbol *ret, struct findings *f, struct oak_error *err) _must_check_;

/* All findings that need the kernel: unproven functions, symbols that cannot be resolved, late
 * fields where none may be. Needs the diffs of all units. */
int link_check(const struct link_world *w, const struct unit *u, struct findings *f,
	       struct oak_error *err) _must_check_;

/**
 * link_omits() - is this entry of a special section left out of the level?
 *
 * So are entries of static calls and tracepoints whose module is not there yet when the kernel reads
 * them: the code does without.
 */
int link_omits(const struct link_world *w, const struct unit *u, atom_id entry, bool *ret,
	       struct oak_error *err) _must_check_;

/**
 * link_check_late() - the part of link_check() about one late field
 * @s: what link_resolve() said of @ref; its late is not NULL
 */
int link_check_late(const struct link_world *w, const struct unit *u, const struct ref *ref,
		    const struct kernel_symbol *s, struct findings *f, struct oak_error *err)
	_must_check_;

#endif
