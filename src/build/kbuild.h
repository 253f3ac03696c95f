/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kbuild: how the distribution compiled one object, asked of the kernel's own makefiles.
 *
 * Nothing is built. The top makefile is read once a kernel to learn what it exports to its
 * sub-makes; then scripts/Makefile.build is read for the object's folder with the rule that would
 * compile replaced by one that prints (rule_cc_o_c, the same name from 2.6 to 6.12). That takes
 * 0.1 to 0.5 s a folder, so answers are kept on disk.
 */
#ifndef OAK_BUILD_KBUILD_H
#define OAK_BUILD_KBUILD_H

#include "base/cleanup.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/progress.h"
#include "build/words.h"
#include "kernel/store.h"

enum object_home {
	HOME_NONE, /* no makefile of this configuration compiles it */
	HOME_VMLINUX,
	HOME_LIBRARY, /* lib.a: only what is needed is linked */
	HOME_MODULE,
};

struct object_command {
	char *object; /* "kernel/entry/common.o" */
	char *source; /* "kernel/entry/common.c" */
	enum object_home home;
	char *module;         /* of HOME_MODULE: the module's name, as its makefile spells it */
	struct words others;  /* further modules that it is linked into */
	struct words cc;      /* as the distribution ran it, -o and the source last */
	struct words objtool; /* without the object's name; n == 0: objtool skips this object */
};

struct kbuild; /* opaque */

/* Reads (and remembers on disk) the top makefile's environment. Takes 0.7 s the first time. */
int kbuild_open(const struct kernel *k, struct kbuild **ret, struct oak_error *err) _must_check_;
void kbuild_close(struct kbuild *kb);
DEFINE_CLEANUP(struct kbuild *, kbuild_close)

/**
 * kbuild_ask() - learn the commands of many objects at once
 * @sources: .c files below the source tree
 *
 * One run of make a folder, for what is not known yet; kbuild_object() is quick afterwards.
 */
int kbuild_ask(const struct kbuild *kb, const char *const *sources, size_t n,
	       const struct progress *progress, struct oak_error *err) _must_check_;

/**
 * kbuild_object() - the command of one object
 * @source: a .c file below the source tree
 * @ret:    zeroed by the caller; object_command_free() it
 *
 * An object that this configuration does not compile is HOME_NONE, not an error.
 */
int kbuild_object(const struct kbuild *kb, const char *source, struct object_command *ret,
		  struct oak_error *err) _must_check_;
void object_command_free(struct object_command *c); /* also the guard */

/* The environment to run the command in, NULL-terminated; borrowed. */
const char *const *kbuild_env(const struct kbuild *kb);

#endif
