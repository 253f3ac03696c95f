/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/debian-unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "kernel/command.h"
#include "kernel/debian-changelog.h"
#include "kernel/tree.h"

#define STAGE ".unpack" /* in the kernel's folder: same file system, so files move by rename */

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int extract(const char *deb, const char *dir, struct oak_error *err)
{
	const char *const argv[] = { "dpkg-deb", "--extract", deb, dir, NULL };

	return command_run(argv, NULL, err);
}

/* The one path that matches, on the heap. */
static int find_one(const char *pattern, char **ret, struct oak_error *err)
{
	_cleanup_(globfree) glob_t g = { 0 };

	if (glob(pattern, GLOB_NOSORT, NULL, &g) != 0 || g.gl_pathc != 1)
		return oak_fail(err, OAK_E_FORMAT, "the package brings no single %s", pattern);
	*ret = strdup(g.gl_pathv[0]);
	return *ret ? 0 : no_memory(err);
}

/* "<dir>/<STAGE><below>" with one %s for the release. */
static char *staged(const struct provider_job *job, const char *below)
{
	char *s;

	return asprintf(&s, "%s/" STAGE "%s%s", job->dir, below, job->release) < 0 ? NULL : s;
}

/* Moves <STAGE><from><release> to the kernel's folder. */
static int move(const struct provider_job *job, const char *from, const char *to,
		struct oak_error *err)
{
	_cleanup_(freep) char *src = staged(job, from), *dst = path_join(job->dir, to);

	if (!src || !dst)
		return no_memory(err);
	if (rename(src, dst) < 0)
		return errno == ENOENT
			       ? oak_fail(err, OAK_E_NOTFOUND, "the image package brings no %s", to)
			       : oak_fail_errno(err, errno, "%s", dst);
	return 0;
}

static int place_changelog(const struct provider_job *job, struct oak_error *err)
{
	_cleanup_(freep) char *stage = path_join(job->dir, STAGE);
	_cleanup_(freep) char *to = path_join(job->dir, "changelog.gz");

	return stage && to ? debian_changelog_take(stage, to, err) : no_memory(err);
}

static int place_image(const struct provider_job *job, struct oak_error *err)
{
	int r = move(job, "/boot/vmlinuz-", "vmlinuz", err);

	if (r == 0)
		r = move(job, "/boot/config-", "config", err);
	if (r < 0)
		return r;
	r = move(job, "/lib/modules/", "modules", NULL);
	if (r == -OAK_E_NOTFOUND) /* since Debian 13 */
		r = move(job, "/usr/lib/modules/", "modules", err);
	return r < 0 ? r : place_changelog(job, err);
}

static int overlay(const struct provider_job *job, const char *source, struct oak_error *err)
{
	_cleanup_(freep) char *headers = staged(job, "/usr/src/linux-headers-"), *pattern = NULL;
	_cleanup_(freep) char *tools = NULL, *symvers = NULL;
	int r;

	if (!headers || asprintf(&pattern, "%s/" STAGE "/usr/lib/linux-kbuild-*", job->dir) < 0) {
		pattern = NULL;
		return no_memory(err);
	}
	r = find_one(pattern, &tools, err);
	if (r < 0)
		return r;
	r = tree_overlay(source, headers, tools, err);
	if (r < 0)
		return r;
	symvers = path_join(job->dir, "Module.symvers");
	free(pattern);
	pattern = path_join(source, "Module.symvers");
	if (!symvers || !pattern)
		return no_memory(err);
	/* One copy serves the tree and the store: neither is ever changed. */
	if (link(pattern, symvers) < 0)
		return oak_fail_errno(err, errno, "%s", symvers);
	return tree_check(source, err);
}

/* Everything but the source, while that unpacks. */
static int unpack_rest(const struct provider_job *job, const char *const debs[DEBIAN_PARTS],
		       const char *stage, struct oak_error *err)
{
	static const enum debian_part parts[] = { DEBIAN_IMAGE, DEBIAN_HEADERS, DEBIAN_KBUILD };
	uint64_t start = clock_now_ns();

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int r = extract(debs[parts[i]], stage, err);

		if (r < 0)
			return r;
	}
	progress_step(job->progress, "unpacked image, headers and tools (%.1f s)",
		      clock_seconds_since(start));
	return place_image(job, err);
}

static int unpack_source(const char *deb, const char *stage, const char *source,
			 struct process *ret, struct oak_error *err)
{
	_cleanup_(freep) char *pattern = path_join(stage, "usr/src/linux-source-*.tar.xz");
	_cleanup_(freep) char *tarball = NULL;
	int r;

	if (!pattern)
		return no_memory(err);
	r = dir_make(AT_FDCWD, source, err);
	if (r == 0)
		r = extract(deb, stage, err);
	if (r == 0)
		r = find_one(pattern, &tarball, err);
	return r < 0 ? r : tree_unpack_start(tarball, source, ret, err);
}

int debian_unpack(const struct provider_job *job, const char *const debs[DEBIAN_PARTS],
		  struct oak_error *err)
{
	_cleanup_(freep) char *stage = path_join(job->dir, STAGE), *source = NULL;
	struct process tar;
	uint64_t start = clock_now_ns();
	int r, wait;

	source = path_join(job->dir, "source");
	if (!stage || !source)
		return no_memory(err);
	r = dir_make(AT_FDCWD, stage, err);
	if (r == 0)
		r = unpack_source(debs[DEBIAN_SOURCE], stage, source, &tar, err);
	if (r < 0)
		return r;
	r = unpack_rest(job, debs, stage, err);
	wait = tree_unpack_wait(&tar, r < 0 ? NULL : err);
	if (r < 0 || wait < 0)
		return r < 0 ? r : wait;
	progress_step(job->progress, "unpacked the source (%.1f s)", clock_seconds_since(start));
	r = overlay(job, source, err);
	return r < 0 ? r : tree_remove(AT_FDCWD, stage, err);
}
