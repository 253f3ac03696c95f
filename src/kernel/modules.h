/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modules: where the module of a name lies in a kernel's package.
 *
 * modules.order lists every module's file, one a line, below the folder that it lies in itself. In
 * the name of a file "-" and "_" are the same letter: the kernel spells both "_".
 *
 * Source: kernel makefiles (modules_install), modprobe(8), scripts/Makefile.lib (name-fix).
 */
#ifndef OAK_KERNEL_MODULES_H
#define OAK_KERNEL_MODULES_H

#include <stddef.h>

#include "base/error.h"

/**
 * modules_find() - the line of modules.order that names a module
 * @text: the file's content
 * @name: "br_netfilter"
 *
 * Pure. Return: the line, *ret_len bytes of @text; NULL where there is none.
 */
const char *modules_find(const char *text, size_t len, const char *name, size_t *ret_len);

/**
 * modules_path() - path of a module's file
 * @dir: the kernel's /lib/modules/<release>
 * @ret: the caller frees it
 *
 * Errors: OAK_E_NOTFOUND, OAK_E_IO, OAK_E_NOMEM.
 */
int modules_path(const char *dir, const char *name, char **ret, struct oak_error *err) _must_check_;

#endif
