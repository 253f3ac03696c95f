/* SPDX-License-Identifier: GPL-2.0-or-later */
/* make-priv: the steps of make, shared by its files and by nobody else. */
#ifndef OAK_BUILD_MAKE_PRIV_H
#define OAK_BUILD_MAKE_PRIV_H

#include "base/file.h"
#include "build/cshared.h"
#include "build/include-graph.h"
#include "build/make.h"
#include "build/scratch.h"
#include "build/worktree.h"

/* A shipped module. */
struct module_home {
	char *name;
	struct ko *ko;
	const struct ko **deps; /* borrowed from other homes */
	size_t n_deps;
	bool complete; /* deps were read */
};

struct maker {
	const struct kernel *k;
	const struct make_options *opt; /* NULL for make_prove() */
	const struct progress *progress;
	struct make_result *res;
	struct kbuild *kb;
	struct worktree *tree;       /* NULL for make_prove() */
	struct include_graph *graph; /* NULL until make_graph() */
	struct cshared shared;       /* what the text of the fixes may change */
	struct cshared *shared_by;   /* the same of each fix */
	struct mapping vmlinux;
	struct kimage *img;
	struct module_home **homes;
	size_t n_homes;
	char *work; /* the kernel's work folder */
	struct scratch tmp;
	char *compiler;          /* first line of "cc --version" */
	struct sign_key *signer; /* NULL: the level is not signed */
	struct oak_error *err;
};

/* Sorts the files of the fixes into objects and findings. */
int make_find_objects(struct maker *m) _must_check_;

/* Index of a fix that is none: the object was asked for by name. */
#define NO_FIX SIZE_MAX

/* Adds one object; one that is not compiled or cannot be patched becomes a finding. */
int make_add_object(struct maker *m, const char *source, size_t fix) _must_check_;

/* Adds one that may turn out not to change; @ret_compiled: false where it is none at all. */
int make_add_candidate(struct maker *m, const char *source, size_t fix, bool *ret_compiled)
	_must_check_;

/* A .c file of a fix: its object, and those of the files that include it. */
int make_add_source(struct maker *m, const char *source, size_t fix) _must_check_;

/* Appends a file of a source tree to @ret; one that is not there is empty. */
int make_read_source(struct maker *m, const char *tree, const char *path, struct buf *ret)
	_must_check_;

/* Which file includes which; read at the first call. */
int make_graph(struct maker *m, const struct include_graph **ret) _must_check_;

bool make_touches_header(const struct maker *m);

/* The objects that the headers of the fixes change. */
int make_find_by_headers(struct maker *m) _must_check_;

/* May the object be patched? A finding says why not. */
int make_check_home(struct maker *m, const struct object_command *c, bool *ret_ok) _must_check_;

/* Compiles all objects, patched too where there is a work tree, and reads what came out. */
int make_compile_all(struct maker *m) _must_check_;

/* What the fixes may change beside code; before the lines of the work tree are kept. */
int make_judge_shared(struct maker *m) _must_check_;

/* The part of that which comes from fixes that touch the object. */
struct cshared make_shared_of(const struct maker *m, const struct make_object *o);

/* Types that changed in the objects that did; findings. Compiles only where the text asks for it. */
int make_check_types(struct maker *m) _must_check_;

/* CRCs of exported symbols that changed; findings. The same is true of it. */
int make_check_crcs(struct maker *m) _must_check_;

/* Are they of the form? Before anything takes long. */
int make_check_accepts(struct maker *m) _must_check_;

/* Once all findings are there: moves those that the author accepts. */
int make_accept(struct maker *m) _must_check_;

/* Explains the module, whose hash is known by now. */
int make_explain(struct maker *m, const struct link_world *w, const struct buf *module,
		 const char *name) _must_check_;

/* Explanation and report, beside the manifest. */
int make_write_explained(struct maker *m) _must_check_;

void make_drop_object(struct maker *m, size_t i);
void make_free_objects(struct make_result *res);

/* The shipped module of this name, read at the first call; borrowed until make_close_homes(). */
int make_home(struct maker *m, const char *module, const struct module_home **ret) _must_check_;
void make_close_homes(struct maker *m);

/* The object as the passes that need the kernel see it; its proof and diff may be missing yet. */
int make_unit(struct maker *m, const struct make_object *o, struct unit *ret) _must_check_;

/* Reads the key before anything takes long; then, once the module is made, signs it. */
int make_open_signer(struct maker *m) _must_check_;
int make_sign(struct maker *m, struct buf *module) _must_check_;

/* manifest.json, next to the module. */
int make_manifest(struct maker *m, const char *path) _must_check_;

#endif
