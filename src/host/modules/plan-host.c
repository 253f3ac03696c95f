/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan-host: modules that this host will ask for at its next boot, though they may not be loaded.
 *
 * What udev asks for are the modalias files of all devices; what mounts ask for are the types in
 * /etc/fstab; what is named are modules-load.d and the initramfs. Source: modules-load.d(5),
 * fstab(5), initramfs-tools(7).
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/modules/plan.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define MODALIAS_MAX 4096
#define FILE_MAX     (1u << 20)

struct teller {
	int root;
	const struct module_tree *t;
	plan_name_fn *fn;
	void *ctx;
};

static void tell_alias(const struct teller *w, const char *alias, const char *detail)
{
	size_t at = 0;
	uint32_t m;

	while (tree_alias_next(w->t, alias, &at, &m))
		w->fn(w->ctx, m, detail);
}

static void tell_bus(const struct teller *w, const char *bus)
{
	_cleanup_(closedirp) DIR *d = NULL;
	char path[SYSFS_PATH_MAX];
	struct dirent *e;

	(void)snprintf(path, sizeof(path), "sys/bus/%s/devices", bus);
	d = procs_open(w->root, path);
	while (d && (e = readdir(d))) {
		char file[SYSFS_PATH_MAX + 300], alias[MODALIAS_MAX], detail[PLAN_DETAIL_MAX];

		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(file, sizeof(file), "%s/%s/modalias", path, e->d_name);
		if (sysfs_read(w->root, file, alias, sizeof(alias)) < 0 || !alias[0])
			continue;
		(void)snprintf(detail, sizeof(detail), "device %.60s of bus %.40s", e->d_name, bus);
		tell_alias(w, alias, detail);
	}
}

void module_plan_each_device(int root, const struct module_tree *t, plan_name_fn *fn, void *ctx)
{
	const struct teller w = { root, t, fn, ctx };
	_cleanup_(closedirp) DIR *d = procs_open(root, "sys/bus");
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			tell_bus(&w, e->d_name);
}

/* A name by itself, or what answers to it. */
static void tell_name(const struct teller *w, struct word name, const char *file)
{
	char text[MODULE_NAME_MAX], detail[PLAN_DETAIL_MAX];
	uint32_t m;

	if (!word_module(name, text))
		return;
	(void)snprintf(detail, sizeof(detail), "named in %.100s", file);
	m = tree_find(w->t, text);
	if (m != TREE_NONE)
		w->fn(w->ctx, m, detail);
	else
		tell_alias(w, text, detail);
}

static void tell_file(const struct teller *w, const char *path)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct word line, name;
	const char *p;

	if (file_read(w->root, path, FILE_MAX, &text, NULL) < 0)
		return;
	p = buf_str(&text);
	while (word_line(&p, &line))
		if (word_next(&line, &name) && !strchr("#;", name.p[0]))
			tell_name(w, name, path);
}

static void tell_dir(const struct teller *w, const char *dir)
{
	_cleanup_(closedirp) DIR *d = procs_open(w->root, dir);
	char path[SYSFS_PATH_MAX];
	struct dirent *e;

	while (d && (e = readdir(d))) {
		/* What we write ourselves proves nothing. */
		if (e->d_name[0] == '.' || strcmp(e->d_name, USAGE_OWN_FILE) == 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		tell_file(w, path);
	}
}

/* "device point type options ..." */
static void tell_fstab(const struct teller *w)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct word line, device, point, type, main;
	const char *p;

	if (file_read(w->root, "etc/fstab", FILE_MAX, &text, NULL) < 0)
		return;
	p = buf_str(&text);
	while (word_line(&p, &line)) {
		char alias[MODULE_NAME_MAX + 8], name[MODULE_NAME_MAX];

		if (!word_next(&line, &device) || device.p[0] == '#' || !word_next(&line, &point) ||
		    !word_next(&line, &type) || !word_split(&type, '.', &main) ||
		    !word_module(main, name))
			continue;
		(void)snprintf(alias, sizeof(alias), "fs-%s", name);
		tell_alias(w, alias, "a mount in etc/fstab");
		tell_name(w, main, "etc/fstab");
	}
}

void module_plan_each_boot(int root, const struct module_tree *t, plan_name_fn *fn, void *ctx)
{
	static const char *const dirs[] = {
		"etc/modules-load.d",           "run/modules-load.d",
		"usr/local/lib/modules-load.d", "usr/lib/modules-load.d",
		"lib/modules-load.d",           "usr/share/initramfs-tools/modules.d"
	};
	const struct teller w = { root, t, fn, ctx };

	tell_fstab(&w);
	tell_file(&w, "etc/modules");
	tell_file(&w, "etc/initramfs-tools/modules");
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		tell_dir(&w, dirs[i]);
}
