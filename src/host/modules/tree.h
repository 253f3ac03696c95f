/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: the modules that this kernel could load, from the files that depmod makes for it.
 *
 *	modules.dep	"path: path..."		each module with all that it needs
 *	modules.alias	"alias PATTERN NAME"	what the kernel asks for, and who answers
 *	modules.softdep	"softdep NAME pre: ..."	what modprobe loads besides
 *	modules.builtin	"path"			what is part of the kernel
 *
 * Lines that are something else are passed over, as kmod does. All of it is bounded: more than
 * TREE_MODULES_MAX names or TREE_ALIASES_MAX aliases is OAK_E_TOOLARGE.
 * Source: depmod(8), modules.dep(5); Debian 12's 6.1 has 4,022 modules and 26,184 aliases.
 */
#ifndef OAK_HOST_MODULES_TREE_H
#define OAK_HOST_MODULES_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "host/modules/word.h"

#define TREE_MODULES_MAX 65536u
#define TREE_ALIASES_MAX (1u << 20)
#define TREE_LINKS_MAX   (1u << 20)
#define TREE_NONE        UINT32_MAX
#define TREE_TEXT_MAX    (32u << 20)

struct tree_module {
	char name[MODULE_NAME_MAX];
	bool builtin;
	bool on_disk; /* a line of its own in modules.dep */
};

struct tree_alias {
	const char *pattern; /* borrowed from the tree; as written, with "-" */
	uint32_t module;
};

struct tree_link {
	uint32_t from, to;
};

struct tree_softdep {
	uint32_t from;
	const char *to; /* a module or an alias */
};

struct module_tree {
	struct tree_module *modules;
	size_t n, cap;
	uint32_t *index; /* open hash of names */
	size_t index_size;
	struct tree_alias *aliases;
	size_t n_aliases, cap_aliases;
	struct tree_link *links; /* dependencies, in the order of their first module */
	size_t n_links, cap_links;
	struct tree_softdep *softdeps;
	size_t n_softdeps, cap_softdeps;
	struct buf alias_text, softdep_text; /* what the above borrow from */
};

/* Pure; each may be called once for a tree that was zeroed. @text is taken over. */
int tree_add_dep(struct module_tree *t, const char *text, struct oak_error *err) _must_check_;
int tree_add_builtin(struct module_tree *t, const char *text, struct oak_error *err) _must_check_;
int tree_add_aliases(struct module_tree *t, struct buf *text, struct oak_error *err) _must_check_;
int tree_add_softdeps(struct module_tree *t, struct buf *text, struct oak_error *err) _must_check_;

/*
 * Reads them below /lib/modules/<release>, or below /usr/lib/modules. A missing modules.dep is
 * OAK_E_NOTFOUND, another missing file is empty.
 */
int tree_read(int root, const char *release, struct module_tree *ret, struct oak_error *err)
	_must_check_;

void tree_free(struct module_tree *t); /* also the guard */

/* TREE_NONE where there is none. */
uint32_t tree_find(const struct module_tree *t, const char *name);

/* The next alias from *@at on whose pattern matches; false after the last. */
bool tree_alias_next(const struct module_tree *t, const char *alias, size_t *at, uint32_t *ret);

/* The first module that answers to the alias, else that has this name; or TREE_NONE. */
uint32_t tree_resolve(const struct module_tree *t, const char *alias);

/* The links from one module: @ret_n of them, from the return on; NULL where there are none. */
const struct tree_link *tree_links(const struct module_tree *t, uint32_t module, size_t *ret_n);

/**
 * tree_close() - all that a set of modules needs
 * @set:  one flag a module; those that they depend on are set too
 * @soft: also what modprobe loads for them besides
 */
void tree_close(const struct module_tree *t, bool *set, bool soft);

#endif
