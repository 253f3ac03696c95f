/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake-ops: a kernel that takes every module at once: no transition, and what was there is replaced. */
#ifndef OAK_FAKE_OPS_H
#define OAK_FAKE_OPS_H

#include <errno.h>
#include <unistd.h>

#include "fake-tree.h"
#include "host/loader.h"

struct fake_ops {
	int root;
	uint32_t level;  /* that is loaded */
	int load_error;  /* answered by load, or 0 */
	char loaded[64]; /* the bytes */
	unsigned loads;
};

static inline _unused_ int fake_ops_load(void *ctx, int fd)
{
	struct fake_ops *k = ctx;
	char name[32];

	k->loads++;
	if (k->load_error)
		return -k->load_error;
	EXPECT(pread(fd, k->loaded, sizeof(k->loaded) - 1, 0) > 0);
	tree_drop(k->root, "sys/kernel/livepatch/oakum_1");
	(void)snprintf(name, sizeof(name), "oakum_%u", k->level);
	tree_put_livepatch(k->root, name, "syscall_trace_enter,1", "1\n", "0\n");
	return 0;
}

static inline _unused_ int fake_ops_unload(void *ctx, const char *name)
{
	struct fake_ops *k = ctx;
	char path[128];

	(void)snprintf(path, sizeof(path), "sys/module/%s", name);
	if (!file_exists(k->root, path))
		return -ENOENT;
	tree_drop(k->root, path);
	return 0;
}

static inline _unused_ struct module_ops fake_ops(struct fake_ops *k)
{
	return (struct module_ops){ .load = fake_ops_load, .unload = fake_ops_unload, .ctx = k };
}

#endif
