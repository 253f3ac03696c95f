/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * claims: what levels do about CVEs on this host: the one in the kernel, those on its disk, those
 * that its policy holds back.
 *
 * Of the level in the kernel nothing is believed that the kernel does not show at this moment: a
 * fix is live where all its functions are redirected and no task is left in the old code.
 */
#ifndef OAK_HOST_CVE_CLAIMS_H
#define OAK_HOST_CVE_CLAIMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "host/host.h"

#define CLAIM_TEXT_MAX 160

enum cve_claim_kind {
	CVE_CLAIM_LIVE, /* in the kernel, all of it */
	CVE_CLAIM_COMING, /* in the kernel, but some tasks run the old code, or it is on its way out */
	CVE_CLAIM_BROKEN,   /* the level says so, but not all its functions are redirected */
	CVE_CLAIM_WITHHELD, /* published, held back by policy */
	CVE_CLAIM_ON_DISK,  /* a level on this host has it that is not in the kernel */
	CVE_CLAIM_KINDS,
};

struct cve_claim {
	uint64_t id; /* year << 32 | number */
	enum cve_claim_kind kind;
	uint32_t level;
	int64_t until_s;           /* of what is held back; 0: until somebody changes something */
	char text[CLAIM_TEXT_MAX]; /* the fix, or why it is held back; printable */
};

struct cve_claims {
	struct cve_claim *v; /* rising by id once claims_sort() ran */
	size_t n, cap;
};

/* @cve that is no id is passed over. 0 or -ENOMEM. */
int claims_add(struct cve_claims *c, const char *cve, const struct cve_claim *claim) _must_check_;

/* All fixes of a manifest. @p: the livepatch that it is, or NULL: on disk. 0 or -ENOMEM. */
int claims_add_manifest(struct cve_claims *c, const struct manifest *m, const struct livepatch *p)
	_must_check_;

void claims_sort(struct cve_claims *c);

/* The first claim of that kind, or NULL. */
const struct cve_claim *claims_find(const struct cve_claims *c, uint32_t year, uint32_t number,
				    enum cve_claim_kind kind);

void claims_free(struct cve_claims *c); /* also the guard */

#endif
