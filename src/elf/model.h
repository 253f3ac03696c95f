/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model: an object cut into atoms, so that no later pass needs to know special cases.
 *
 * An atom is the smallest piece that is used as a whole: a function, a variable, a string
 * literal, one entry of a special section, the .cold part of a function. Every allocated byte
 * belongs to exactly one atom. Every relocation became a ref: "this field of this atom means that
 * offset of that atom (or of that undefined symbol)", whatever symbol or section the assembler
 * had chosen to say it with, and without the distance to the end of the instruction.
 *
 * Immutable once made.
 */
#ifndef OAK_ELF_MODEL_H
#define OAK_ELF_MODEL_H

#include "elf/arch.h"
#include "elf/object.h"
#include "elf/special.h"

typedef uint32_t atom_id; /* 0: none */

enum atom_kind {
	ATOM_CODE,   /* a function */
	ATOM_PART,   /* code that belongs to one: .cold, an alternative's replacement */
	ATOM_DATA,   /* a named variable, constant or not */
	ATOM_STRING, /* a string literal */
	ATOM_CONST,  /* an element of mergeable constants */
	ATOM_ENTRY,  /* an entry of a special section */
	ATOM_MISC,   /* unnamed rest */
};

struct ref {
	uint64_t off; /* of the field, in its atom */
	atom_id from;
	atom_id to;     /* 0: the undefined symbol @sym */
	sym_id sym;     /* the symbol that the relocation names */
	uint32_t type;  /* R_X86_64_* */
	int64_t addend; /* offset in @to (or from @sym) that is meant; bias taken out */
	uint8_t bias;   /* see struct rel_use; the ELF addend is addend - bias */
	enum ref_use use;
};

struct atom {
	enum atom_kind kind;
	sec_id sec;
	sym_id sym;                      /* names it; 0: nothing does */
	atom_id owner;                   /* of ATOM_ENTRY and ATOM_PART: the function; may be 0 */
	const struct special *special;   /* of ATOM_ENTRY */
	uint64_t off, size;              /* in its section */
	uint32_t first_ref, n_refs;      /* in model.refs, ascending by off */
	uint32_t first_entry, n_entries; /* in model.entries: special entries and parts it owns */
};

struct model {
	const struct obj *obj; /* borrowed: outlives the model */
	struct atom *atoms;    /* [0] is none; ascending by section and offset */
	struct ref *refs;
	atom_id *entries;   /* grouped by owner, then in section order */
	atom_id *sec_first; /* n_secs + 1: first atom of each section */
	atom_id *functions; /* by name, then by id */
	uint32_t n_atoms, n_refs, n_entries, n_functions;
};

/**
 * model_build() - cut an object into atoms
 *
 * Errors: OAK_E_UNSUPPORTED (a relocation type or a special section of unknown shape, named),
 * OAK_E_FORMAT, OAK_E_NOMEM.
 */
int model_build(const struct obj *obj, struct model **ret, struct oak_error *err) _must_check_;

/**
 * model_build_sized() - as model_build(), with the sizes of entries that a kernel gives
 *
 * Sections that @sizes does not name are cut by what fits them. Errors also: OAK_E_FORMAT (a
 * section does not hold entries of the size given).
 */
int model_build_sized(const struct obj *obj, const struct special_sizes *sizes, struct model **ret,
		      struct oak_error *err) _must_check_;
void model_free(struct model *m);
DEFINE_CLEANUP(struct model *, model_free)

/* The atom that holds an offset of a section; its end counts as its own where no other begins. */
atom_id model_atom_at(const struct model *m, sec_id sec, uint64_t off);

/* "" for an atom without a name. */
const char *atom_name(const struct model *m, atom_id id);

/* The section's name. */
const char *atom_section(const struct model *m, atom_id id);

/* size bytes, NULL for .bss. */
const uint8_t *atom_bytes(const struct model *m, atom_id id);

bool atom_is_global(const struct model *m, atom_id id);
bool atom_is_writable(const struct model *m, atom_id id);

/* The atom of a function by its exact name; 0 where there is none. */
atom_id model_find_function(const struct model *m, const char *name);

/* Does the function call the tracer first (its first ref is a call to __fentry__ at @off 0)? */
bool atom_has_fentry(const struct model *m, atom_id id);

#endif
