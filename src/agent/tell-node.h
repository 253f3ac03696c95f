/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tell-node: what the node client of Kubernetes reads (trust/node/status.h), and the file by which kured is
 * asked for a reboot: /run/oakum/reboot-required is there while something waits for a boot that no level can
 * do, and goes when a level closes it.
 */
#ifndef OAK_AGENT_TELL_NODE_H
#define OAK_AGENT_TELL_NODE_H

#include <stdint.h>

#include "agent/picture.h"
#include "agent/verdict.h"
#include "host/reboot.h"
#include "trust/node/status.h"

/*
 * Pure. Must this host boot for what no level can do?
 *
 *	another package than the kernel's asks			yes
 *	a newer kernel waits, and the level here is as good	no
 *	... and the repository has none for this kernel,
 *	    was never reached, or oakum is switched off		yes
 *	... and a level is on its way, or held back for now	no
 */
bool tell_node_reboot(const struct picture *p, const struct reboot *r, char *ret_why, size_t size);

/* Pure. All but the deeds and the daemon's pid. */
void tell_node_status(const struct picture *p, const struct verdict_report *v,
		      const struct reboot *r, struct node_status *ret);

/*
 * Both files. Called by a child of the daemon, which is how it knows the daemon's pid. The host's own requests are looked for where process 1 has its root, so that they are found from
 * a container too. Errors: OAK_E_IO, OAK_E_NOMEM.
 */
int tell_node(int root, const struct picture *p, int64_t now_s, struct oak_error *err) _must_check_;

#endif
