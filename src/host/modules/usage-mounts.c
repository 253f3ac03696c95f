/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage-mounts: file systems mounted in every mount namespace, and block devices that are no
 * device of a bus. Source: proc_pid_mountinfo(5), Documentation/ABI/testing/sysfs-block.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/modules/mounts.h"
#include "host/modules/usage-priv.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define MOUNTINFO_MAX (8u << 20)

static int add_mount(struct gather *g, const struct space *s, const char *file,
		     const struct mount *m, struct oak_error *err)
{
	char type[MODULE_NAME_MAX], point[64];
	const char *module;

	if (!word_module(m->type, type))
		return 0;
	word_copy(point, sizeof(point), m->point);
	module = use_module(g, "fs-", type);
	return module ? use_add(g, module, USE_MOUNT, file, err, "%s on %s%s", type, point, s->where)
		      : 0;
}

static int add_mounts(struct gather *g, struct space *s, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct mount m;
	const char *p;
	unsigned tries = 0;
	char file[64];
	int r;

	do {
		(void)snprintf(file, sizeof(file), "proc/%d/mountinfo", (int)s->pid);
		r = file_read(g->root, file, MOUNTINFO_MAX, &text, err);
	} while (r == -OAK_E_NOTFOUND && g->live && ++tries < AGAIN_MAX && space_again(g, "mnt", s));
	if (r == -OAK_E_NOTFOUND && g->live)
		return 0; /* it has gone with its last process */
	if (r < 0) {
		use_unknown(g->usage, "mount namespace %s%s: %s", s->name, s->where, err->msg);
		g->usage->mounts_unknown = true;
		return 0;
	}
	p = buf_str(&text);
	while (r == 0 && mount_next(&p, &m))
		r = add_mount(g, s, file, &m, err);
	return r;
}

int gather_mounts(struct gather *g, struct oak_error *err)
{
	int r = 0;

	if (!g->mnt.n) {
		use_unknown(g->usage, "no mount namespace is found in /proc");
		g->usage->mounts_unknown = true;
	}
	for (size_t i = 0; r == 0 && i < g->mnt.n; i++)
		r = add_mounts(g, &g->mnt.v[i], err);
	return r;
}

/* "md/level" of a RAID is the name of a personality: "raid1". */
static int add_raid(struct gather *g, const char *block, const char *file, struct oak_error *err)
{
	char path[SYSFS_PATH_MAX], level[32];
	const char *module;

	(void)snprintf(path, sizeof(path), "sys/block/%s/md/level", block);
	if (sysfs_read(g->root, path, level, sizeof(level)) < 0)
		return 0;
	module = use_module(g, "md-", level);
	return module ? use_add(g, module, USE_BLOCK, file, err, "%s is of %s", block, level) : 0;
}

/* "CRYPT-LUKS2-..." names what made the device. */
static int add_mapped(struct gather *g, const char *block, const char *file, struct oak_error *err)
{
	static const char *const kinds[][2] = {
		{ "CRYPT-", "dm_crypt" },
		{ "mpath-", "dm_multipath" },
		{ "VDO-", "kvdo" },
	};
	char path[SYSFS_PATH_MAX], uuid[160];
	int r = 0;

	(void)snprintf(path, sizeof(path), "sys/block/%s/dm/uuid", block);
	if (sysfs_read(g->root, path, uuid, sizeof(uuid)) < 0)
		return 0;
	for (size_t i = 0; r == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(uuid, kinds[i][0], strlen(kinds[i][0])) == 0)
			r = use_add(g, kinds[i][1], USE_BLOCK, file, err, "%s is %s", block, uuid);
	return r;
}

static int add_block(struct gather *g, const char *block, struct oak_error *err)
{
	/* A device that has something: others are there because the module is. */
	static const char *const kinds[][3] = {
		{ "loop", "loop/backing_file", "loop" },
		{ "dm-", "dm/uuid", "dm_mod" },
		{ "md", "md/level", "md_mod" },
		{ "zram", "initstate", "zram" },
		{ "nbd", "pid", "nbd" },
		{ "rbd", "device", "rbd" },
	};
	char path[SYSFS_PATH_MAX], file[USE_FILE_MAX];
	int r = 0;

	(void)snprintf(file, sizeof(file), "sys/block/%.64s", block);
	for (size_t i = 0; r == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(block, kinds[i][0], strlen(kinds[i][0])) != 0)
			continue;
		(void)snprintf(path, sizeof(path), "sys/block/%s/%s", block, kinds[i][1]);
		if (strcmp(kinds[i][0], "zram") == 0 ? sysfs_is_true(g->root, path)
						     : file_exists(g->root, path))
			r = use_add(g, kinds[i][2], USE_BLOCK, file, err, "%s is set up", block);
	}
	if (r == 0)
		r = add_raid(g, block, file, err);
	return r < 0 ? r : add_mapped(g, block, file, err);
}

int gather_blocks(struct gather *g, struct oak_error *err)
{
	_cleanup_(closedirp) DIR *d = procs_open(g->root, "sys/block");
	struct dirent *e;
	int r = 0;

	while (r == 0 && d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			r = add_block(g, e->d_name, err);
	return r;
}
