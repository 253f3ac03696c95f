/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store: the author's kernels on disk. $OAKUM_CACHE, or $XDG_CACHE_HOME/oakum, or ~/.cache/oakum:
 *
 *	kernels/<name>/kernel.json      the facts below
 *	kernels/<name>/vmlinux          the unpacked ELF; map it and kimage_parse() it
 *	kernels/<name>/vmlinuz          as shipped
 *	kernels/<name>/config           as shipped (/boot/config-<release>)
 *	kernels/<name>/Module.symvers   exports and CRCs of vmlinux and all modules
 *	kernels/<name>/source/          tree in which single objects can be compiled again (tree.h)
 *	kernels/<name>/modules/         the image's /lib/modules/<release>
 *	kernels/<name>/changelog.gz     of the image's package
 *	downloads/                      packages as fetched, checked against the index before use
 *	lock                            one "kernel add" at a time
 *
 * A kernel appears by one rename(). Afterwards only makefiles of source/ add files that they
 * generate on the way to an object, and kernel_have_changelog() the changelog of an older store.
 */
#ifndef OAK_KERNEL_STORE_H
#define OAK_KERNEL_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/progress.h"

/* A kernel of the store. All strings are owned by it; paths are absolute. */
struct kernel {
	char *name;            /* folder: "debian-6.1.0-50-amd64-6.1.176-1" */
	char *reference;       /* complete: "debian:6.1.0-50-amd64=6.1.176-1" */
	char *release;         /* uname -r: "6.1.0-50-amd64" */
	char *arch;            /* "x86_64" */
	char *build_id;        /* lower-case hex */
	char *distribution;    /* "debian" */
	char *package_version; /* "6.1.176-1" */
	char *compiler;        /* program to call: "gcc-12" */
	char *compiler_banner; /* "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0", CONFIG_CC_VERSION_TEXT */
	char *banner;          /* "Linux version ..." */
	char *dir;
	char *vmlinux;
	char *vmlinuz;
	char *config;
	char *symvers;
	char *source;
	char *modules;
	char *changelog; /* may not be there: kernel_have_changelog() */
};

void kernel_free(struct kernel *k); /* NULL is fine */
DEFINE_CLEANUP(struct kernel *, kernel_free)

/**
 * store_dir() - where the store is; made if missing
 * @ret: absolute path; the caller frees it
 */
int store_dir(char **ret, struct oak_error *err) _must_check_;

/**
 * kernel_add() - fetch a kernel's packages and make it ready
 * @reference: "debian:6.1.0-50-amd64" or "debian:6.1.0-50-amd64=6.1.176-1"
 * @ret:       on success the kernel
 * @ret_new:   false where the store had it already (fast); may be NULL
 *
 * Atomic: built beside and renamed at the end; what a killed run left is removed by the next.
 * Waits for another add that is under way. Needs the network only for packages that downloads/
 * does not hold.
 *
 * Errors: OAK_E_USAGE (reference), OAK_E_NOTFOUND (no such package; says what there is),
 * OAK_E_FAILED (a tool failed), OAK_E_FORMAT, OAK_E_IO, OAK_E_NOMEM.
 */
int kernel_add(const char *reference, const struct progress *progress, struct kernel **ret,
	       bool *ret_new, struct oak_error *err) _must_check_;

/**
 * kernel_open() - a kernel of the store
 * @which: its reference (with or without the version), its name or its build-id (8 digits suffice)
 *
 * Of several versions of one reference without "=VERSION" the newest is taken.
 *
 * Errors: OAK_E_NOTFOUND (says which there are and how to add one), OAK_E_FORMAT, OAK_E_IO.
 */
int kernel_open(const char *which, struct kernel **ret, struct oak_error *err) _must_check_;

/**
 * kernel_have_changelog() - k->changelog is there afterwards
 *
 * At once where "kernel add" kept it, else some seconds. Errors: OAK_E_NOTFOUND (the package is
 * not at hand any more), OAK_E_FAILED, OAK_E_IO.
 */
int kernel_have_changelog(const struct kernel *k, const struct progress *progress,
			  struct oak_error *err) _must_check_;

/* All kernels of the store, sorted by name. */
struct kernel_list {
	struct kernel **v;
	size_t n;
};
int kernel_list(struct kernel_list *ret, struct oak_error *err) _must_check_;
void kernel_list_free(struct kernel_list *l); /* zero is fine; also the guard */

/* A kernel that a distribution's archive offers complete, source and image of one version. */
struct kernel_offer {
	char *reference; /* ready for kernel_add() */
	char *release;
	char *version;
};
struct kernel_offers {
	struct kernel_offer *v; /* newest first */
	size_t n;
};

/**
 * kernel_available() - what kernel_add() could fetch now
 * @provider: "debian"
 */
int kernel_available(const char *provider, struct kernel_offers *ret, struct oak_error *err)
	_must_check_;
void kernel_offers_free(struct kernel_offers *o); /* zero is fine; also the guard */

#endif
