/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmdline: parameters of the kernel's command line, as the kernel takes them. */
#ifndef OAK_AUDIT_CMDLINE_H
#define OAK_AUDIT_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

#define CMDLINE_VALUE_MAX 256

/**
 * cmdline_get() - the last value of a parameter: a later one wins
 * @name: '-' and '_' are the same, as for the kernel
 * @ret:  "" for a parameter without "=", cut at CMDLINE_VALUE_MAX
 *
 * Words after "--" are for init. Pure. Source: kernel/params.c, next_arg().
 *
 * Return: whether it is there.
 */
bool cmdline_get(const char *cmdline, const char *name, char ret[CMDLINE_VALUE_MAX]);

#endif
