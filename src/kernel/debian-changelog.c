/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/debian-changelog.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "kernel/command.h"
#include "kernel/debian-packages.h"
#include "kernel/downloads.h"

#define STAGE ".changelog-" /* and our pid */

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* A native package, as those of signed kernels are, has no "Debian" in the name. */
int debian_changelog_take(const char *unpacked, const char *to, struct oak_error *err)
{
	static const char *const names[] = { "changelog.Debian.gz", "changelog.gz" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		_cleanup_(globfree) glob_t g = { 0 };
		_cleanup_(freep) char *pattern = NULL;

		if (asprintf(&pattern, "%s/usr/share/doc/linux-image-*/%s", unpacked, names[i]) <
		    0) {
			pattern = NULL;
			return no_memory(err);
		}
		if (glob(pattern, GLOB_NOSORT, NULL, &g) != 0 || g.gl_pathc != 1)
			continue;
		if (rename(g.gl_pathv[0], to) < 0)
			return oak_fail_errno(err, errno, "%s", to);
		return 0;
	}
	return 0;
}

static int unpack(const char *deb, const char *stage, const char *to, struct oak_error *err)
{
	const char *const argv[] = { "dpkg-deb", "--extract", deb, stage, NULL };
	int r = dir_make(AT_FDCWD, stage, err);

	if (r == 0)
		r = command_run(argv, NULL, err);
	if (r == 0)
		r = debian_changelog_take(stage, to, err);
	if (r == 0 && !file_exists(AT_FDCWD, to))
		r = oak_fail(err, OAK_E_NOTFOUND, "%s: has no changelog", deb);
	(void)!tree_remove(AT_FDCWD, stage, NULL);
	return r;
}

int debian_changelog_fetch(const char *downloads, const char *release, const char *version,
			   const char *dir, const char *to, struct oak_error *err)
{
	_cleanup_(freep) char *stage = NULL, *own_version = strdup(version);
	struct debian_names names;
	int r = debian_names_of(release, &names, err);

	if (r < 0)
		return r;
	if (asprintf(&stage, "%s/" STAGE "%ld", dir, (long)getpid()) < 0)
		stage = NULL;
	if (!stage || !own_version)
		return no_memory(err);
	for (int i = 0; i < DEBIAN_NAMES_PER_PART; i++) {
		struct debian_package p = { .name = names.name[DEBIAN_IMAGE][i],
					    .version = own_version };
		_cleanup_(freep) char *deb = downloads_path(downloads, &p);

		if (!deb)
			return no_memory(err);
		if (!p.name[0])
			continue;
		r = downloads_have(downloads, &p, err);
		if (r != 0)
			return r < 0 ? r : unpack(deb, stage, to, err);
	}
	return oak_fail(err, OAK_E_NOTFOUND, "the package of %s is not in %s any more", release,
			downloads);
}
