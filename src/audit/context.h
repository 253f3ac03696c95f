/* SPDX-License-Identifier: GPL-2.0-or-later */
/* context: what many checks look at, read once. */
#ifndef OAK_AUDIT_CONTEXT_H
#define OAK_AUDIT_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/kconfig.h"
#include "base/error.h"
#include "host/identity.h"

struct audit_context {
	int root; /* borrowed */
	int64_t now;
	struct identity id;
	struct kconfig config;
	char *cmdline; /* NULL where it cannot be read */
};

int audit_context_read(int root, struct audit_context *ret, struct oak_error *err) _must_check_;
void audit_context_clear(struct audit_context *ctx); /* zero is fine */

/* Is the kernel's release older than "6.6"? Not where the release is unknown. */
bool audit_kernel_is_before(const struct audit_context *ctx, const char *version);

#endif
