/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source: the engines' own code; seen with containerd 1.6, podman 4.3, runc 1.1, crun 1.8. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/container-state.h"
#include "audit/inside.h"
#include "base/cleanup.h"

#define TASKS     "/run/containerd/io.containerd.runtime.v2.task"
#define K3S_TASKS "/run/k3s/containerd/io.containerd.runtime.v2.task"

/* "%s" is the id, which is a name and no path (host/engines.h). */
static const struct {
	const char *engine;
	const char *before, *after;
} places[] = {
	{ "podman", "/var/lib/containers/storage/overlay-containers/", "/userdata/config.json" },
	{ "podman", "/var/lib/containers/storage/vfs-containers/", "/userdata/config.json" },
	{ "cri-o", "/run/containers/storage/overlay-containers/", "/userdata/config.json" },
	{ "crun", "/run/crun/", "/config.json" },
};

/* 0 where it was read. */
static int try_path(int root, struct audit_container *ct)
{
	int r = inside_read_json(root, ct->oci_path, DECLARED_MAX, &ct->oci);

	if (r < 0)
		ct->oci_path[0] = '\0';
	return r;
}

/* containerd keeps it by namespace, which the cgroup need not name. */
static int try_tasks(int root, const char *base, struct audit_container *ct)
{
	_cleanup_(closedirp) DIR *d = inside_opendir(root, base);
	int r = -ENOENT;
	struct dirent *e;

	while (r < 0 && r != -ENOMEM && d && (e = readdir(d))) {
		if (e->d_name[0] == '.' || strlen(e->d_name) > 80)
			continue;
		(void)snprintf(ct->oci_path, sizeof(ct->oci_path), "%s/%.80s/%s/config.json", base,
			       e->d_name, ct->v->c.id);
		r = try_path(root, ct);
	}
	return r;
}

/* runc's state names the bundle: {"config": {"labels": ["bundle=/path"]}}. */
static int try_bundle(int root, struct audit_container *ct)
{
	_cleanup_(json_decrefp) json_t *state = NULL;
	json_t *label;
	char path[256];
	int r;
	size_t i;

	(void)snprintf(path, sizeof(path), "/run/runc/%s/state.json", ct->v->c.id);
	r = inside_read_json(root, path, DECLARED_MAX, &state);
	if (r < 0)
		return r;
	json_array_foreach(json_object_get(json_object_get(state, "config"), "labels"), i, label)
	{
		const char *text = json_string_value(label);

		if (!text || strncmp(text, "bundle=/", 8) != 0)
			continue;
		(void)snprintf(ct->oci_path, sizeof(ct->oci_path), "%.400s/config.json", text + 7);
		return try_path(root, ct);
	}
	return -ENOENT;
}

int container_oci_read(int root, struct audit_container *ct)
{
	const char *engine = ct->v->c.engine;
	int r = -ENOENT;

	for (size_t i = 0; r < 0 && i < sizeof(places) / sizeof(places[0]); i++) {
		if (strcmp(engine, places[i].engine) != 0)
			continue;
		(void)snprintf(ct->oci_path, sizeof(ct->oci_path), "%s%s%s", places[i].before,
			       ct->v->c.id, places[i].after);
		r = try_path(root, ct);
		if (r == -ENOMEM)
			return r;
	}
	if (r < 0 && strcmp(engine, "containerd") == 0) {
		r = try_tasks(root, TASKS, ct);
		if (r < 0 && r != -ENOMEM)
			r = try_tasks(root, K3S_TASKS, ct);
	}
	if (r < 0 && strcmp(engine, "runc") == 0)
		r = try_bundle(root, ct);
	return r == -ENOMEM ? r : 0;
}
