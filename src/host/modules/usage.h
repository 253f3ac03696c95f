/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: which loaded modules are in use, by whom, and how that is known.
 *
 * A reference that no module holds is a use. None is no proof of the contrary: netfilter tables,
 * kinds of links and drivers count no references, so that these are looked for one by one, in
 * every network and mount namespace. What a used module depends on is in use as well.
 *
 * A namespace that cannot be entered, or a file that cannot be read, is listed in "unknown"; the
 * modules that it might have shown to be in use are then USED_UNKNOWN rather than USED_NO.
 * Reads only. Sources: facts of the kernel's own files, named beside each reader.
 */
#ifndef OAK_HOST_MODULES_USAGE_H
#define OAK_HOST_MODULES_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "host/modules/loaded.h"
#include "host/modules/tree.h"

enum use_kind {
	USE_LIVEPATCH, /* a live patch, or its kernel code: never to be removed */
	USE_PERMANENT, /* the kernel cannot unload it */
	USE_DEVICE,    /* a device is bound to its driver */
	USE_BLOCK,     /* a block device of its kind: loop, dm, md */
	USE_MOUNT,     /* a file system is mounted somewhere */
	USE_LINK,      /* a network link of its kind, in some network namespace */
	USE_NETFILTER, /* a table, or what a bridge hands to netfilter */
	USE_SOCKET,    /* sockets of its protocol */
	USE_CRYPTO,    /* somebody holds its algorithm */
	USE_REFERENCE, /* references of what is no module */
	USE_BOOT,      /* the configuration loads it at boot */
	USE_NEEDED,    /* by a module that is in use */
	USE_KINDS
};

enum used {
	USED_NO,
	USED_UNKNOWN,
	USED_YES,
};

#define USE_TEXT_MAX   192
#define USE_FILE_MAX   96
#define USAGE_OWN_FILE "oakum.conf" /* in modules-load.d: what "modules plan" writes */
#define USES_KEPT_MAX  4u           /* of one kind and module; more are counted */

struct use {
	uint32_t module; /* of usage.loaded */
	enum use_kind kind;
	char what[USE_TEXT_MAX]; /* "ext4 on / of docker container web"; safe for a terminal */
	char file[USE_FILE_MAX]; /* "proc/4711/mountinfo" */
};

struct module_use {
	enum used used;
	uint32_t counts[USE_KINDS];
};

#define USAGE_UNKNOWN_MAX 16u

struct usage {
	struct loaded_list loaded;
	struct module_use *of; /* parallel to loaded.modules */
	struct use *uses;      /* by module, then kind */
	size_t n, cap;
	char unknown[USAGE_UNKNOWN_MAX][USE_TEXT_MAX];
	size_t n_unknown; /* may be more than are kept */
	bool links_unknown, mounts_unknown, devices_unknown;
	size_t net_namespaces, mount_namespaces;
};

struct usage_options {
	bool live; /* @root is this machine: its network namespaces may be entered */
};

/**
 * usage_read() - all evidence there is
 * @tree: tells which module a file system or a kind of link is of; an empty one will do
 *
 * Errors: OAK_E_UNSUPPORTED where the kernel has no modules, those of loaded_read(), OAK_E_NOMEM,
 * and OAK_E_FAILED where our own network namespace could not be entered again: end then.
 */
int usage_read(int root, const struct module_tree *tree, const struct usage_options *opt,
	       struct usage *ret, struct oak_error *err) _must_check_;

void usage_free(struct usage *u); /* also the guard */

/* "live patch", "device", ... */
const char *use_kind_name(enum use_kind k);

/* "no", "unknown", "yes" */
const char *used_name(enum used u);

/* The uses of one module: @ret_n of them, from the return on; NULL where there are none. */
const struct use *usage_of(const struct usage *u, uint32_t module, size_t *ret_n);

#endif
