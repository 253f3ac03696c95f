/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vex-chain: an auditor's questions: who signed, what it rests on, is it so at this moment? */
#ifndef OAK_CLI_VEX_CHAIN_H
#define OAK_CLI_VEX_CHAIN_H

#include "agent/vex-take.h"
#include "cli/cli.h"
#include "host/vex/evidence.h"
#include "host/vex/read.h"
#include "host/vex/signing.h"

struct vex_audit {
	struct vex_envelope envelope;
	struct evidence evidence;
	struct vex_public key;
	struct vex_document document;
	struct vex_taken now; /* of this host; empty where it cannot be compared */
	bool here;            /* the kernel of the document runs here */
	size_t differences;
};

void vex_audit_clear(struct vex_audit *a); /* also the guard */

/* Statements that are no longer so: [{"cve", "was", "now", "why"}]; counts them. NULL: no memory. */
json_t *vex_differences(struct vex_audit *a);

/*
 * For each CVE that the level closes: level, manifest, functions, each as it was signed and as this
 * host shows it now. NULL: no memory.
 */
json_t *vex_chain(const struct vex_audit *a);

/* All of it for people: @doc is the document of --json. */
void vex_print_audit(const struct cli *cli, const struct vex_audit *a, const json_t *doc);

#endif
