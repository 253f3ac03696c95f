/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/inside.h"
#include "audit/version.h"
#include "base/cleanup.h"
#include "base/file.h"

#define CMDLINE_MAX (64u << 10)

#define TEXT_MAX (8u << 20)

static char *take(struct buf *text, int r)
{
	/* A file that is empty is there, and read. */
	if (r == 0 && !text->data)
		r = buf_reserve(text, 1);
	return r == 0 ? (char *)buf_take(text, NULL) : NULL;
}

/* Of /proc and /sys. */
static char *read_text(int root, const char *path, size_t max)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	return take(&text, file_read(root, path, max, &text, NULL));
}

static char *read_file(int root, const char *path)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	return take(&text, inside_read(root, path, TEXT_MAX, &text));
}

/* What augenrules made of rules.d, else rules.d itself, whose order does not matter here. */
static void read_audit_rules(struct audit_context *ctx)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(closedirp) DIR *d = NULL;
	struct dirent *e;

	ctx->audit_rules_path = "/etc/audit/audit.rules";
	ctx->audit_rules = read_file(ctx->root, ctx->audit_rules_path);
	if (ctx->audit_rules)
		return;
	ctx->audit_rules_path = "/etc/audit/rules.d";
	d = inside_opendir(ctx->root, ctx->audit_rules_path);
	while (d && (e = readdir(d))) {
		size_t len = strlen(e->d_name);
		char path[512];

		if (len < 7 || strcmp(e->d_name + len - 6, ".rules") != 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", ctx->audit_rules_path, e->d_name);
		(void)inside_read(ctx->root, path, TEXT_MAX, &text);
		if (buf_add_str(&text, "\n") < 0)
			return;
	}
	if (text.len)
		ctx->audit_rules = (char *)buf_take(&text, NULL);
}

static bool is_swarm(const struct audit_context *ctx)
{
	char path[512];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/swarm/docker-state.json", ctx->docker.store);
	return inside_stat(ctx->root, path, &st) == 0;
}

static int read_engines(struct audit_context *ctx, struct oak_error *err)
{
	int r = programs_read(ctx->root, platform_programs, &ctx->programs, err);

	if (r == 0)
		r = platform_read(ctx->root, &ctx->programs, &ctx->platform, err);
	if (r == 0)
		r = docker_read(ctx->root, &ctx->programs, &ctx->docker, err);
	if (r == 0)
		r = images_read(ctx->root, ctx->docker.store, &ctx->images, err);
	if (r == 0)
		ctx->swarm = is_swarm(ctx);
	return r;
}

int audit_context_read(int root, struct audit_context *ret, struct oak_error *err)
{
	int r;

	*ret = (struct audit_context){ .root = root };
	/* A kernel without notes is no reason to say nothing of the rest. */
	if (identity_read(root, &ret->id, NULL) < 0)
		ret->id = (struct identity){ .livepatch = false };
	ret->cmdline = read_text(root, "proc/cmdline", CMDLINE_MAX);
	ret->mounts = read_text(root, "proc/1/mountinfo", TEXT_MAX);
	ret->groups = read_file(root, "/etc/group");
	ret->passwd = read_file(root, "/etc/passwd");
	read_audit_rules(ret);
	r = kconfig_read(root, ret->id.release, &ret->config, err);
	if (r == 0)
		r = read_engines(ret, err);
	if (r < 0)
		audit_context_clear(ret);
	return r;
}

void audit_context_clear(struct audit_context *ctx)
{
	kconfig_clear(&ctx->config);
	free(ctx->cmdline);
	free(ctx->mounts);
	free(ctx->groups);
	free(ctx->passwd);
	free(ctx->audit_rules);
	images_clear(&ctx->images);
	platform_clear(&ctx->platform);
	programs_free(&ctx->programs);
	docker_clear(&ctx->docker);
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
