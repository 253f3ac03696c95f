/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "kernel/debian-changelog.h"
#include "kernel/store.h"

int kernel_have_changelog(const struct kernel *k, const struct progress *progress,
			  struct oak_error *err)
{
	_cleanup_(freep) char *store = NULL, *downloads = NULL;
	int r;

	if (file_exists(AT_FDCWD, k->changelog))
		return 0;
	if (strcmp(k->distribution, "debian") != 0)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: %s has no changelog", k->name,
				k->distribution);
	r = store_dir(&store, err);
	if (r < 0)
		return r;
	downloads = path_join(store, "downloads");
	if (!downloads)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	progress_step(progress, "taking the changelog out of the package of %s", k->release);
	return debian_changelog_fetch(downloads, k->release, k->package_version, k->dir,
				      k->changelog, err);
}
