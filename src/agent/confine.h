/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * confine: what each process of the agent gives up before it looks at anything from outside.
 *
 * The worker becomes the user "oakum" without groups or capabilities, can gain none, and may only
 * call what files, sockets and threads need: no program is started, no process is made, no module,
 * mount, BPF or key is in reach. The root side keeps its rights, less the system calls that neither
 * it nor a hook has a use for; hooks inherit that.
 *
 * Source: seccomp(2), capabilities(7), libseccomp 2.5.
 */
#ifndef OAK_AGENT_CONFINE_H
#define OAK_AGENT_CONFINE_H

#include <sys/types.h>

#include "base/error.h"

#define CONFINE_USER "oakum" /* the worker's */

/* Errors: OAK_E_NOTFOUND "no user 'oakum' ...", OAK_E_REFUSED (it is root). */
int confine_find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid, struct oak_error *err)
	_must_check_;

/* Never returns success half done. Errors: OAK_E_IO, OAK_E_PERMISSION. */
int confine_worker(uid_t uid, gid_t gid, struct oak_error *err) _must_check_;

/* The filter of confine_worker() alone; for tests that are not root. */
int confine_worker_calls(struct oak_error *err) _must_check_;

int confine_root(struct oak_error *err) _must_check_;

#endif
