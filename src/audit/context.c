/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/version.h"
#include "base/cleanup.h"
#include "base/file.h"

#define CMDLINE_MAX (64u << 10)

static char *read_text(int root, const char *path, size_t max)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (file_read(root, path, max, &text, NULL) < 0)
		return NULL;
	return (char *)buf_take(&text, NULL);
}

int audit_context_read(int root, struct audit_context *ret, struct oak_error *err)
{
	int r;

	*ret = (struct audit_context){ .root = root };
	/* A kernel without notes is no reason to say nothing of the rest. */
	if (identity_read(root, &ret->id, NULL) < 0)
		ret->id = (struct identity){ .livepatch = false };
	ret->cmdline = read_text(root, "proc/cmdline", CMDLINE_MAX);
	r = kconfig_read(root, ret->id.release, &ret->config, err);
	if (r < 0)
		audit_context_clear(ret);
	return r;
}

void audit_context_clear(struct audit_context *ctx)
{
	kconfig_clear(&ctx->config);
	free(ctx->cmdline);
	*ctx = (struct audit_context){ .root = -1 };
}

bool audit_kernel_is_before(const struct audit_context *ctx, const char *version)
{
	char number[sizeof(ctx->id.release)];

	/* What follows the number is the distribution's: no sign of a release candidate. */
	(void)snprintf(number, sizeof(number), "%s", ctx->id.release);
	number[strcspn(number, "-+")] = '\0';
	return number[0] && version_compare(number, version) < 0;
}
