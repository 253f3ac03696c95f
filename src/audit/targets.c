/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/targets.h"

#include <stdio.h>
#include <string.h>

#include "audit/engine.h"
#include "audit/inside.h"
#include "audit/users.h"
#include "base/cleanup.h"

#define CERTS_MAX 256

bool file_check_owner_is_fine(const struct audit_context *ctx, const struct file_check *want,
			      const struct stat *st)
{
	const struct program_found *p = programs_running(&ctx->programs, "dockerd");
	struct docker_value group;
	uint32_t gid;

	if (st->st_uid == 0 && st->st_gid == 0)
		return true;
	if (want->group_too && docker_get(&ctx->docker, DOCKER_GROUP, 0, &group) &&
	    st->st_uid == 0 && users_group_id(ctx->groups, group.value, &gid) == 0 &&
	    st->st_gid == gid)
		return true;
	return ctx->docker.rootless && p && st->st_uid == p->euid;
}

/* Every certificate below the folder of a registry: ca.crt, *.cert, *.crt; keys are 3.14's. */
static bool each_cert(const struct audit_context *ctx, target_fn *fn, void *arg)
{
	static const char base[] = "/etc/docker/certs.d";
	_cleanup_(closedirp) DIR *d = inside_opendir(ctx->root, base);
	bool found = false;
	size_t n = 0;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		_cleanup_(closedirp) DIR *registry = NULL;
		char path[TARGET_PATH_MAX];
		struct dirent *c;

		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", base, e->d_name);
		registry = inside_opendir(ctx->root, path);
		while (registry && (c = readdir(registry)) && n < CERTS_MAX) {
			const char *dot = strrchr(c->d_name, '.');

			if (!dot || (strcmp(dot, ".crt") != 0 && strcmp(dot, ".cert") != 0))
				continue;
			(void)snprintf(path, sizeof(path), "%s/%s/%s", base, e->d_name, c->d_name);
			found = fn(arg, path) || found;
			n++;
		}
	}
	return found;
}

/* Where docker listens: each of its unix sockets; with socket activation the usual one. */
static bool each_socket(const struct audit_context *ctx, target_fn *fn, void *arg)
{
	struct docker_value v;
	bool found = false;

	for (size_t i = 0; docker_get(&ctx->docker, DOCKER_HOST, i, &v); i++) {
		if (strncmp(v.value, "unix://", 7) == 0)
			found = fn(arg, v.value + 7) || found;
		else if (strncmp(v.value, "fd://", 5) == 0)
			found = fn(arg, "/run/docker.sock") || found;
	}
	return found;
}

bool targets_each(const struct audit_context *ctx, const struct file_check *want, target_fn *fn,
		  void *arg, char ret_usual[TARGET_PATH_MAX])
{
	const char *usual = want->path;
	struct docker_value v;

	switch (want->kind) {
	case TARGET_UNIT:
		if (engine_unit(ctx->root, want->path, ret_usual, TARGET_PATH_MAX))
			return fn(arg, ret_usual);
		(void)snprintf(ret_usual, TARGET_PATH_MAX, "%s", want->path);
		return false;
	case TARGET_OPTION:
		if (!docker_get(&ctx->docker, want->option, 0, &v)) {
			(void)snprintf(ret_usual, TARGET_PATH_MAX, "%s", ctx->docker.settings_path);
			return false;
		}
		usual = v.value;
		break;
	case TARGET_SOCKET:
		(void)snprintf(ret_usual, TARGET_PATH_MAX, "/run/docker.sock");
		return each_socket(ctx, fn, arg);
	case TARGET_DATA_ROOT:
		usual = ctx->docker.data_root;
		break;
	case TARGET_CERTS:
		(void)snprintf(ret_usual, TARGET_PATH_MAX, "/etc/docker/certs.d");
		return each_cert(ctx, fn, arg);
	case TARGET_PATH:
	default:
		break;
	}
	(void)snprintf(ret_usual, TARGET_PATH_MAX, "%s", usual);
	return fn(arg, ret_usual);
}
