/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/lift.h"

#include "agent/claims.h"
#include "agent/tell-journal.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/cve/mitigate.h"
#include "host/lock.h"

static void tell(void *ctx, const char *cve, const char *text)
{
	const struct tell_event e = { .what = MESSAGE_MITIGATION_LIFTED, .text = text };

	(void)cve;
	tell_event(NULL, &e, ctx);
}

static int lift(int root, const struct progress *notes, struct oak_error *err)
{
	/* A copy: the message's context is not to be changed, and the callback's is no constant. */
	struct progress copy = notes ? *notes : (struct progress){ 0 };
	const struct mitigate_told told = { .line = tell, .ctx = &copy };
	_cleanup_(cve_host_free) struct cve_host h = { .next = { .upstream = 0 } };
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	_cleanup_(closep) int lock = -1;
	uint32_t unknown;
	int r = lock_wait(root, &lock, err);

	if (r == 0)
		r = cve_db_open(root, CVE_DB_PATH, &db, err);
	if (r == 0)
		r = cve_host_read(root, &h, err);
	if (r == 0)
		r = cves_claims(root, &h.claims, &unknown, err);
	return r < 0 ? r : mitigate_lift(root, &h, &db, &told, err);
}

void lift_mitigations(int root, const struct progress *notes)
{
	struct oak_error err;
	int r;

	if (!file_exists(root, MITIGATE_PATH))
		return;
	r = lift(root, notes, &err);
	if (r < 0 && r != -OAK_E_AGAIN)
		progress_step(notes, "mitigations are not looked at: %s", err.msg);
}
