/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * namespaces: which ones a process is in, and which are the host's.
 *
 * Reading those of another needs PTRACE_MODE_READ: root of the host may, unless a process has
 * capabilities that it lacks. Process 1 may be such a one; then kthreadd tells, which has never
 * left the first namespaces. Source: namespaces(7), ptrace(2).
 */
#ifndef OAK_HOST_SECURITY_NAMESPACES_H
#define OAK_HOST_SECURITY_NAMESPACES_H

#include <stdint.h>

#include "host/security/kinds.h"

/* The inode, of the process whose folder of /proc is open; 0 where it cannot be read. */
uint64_t namespace_read(int process, enum namespace_kind k);

/* @proc: /proc. 0 for those that cannot be read. */
void namespaces_of_host(int proc, uint64_t ret[NS_KINDS]);

#endif
