/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host: this machine at this moment: its kernel, the livepatches in it, which level that is.
 *
 * The answer comes from /sys and /proc alone, never from what was written on disk earlier.
 */
#ifndef OAK_HOST_HOST_H
#define OAK_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "host/identity.h"
#include "host/livepatch.h"
#include "trust/manifest.h"

struct host {
	int root; /* borrowed */
	struct identity id;
	struct livepatch_list patches;
};

int host_read(int root, struct host *ret, struct oak_error *err) _must_check_;
void host_clear(struct host *h); /* also the guard */

/* Our own patch: of several (while one replaces another) the one that comes, else the highest. */
const struct livepatch *host_level(const struct host *h);

enum level_state {
	LEVEL_NONE,      /* not in the kernel */
	LEVEL_APPLYING,  /* enabled, some tasks still run the old code */
	LEVEL_APPLIED,   /* enabled, every task runs the new code */
	LEVEL_REVERTING, /* disabled, some tasks still run the new code */
};

/* "none", "applying", "applied", "reverting" */
const char *level_state_name(enum level_state s);

enum level_state host_level_state(const struct livepatch *p); /* NULL: LEVEL_NONE */

/*
 * How many functions of the manifest the patch redirects. All of them: it is that level. The
 * kernel shows position 0 ("the only one of that name") as 1.
 */
size_t host_functions_redirected(const struct livepatch *p, const struct manifest *m);
size_t host_functions_wanted(const struct manifest *m);

/* Are all functions of one fix redirected? */
bool host_fix_redirected(const struct livepatch *p, const struct manifest_fix *f);

#endif
