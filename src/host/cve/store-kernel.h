/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store-kernel: what a judgement needs to know of a host, read off a kernel of the author's store:
 * of whatever host runs that kernel. Which modules it has loaded or blocked is not known, so that
 * what is in a module counts as exposed, with the module in struct built_why.
 */
#ifndef OAK_HOST_CVE_STORE_KERNEL_H
#define OAK_HOST_CVE_STORE_KERNEL_H

#include "host/cve/judge.h"
#include "kernel/store.h"

/*
 * A changelog that is not there is told in .changelog_why. Errors: OAK_E_UNSUPPORTED (see
 * host/cve/kernel.h), OAK_E_NOTFOUND, OAK_E_IO, OAK_E_NOMEM.
 */
int cve_host_of_kernel(const struct kernel *k, struct cve_host *ret, struct oak_error *err)
	_must_check_;

/* "linux (6.1.176-1) bookworm-security; ...": "bookworm"; "" where the line is of another form. */
void cve_codename_of_changelog(const char *line, char ret[CVE_CODENAME_MAX]);

#endif
