/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor: what goes into a support bundle, gathered, without secrets. */
#ifndef OAK_CLI_DOCTOR_H
#define OAK_CLI_DOCTOR_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

#define DOCTOR_ENTRY_MAX (1u << 20) /* bytes of one entry; the rest is left out, and it says so */

struct doctor {
	int root;
	bool real; /* programs are asked only about this machine itself */
};

/* Each entry of the bundle; @take gets the redacted text. Stops at its first failure. */
typedef int (*doctor_take)(void *ctx, const char *name, const struct buf *text);
int doctor_gather(const struct doctor *d, doctor_take take, void *ctx) _must_check_;

/* The files of the trusted metadata: name, type, version, expiry; no keys. In doctor-trust.c. */
int doctor_trust(const struct doctor *d, struct buf *ret) _must_check_;

#endif
