/* SPDX-License-Identifier: GPL-2.0-or-later */
/* repo-open: the first half of opening a repository, which one that is made shares. */
#ifndef OAK_TRUST_AUTHOR_REPO_OPEN_H
#define OAK_TRUST_AUTHOR_REPO_OPEN_H

#include "trust/author/author.h"

/* The directory, the lock and the fetcher; nothing is read. Errors: those of repo_open(). */
int repo_open_dir(const struct repo_options *opt, struct repo **ret, struct oak_error *err)
	_must_check_;

#endif
