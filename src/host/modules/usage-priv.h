/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usage-priv: what the readers of evidence share. */
#ifndef OAK_HOST_MODULES_USAGE_PRIV_H
#define OAK_HOST_MODULES_USAGE_PRIV_H

#include <sys/types.h>

#include "host/container.h"
#include "host/modules/usage.h"

#define NS_NAME_MAX    32 /* "net:[4026531840]" */
#define NAMESPACES_MAX 65536u
#define AGAIN_MAX      3u /* processes of one namespace that end while they are looked at */

/* One namespace, and a process or a file through which it is reached. */
struct space {
	char name[NS_NAME_MAX];
	pid_t pid;                     /* 0: only @path */
	char path[USE_TEXT_MAX];       /* "run/netns/blue" below the root, or "" */
	char where[USE_TEXT_MAX - 64]; /* "" for the host, else " of docker container web" */
};

struct spaces {
	struct space *v;
	size_t n, cap;
};

#define ANSWERS_MAX 256u

/* Aliases that were looked up: a host of many containers asks for the same few again and again. */
struct answer {
	char alias[2 * MODULE_NAME_MAX];
	uint32_t module; /* of the loaded ones, or LOADED_NONE */
};

struct gather {
	int root;
	bool live;
	const struct module_tree *tree;
	struct usage *usage;
	struct spaces net, mnt;
	struct answer answers[ANSWERS_MAX];
	size_t n_answers;
};

/*
 * Adds one use of a module that is loaded; of another nothing. @file is below the root.
 * Return: 0 or -OAK_E_NOMEM.
 */
int use_add(struct gather *g, const char *module, enum use_kind kind, const char *file,
	    struct oak_error *err, const char *fmt, ...) _printf_(6, 7);

/*
 * The loaded module that answers to "<prefix><name>", else the one called @name; NULL where there
 * is none. Borrowed from the list of loaded modules.
 */
const char *use_module(struct gather *g, const char *prefix, const char *name);

void use_unknown(struct usage *u, const char *fmt, ...) _printf_(2, 3);

int spaces_read(struct gather *g, struct oak_error *err) _must_check_;

/* Another process in the same namespace, where the first has ended; false where none is left. */
bool space_again(const struct gather *g, const char *ns, struct space *s);

int space_add(struct spaces *s, const struct space *space, struct oak_error *err) _must_check_;

/* The readers; 0 or a negative code that ends all. */
int gather_devices(struct gather *g, struct oak_error *err) _must_check_;
int gather_blocks(struct gather *g, struct oak_error *err) _must_check_;
int gather_mounts(struct gather *g, struct oak_error *err) _must_check_;
int gather_net_files(struct gather *g, struct oak_error *err) _must_check_;
int gather_links(struct gather *g, struct oak_error *err) _must_check_;
int gather_crypto(struct gather *g, struct oak_error *err) _must_check_;
int gather_livepatches(struct gather *g, struct oak_error *err) _must_check_;
int gather_boot(struct gather *g, struct oak_error *err) _must_check_;

#endif
