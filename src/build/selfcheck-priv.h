/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selfcheck-priv: the steps of the self-check, shared by its files and by nobody else. */
#ifndef OAK_BUILD_SELFCHECK_PRIV_H
#define OAK_BUILD_SELFCHECK_PRIV_H

#include "build/diff.h"
#include "build/modfile.h"
#include "build/selfcheck.h"

#define KLP_MODULE_MAX 56  /* MODULE_NAME_LEN, with the NUL */
#define KLP_SYMBOL_MAX 512 /* KSYM_NAME_LEN of the longest kernels, with the NUL */

/* A place in the module. */
struct spot {
	uint32_t sec;
	uint64_t off;
	uint32_t sym; /* of a pointer that was followed: the symbol that it names */
};

/* What a symbol of the module's table is to the kernel. */
enum sim_kind {
	SIM_UNUSED, /* no relocation may name it */
	SIM_OWN,    /* of the module itself */
	SIM_EXPORT, /* SHN_UNDEF */
	SIM_KLP,    /* SHN_LIVEPATCH */
};

struct sim_symbol {
	enum sim_kind kind;
	uint64_t addr; /* as the kernel resolves it; of SIM_OWN: in the simulated layout */
	char object[KLP_MODULE_MAX]; /* of SIM_KLP: "vmlinux" or a module */
};

/* A klp_func. */
struct sim_func {
	const char *object; /* NULL: vmlinux */
	const char *name;
	uint64_t sympos;
	uint64_t old_addr;
	struct spot code;
};

/* A klp_object. */
struct sim_object {
	const char *name;         /* NULL: vmlinux */
	struct spot hooks[HOOKS]; /* sec 0: none */
};

/* Bytes that somebody answers for. */
struct claim {
	struct spot at;
	uint64_t len, align;
	const char *what;
};

struct simload {
	const struct modfile *f;
	const struct selfcheck_kernel *k;
	uint64_t *base;          /* by section: where the simulation loads it */
	struct sim_symbol *syms; /* by symbol */
	bool *seen;              /* by relocation: something asked for it */
	struct sim_object *objects;
	struct sim_func *funcs;
	size_t n_objects, n_funcs;
	struct claim *claims;
	size_t n_claims;
	struct spot init, exit; /* the entry points */
	uint32_t n_late;
	struct oak_error *err;
};

/* The whole simulation; @sl is zeroed but for f, k and err. simload_clear() it, also after errors. */
int simload_run(struct simload *sl) _must_check_;
void simload_clear(struct simload *sl);

/* Its steps. */
int simload_symbols(struct simload *sl) _must_check_;
int simload_relocations(struct simload *sl) _must_check_;
int simload_klp(struct simload *sl) _must_check_;

/* The module of @k that goes by this name; NULL for none. */
const struct ko *simload_ko(const struct simload *sl, const char *name);

/* livepatch's rule. Return: the address, 0 where the kernel would not find exactly one. */
uint64_t simload_find(const struct simload *sl, const char *object, const char *name,
		      uint64_t sympos);

/* The module whose coming fills in what a relocation section holds; "" for the level's own loading. */
void simload_late(const struct modfile *f, uint32_t holder, char ret[KLP_MODULE_MAX]);

/* How a pointer says where it leads. */
enum pointer {
	BY_SYMBOL,  /* the start of a named symbol */
	BY_SECTION, /* an offset in a section */
};

/**
 * simload_follow() - read a pointer as the kernel will see it, and tick its relocation off
 * @how: the only way that is taken: each relocation can be written in one way only
 * @ret: sec 0: there is none, the word is zero
 */
int simload_follow(struct simload *sl, struct spot word, enum pointer how, struct spot *ret)
	_must_check_;

/* Where a relocation of any width leads in the module. */
int simload_lead(const struct simload *sl, const struct mod_rela *rela, enum pointer how,
		 struct spot *ret) _must_check_;

/* Ticks off the relocation at @at, which must be of this type. */
int simload_take(struct simload *sl, struct spot at, uint32_t type, const struct mod_rela **ret)
	_must_check_;

int simload_claim(struct simload *sl, const struct claim *c) _must_check_;

#endif
