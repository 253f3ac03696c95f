/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * downloads: a folder of Debian packages, <name>_<version>.deb, each with <file>.sha256 beside it,
 * written once apt had checked the package against the archive's signed index. So a package that
 * is here and still has that hash needs no network.
 */
#ifndef OAK_KERNEL_DOWNLOADS_H
#define OAK_KERNEL_DOWNLOADS_H

#include "base/error.h"
#include "base/progress.h"
#include "kernel/debian-index.h"

/* The path of a package in @dir, on the heap; NULL when out of memory. */
char *downloads_path(const char *dir, const struct debian_package *p);

/**
 * downloads_have() - is the package here, and unchanged?
 * @p: name and version; where it has a sha256, that must agree as well
 *
 * Return: 1, 0 (absent or damaged: fetch it), or a negative enum oak_code.
 */
int downloads_have(const char *dir, const struct debian_package *p, struct oak_error *err)
	_must_check_;

/**
 * downloads_fetch() - "apt-get download" one package into @dir
 *
 * Errors: OAK_E_AGAIN (apt's last message), OAK_E_TRUST (not what the index promises), OAK_E_IO.
 */
int downloads_fetch(const char *dir, const struct debian_package *p, struct oak_error *err)
	_must_check_;

/* All packages here whose name begins with @prefix, without looking at their content; appended. */
int downloads_list(const char *dir, const char *prefix, struct debian_index *ret,
		   struct oak_error *err) _must_check_;

#endif
