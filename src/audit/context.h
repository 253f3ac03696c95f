/* SPDX-License-Identifier: GPL-2.0-or-later */
/* context: what many checks look at, read once. */
#ifndef OAK_AUDIT_CONTEXT_H
#define OAK_AUDIT_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/docker.h"
#include "audit/images.h"
#include "audit/kconfig.h"
#include "audit/platform.h"
#include "audit/programs.h"
#include "base/error.h"
#include "host/identity.h"

struct audit_context {
	int root; /* borrowed */
	int64_t now;
	struct identity id;
	struct kconfig config;
	/* Texts are NULL where they cannot be read. */
	char *cmdline;
	char *mounts; /* of process 1 */
	char *groups; /* /etc/group */
	char *passwd;
	char *audit_rules;
	const char *audit_rules_path;
	struct programs programs; /* of engines */
	struct platform platform;
	struct docker docker;
	struct images images;
	bool swarm; /* this is a node of one */
};

int audit_context_read(int root, struct audit_context *ret, struct oak_error *err) _must_check_;
void audit_context_clear(struct audit_context *ctx); /* zero is fine */

/* Is the kernel's release older than "6.6"? Not where the release is unknown. */
bool audit_kernel_is_before(const struct audit_context *ctx, const char *version);

#endif
