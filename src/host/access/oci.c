/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/access/oci.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "host/access/profile.h"
#include "host/security/proc-file.h"
#include "host/security/proc-status.h"

#define LINK_MAX_ 4096

/* "%s" is the id, which is a name and no path (host/engines.h). */
static const char *const places[] = {
	"run/containerd/io.containerd.runtime.v2.task/moby/%s/config.json",
	"run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json",
	"run/containerd/io.containerd.runtime.v2.task/default/%s/config.json",
	"run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/%s/config.json",
	"run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json",
	"var/lib/containers/storage/overlay-containers/%s/userdata/config.json",
	"var/lib/containers/storage/vfs-containers/%s/userdata/config.json",
	"run/containers/storage/overlay-containers/%s/userdata/config.json",
	"run/crun/%s/config.json",
};

static bool read_regular(int root, const char *path, struct buf *ret)
{
	_cleanup_(closep) int fd =
		openat(root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat st;
	size_t at = 0;

	ret->len = 0;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & S_IWOTH || st.st_size <= 0 ||
	    st.st_size > (off_t)OCI_CONFIG_MAX || buf_reserve(ret, (size_t)st.st_size + 1) < 0)
		return false;
	while (at < (size_t)st.st_size) {
		ssize_t n = read(fd, ret->data + at, (size_t)st.st_size - at);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	ret->len = at;
	ret->data[at] = '\0';
	return true;
}

static pid_t parent_of(int root, pid_t pid)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct proc_status status;
	char path[64];

	(void)snprintf(path, sizeof(path), "proc/%d/status", (int)pid);
	if (!proc_file_read(root, path, PROC_STATUS_MAX, &text) ||
	    !proc_status_parse((char *)text.data, &status))
		return 0;
	return (pid_t)status.parent;
}

/* Is this, or the folder above "userdata", called like the container? */
static bool is_of(const char *cwd, const char *id)
{
	static const char userdata[] = "/userdata";
	size_t len = strlen(cwd), n = strlen(id);

	if (len > sizeof(userdata) && strcmp(cwd + len - strlen(userdata), userdata) == 0)
		len -= strlen(userdata);
	return len > n && cwd[len - n - 1] == '/' && strncmp(cwd + len - n, id, n) == 0;
}

/* A shim of a pod works in the bundle of its first container; the others lie beside it. */
static bool by_monitor(int root, const struct container *c, struct buf *ret)
{
	char path[96 + CONTAINER_ID_MAX], cwd[LINK_MAX_];
	pid_t parent = parent_of(root, c->init);
	ssize_t n;

	if (parent <= 1)
		return false;
	(void)snprintf(path, sizeof(path), "proc/%d/cwd", (int)parent);
	n = readlinkat(root, path, cwd, sizeof(cwd) - 1);
	if (n <= 0)
		return false;
	cwd[n] = '\0';
	(void)snprintf(path, sizeof(path), "proc/%d/cwd/%s%s%sconfig.json", (int)parent,
		       is_of(cwd, c->id) ? "" : "../", is_of(cwd, c->id) ? "" : c->id,
		       is_of(cwd, c->id) ? "" : "/");
	return read_regular(root, path, ret);
}

/* runc's state names the bundle: {"config": {"labels": ["bundle=/path"]}}. */
static bool by_state(int root, const struct container *c, struct buf *ret)
{
	_cleanup_(json_decrefp) json_t *state = NULL;
	char path[CONTAINER_ID_MAX + 32];
	json_t *label;
	size_t i;

	(void)snprintf(path, sizeof(path), "run/runc/%s/state.json", c->id);
	if (!read_regular(root, path, ret) ||
	    json_parse(ret->data, ret->len, OCI_CONFIG_MAX, path, &state, NULL) < 0)
		return false;
	json_array_foreach(json_object_get(json_object_get(state, "config"), "labels"), i, label)
	{
		const char *text = json_string_value(label);
		char bundle[LINK_MAX_];

		if (!text || strncmp(text, "bundle=/", 8) != 0 || strlen(text) > LINK_MAX_ - 32)
			continue;
		(void)snprintf(bundle, sizeof(bundle), "%s/config.json", text + 8);
		return read_regular(root, bundle, ret);
	}
	return false;
}

bool oci_read(int root, const struct container *c, struct buf *ret)
{
	char path[CONTAINER_ID_MAX + 128];

	if (by_monitor(root, c, ret))
		return true;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		/* The formats are the constants above. */
		const char *at = strstr(places[i], "%s");

		(void)snprintf(path, sizeof(path), "%.*s%s%s", (int)(at - places[i]), places[i],
			       c->id, at + 2);
		if (read_regular(root, path, ret))
			return true;
	}
	return by_state(root, c, ret);
}
