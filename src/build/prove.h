/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prove: is the object that we compiled the one that the distribution shipped?
 *
 * Each function is looked for in the shipped image or module at every address of its name. It is
 * proven where all bytes outside relocated fields are equal and every field, read back from what
 * was shipped, leads to what it names: a symbol of that name, the same literal, the same constant.
 * What was read back is the exact address of each symbol that the object uses, however many symbols
 * share its name. Addresses are those of the object's home (shipped.h).
 *
 * Bodies that are identical under one name (static inlines that several objects emitted, two
 * drivers' copies in one module) are told apart by what proven functions read back; where nobody
 * uses one, by their place among the proven ones.
 */
#ifndef OAK_BUILD_PROVE_H
#define OAK_BUILD_PROVE_H

#include "build/shipped.h"

enum proof_status {
	PROOF_NONE,      /* not a function */
	PROOF_IDENTICAL, /* byte for byte what was shipped */
	PROOF_DIFFERS,   /* the name exists, the code is another */
	PROOF_ABSENT,    /* the shipped kernel has no function of this name */
	PROOF_AMBIGUOUS, /* several addresses fit equally well */
};

struct proof_atom {
	enum proof_status status;
	uint64_t addr;       /* of functions proven, of data that a proven function uses; or 0 */
	uint64_t read_back;  /* of functions: where proven ones that use it find it; or 0 */
	uint64_t differs_at; /* PROOF_DIFFERS: offset in the function, at the best candidate */
	char differs_why[160];
};

struct proof {
	struct proof_atom *atoms; /* by id in the original model */
	uint64_t *sym_addr; /* of undefined symbols, by sym_id: as read back, 0 where not seen */
	uint32_t n_functions, n_identical, n_differs, n_absent, n_ambiguous;
};

/**
 * prove_object() - compare all functions of a rebuilt object with its shipped home
 *
 * A function that differs is a result, not an error. Errors: OAK_E_NOMEM.
 */
int prove_object(const struct model *orig, const struct shipped *home, struct proof **ret,
		 struct oak_error *err) _must_check_;
void proof_free(struct proof *p);
DEFINE_CLEANUP(struct proof *, proof_free)

/* "identical", "differs", ... */
const char *proof_status_name(enum proof_status s);

/* The likely cause in words an author can act on; "" for proven functions. */
const char *proof_likely_cause(const struct model *orig, const struct proof *p, atom_id id);

#endif
