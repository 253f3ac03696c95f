/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claims: the levels' part of what a host's CVEs are judged by (host/cve/claims.h), gathered. */
#ifndef OAK_AGENT_CLAIMS_H
#define OAK_AGENT_CLAIMS_H

#include "base/error.h"
#include "host/cve/claims.h"

/**
 * cves_claims() - of the level in the kernel, of those on disk, of what is held back
 * @ret_unknown: the level in the kernel whose manifest cannot be read here, so that nobody knows what
 *               it fixes; 0: none
 *
 * Errors: OAK_E_NOMEM, those of host_read().
 */
int cves_claims(int root, struct cve_claims *ret, uint32_t *ret_unknown, struct oak_error *err)
	_must_check_;

#endif
