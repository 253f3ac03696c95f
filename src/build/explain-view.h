/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain-view: the document of explain.h, checked, as tables. Its texts are the document's and
 * live as long as the view.
 */
#ifndef OAK_BUILD_EXPLAIN_VIEW_H
#define OAK_BUILD_EXPLAIN_VIEW_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/json.h"

enum explain_role {
	EXPLAIN_REPLACED, /* a klp_func: entered instead of the running one */
	EXPLAIN_NEW,      /* the original has none */
	EXPLAIN_CHANGED,  /* the original has another, which stays what others enter */
	EXPLAIN_CARRIED,  /* a copy: the running kernel's own cannot be named */
	EXPLAIN_N_ROLES
};

/* What the piece that needed another does with it. */
enum explain_how {
	EXPLAIN_ROOT,     /* nobody needed it: the fix changed it */
	EXPLAIN_CALLS,    /* calls or jumps to it */
	EXPLAIN_USES,     /* holds or takes its address */
	EXPLAIN_PART,     /* it is a part: .cold */
	EXPLAIN_CALLER,   /* the other way round: it calls the one that cannot be redirected */
	EXPLAIN_TOGETHER, /* in another way */
	EXPLAIN_N_HOWS
};

/* Entries of one special section that describe a piece. */
struct explain_entries {
	const char *section;
	size_t n;
	size_t left_out; /* of further ones, which would come too late for a module's symbols */
};

/* A piece uses a symbol of the kernel, or another piece. */
struct explain_use {
	bool is_piece;
	bool calls;
	size_t id; /* in pieces or symbols */
};

struct explain_piece {
	const char *name; /* "": the module's symbol table does not name it */
	const char *kind; /* "function", "variable", "string", ... */
	const char *text; /* of a string: escaped, perhaps shortened; else "" */
	const char *via;  /* section of the entry that led from @because here; "" */
	enum explain_role role;
	enum explain_how how;
	size_t object;  /* in objects */
	size_t because; /* in pieces; itself for a root */
	size_t size;    /* bytes */
	/* Of EXPLAIN_REPLACED. */
	const char *old_name, *address, *proof;
	size_t sympos;
	struct explain_entries *entries;
	size_t n_entries;
	struct explain_use *uses;
	size_t n_uses;
};

/* A symbol of the running kernel. */
struct explain_symbol {
	const char *symbol; /* as in the module: "kfree", ".klp.sym.vmlinux.foo,2" */
	const char *name;
	const char *object;  /* whose it is: "vmlinux" or a module */
	const char *late;    /* the module whose coming resolves it; "" */
	const char *address; /* "0x...", of a module the offset in its section; "" */
	bool exported;       /* else found by livepatch */
	size_t sympos;
};

struct explain_fix {
	const char *title, *file;
	const char **cves;
	size_t n_cves;
};

struct explain_object {
	const char *object, *source, *patches; /* "vmlinux" or a module */
	bool by_header;                        /* the fix touches a header that it includes */
	size_t *fixes;
	size_t n_fixes;
	size_t n_functions, n_identical; /* proof */
};

/* What the level brings whatever the fix is. */
struct explain_own {
	const char *name, *why; /* @why "": nobody knows, which is a bug */
};

struct explain {
	json_t *doc;
	const char *module, *module_sha256, *release;
	size_t level;
	struct explain_fix *fixes;
	struct explain_object *objects;
	struct explain_piece *pieces;
	struct explain_symbol *symbols; /* ascending by symbol */
	struct explain_own *own;
	size_t n_fixes, n_objects, n_pieces, n_symbols, n_own;
};

/**
 * explain_read() - look at a document
 * @doc: a reference is kept
 *
 * Pure. Every index lies inside its table, every piece leads to a root, no text has control
 * characters. Errors: OAK_E_FORMAT, OAK_E_NOMEM. Fuzzed by tests/fuzz/fuzz-explain.c.
 */
int explain_read(json_t *doc, struct explain **ret, struct oak_error *err) _must_check_;
void explain_free(struct explain *e);
DEFINE_CLEANUP(struct explain *, explain_free)

/* "replaced", "new", ... as in the document. */
const char *explain_role_name(enum explain_role r);
const char *explain_how_name(enum explain_how h);

#endif
