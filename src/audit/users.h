/* SPDX-License-Identifier: GPL-2.0-or-later */
/* users: /etc/group and /etc/passwd. Pure; users of a directory service are not in these files. */
#ifndef OAK_AUDIT_USERS_H
#define OAK_AUDIT_USERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* @groups: the text of /etc/group, or NULL. 0, or -ENOENT. */
int users_group_id(const char *groups, const char *name, uint32_t *ret) _must_check_;

/*
 * Names of the members of a group, and of those whose own group it is, joined by ",", each once
 * a file. @passwd may be NULL. 0, -ENOENT (no such group) or -ENOMEM.
 */
int users_of_group(const char *groups, const char *passwd, const char *name, struct buf *ret)
	_must_check_;

#endif
