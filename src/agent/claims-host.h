/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claims-host: what this host's levels do about CVEs: in the kernel, on its disk, held back. */
#ifndef OAK_AGENT_CLAIMS_HOST_H
#define OAK_AGENT_CLAIMS_HOST_H

#include <stdbool.h>

#include "host/cve/claims.h"

/**
 * claims_of_host() - all of them, sorted
 * @ret_known: false: a level is in the kernel, but its manifest cannot be read here
 *
 * Errors: OAK_E_NOMEM.
 */
int claims_of_host(int root, const struct host *h, struct cve_claims *ret, bool *ret_known,
		   struct oak_error *err) _must_check_;

#endif
