/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "agent/claims-host.h"
#include "cli/cves.h"
#include "host/host.h"

int cves_claims(int root, struct cve_claims *ret, struct oak_error *err)
{
	_cleanup_(host_clear) struct host h = { 0 };
	bool known = true;
	int r = host_read(root, &h, err);

	if (r == 0)
		r = claims_of_host(root, &h, ret, &known, err);
	if (r == 0 && !known)
		(void)fprintf(stderr,
			      "oakum: level %u is in the kernel, but its manifest cannot be read "
			      "here: what it fixes is not known\n",
			      host_level(&h)->level);
	return r;
}
