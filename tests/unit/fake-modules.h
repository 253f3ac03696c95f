/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake-modules: a fake tree with modules in the kernel and on the disk. */
#ifndef OAK_FAKE_MODULES_H
#define OAK_FAKE_MODULES_H

#include "fake-proc.h"
#include "host/modules/tree.h"
#include "host/modules/usage.h"

#define FAKE_RELEASE "6.1.0-50-amd64"
#define FAKE_LIB     "lib/modules/" FAKE_RELEASE "/"

/* What /proc/modules says of a module that nobody refers to. */
#define IDLE(name) name " 16384 0 - Live 0x0000000000000000\n"

static inline _unused_ int modules_new(const char *loaded)
{
	int root = tree_new();
	struct oak_error err;

	EXPECT(dir_make(root, "sys/bus", &err) == 0);
	tree_put(root, "proc/sys/kernel/osrelease", FAKE_RELEASE "\n");
	tree_put(root, "proc/modules", loaded);
	proc_new_host(root);
	proc_put_ns(root, 1, "net", "net:[1]");
	return root;
}

static inline _unused_ void modules_link(int root, const char *path, const char *target)
{
	_cleanup_(freep) char *dir = strndup(path, (size_t)(strrchr(path, '/') - path));
	struct oak_error err;

	EXPECT(dir && dir_make(root, dir, &err) == 0);
	EXPECT(symlinkat(target, root, path) == 0);
}

/* The uses of a module as text: "kind: what [file]", one a line. */
static inline _unused_ const char *modules_uses(const struct usage *u, const char *name)
{
	static char text[4096];
	uint32_t m = loaded_find(&u->loaded, name);
	const struct use *uses;
	size_t n, len = 0;

	EXPECT(m != LOADED_NONE);
	uses = usage_of(u, m, &n);
	text[0] = '\0';
	for (size_t i = 0; i < n && len < sizeof(text) - 512; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s: %s [%s]\n",
					use_kind_name(uses[i].kind), uses[i].what, uses[i].file);
	return text;
}

static inline _unused_ enum used modules_used(const struct usage *u, const char *name)
{
	uint32_t m = loaded_find(&u->loaded, name);

	EXPECT(m != LOADED_NONE);
	return u->of[m].used;
}

#endif
