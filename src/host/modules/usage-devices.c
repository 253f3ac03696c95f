/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage-devices: drivers that have a device. Source: /sys/bus/<bus>/drivers/<driver>, where
 * "module" leads to the module and every other link but "subsystem" to a device that is bound.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/modules/usage-priv.h"
#include "host/plain.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define DRIVERS "sys/bus/%s/drivers"

/* The last component of where a link leads; false where there is no such link. */
static bool read_end(int dir, const char *link, char *ret, size_t size)
{
	char target[512];
	const char *slash;
	ssize_t n = readlinkat(dir, link, target, sizeof(target) - 1);

	if (n <= 0)
		return false;
	target[n] = '\0';
	slash = strrchr(target, '/');
	plain_copy(ret, size, slash ? slash + 1 : target);
	return true;
}

/* The first device that is bound; false where none is. */
static bool first_device(DIR *d, char *ret, size_t size)
{
	struct dirent *e;

	while ((e = readdir(d))) {
		struct stat st;

		if (e->d_name[0] == '.' || strcmp(e->d_name, "module") == 0 ||
		    strcmp(e->d_name, "subsystem") == 0 ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISLNK(st.st_mode))
			continue;
		plain_copy(ret, size, e->d_name);
		return true;
	}
	return false;
}

static int add_driver(struct gather *g, const char *drivers, const char *driver,
		      struct oak_error *err)
{
	_cleanup_(closedirp) DIR *d = NULL;
	char path[SYSFS_PATH_MAX + 257], module[MODULE_NAME_MAX], device[64];

	(void)snprintf(path, sizeof(path), "%s/%s", drivers, driver);
	d = procs_open(g->root, path);
	if (!d || !read_end(dirfd(d), "module", module, sizeof(module)) ||
	    !first_device(d, device, sizeof(device)))
		return 0;
	return use_add(g, module, USE_DEVICE, path, err, "%s is bound to driver %s", device, driver);
}

static int add_bus(struct gather *g, const char *bus, struct oak_error *err)
{
	_cleanup_(closedirp) DIR *d = NULL;
	char path[SYSFS_PATH_MAX];
	struct dirent *e;
	int r = 0;

	(void)snprintf(path, sizeof(path), DRIVERS, bus);
	d = procs_open(g->root, path);
	while (r == 0 && d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			r = add_driver(g, path, e->d_name, err);
	return r;
}

int gather_devices(struct gather *g, struct oak_error *err)
{
	_cleanup_(closedirp) DIR *d = procs_open(g->root, "sys/bus");
	struct dirent *e;
	int r = 0;

	if (!d) {
		use_unknown(g->usage, "devices: /sys/bus cannot be read");
		g->usage->devices_unknown = true;
	}
	while (r == 0 && d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			r = add_bus(g, e->d_name, err);
	return r;
}
