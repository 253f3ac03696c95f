/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/sockets.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/security/scan.h"

#define NET_UNIX_MAX (16u << 20)

/* Also in the order in which they are looked for: a link is the first of its names. */
static const char *const usual[] = {
	"/run/docker.sock",
	"/var/run/docker.sock",
	"/run/containerd/containerd.sock",
	"/run/docker/containerd/containerd.sock",
	"/run/k3s/containerd/containerd.sock",
	"/run/crio/crio.sock",
	"/run/podman/podman.sock",
	"/run/cri-dockerd.sock",
	"/run/dockershim.sock",
	"/run/buildkit/buildkitd.sock",
	"/var/lib/incus/unix.socket",
	"/var/lib/lxd/unix.socket",
	"/var/snap/lxd/common/lxd/unix.socket",
	"/run/systemd/private",
	"/run/dbus/system_bus_socket",
};

static const char *const names[] = {
	"docker.sock",     "containerd.sock",  "crio.sock",      "podman.sock",
	"dockershim.sock", "cri-dockerd.sock", "buildkitd.sock",
};

bool socket_is_engines(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (path[0] != '/')
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(slash + 1, names[i]) == 0)
			return true;
	return false;
}

/* "ffff...: 00000002 00000000 00010000 0001 01 12345 /run/docker.sock": the path is the rest. */
void sockets_of_net_unix(const char *text, void (*visit)(const char *path, void *arg), void *arg)
{
	for (const char *p = text; *p; scan_next_line(&p)) {
		size_t len = strcspn(p, "\n");
		const char *slash = memchr(p, '/', len);
		char path[128];

		if (!slash || len - (size_t)(slash - p) >= sizeof(path))
			continue;
		len -= (size_t)(slash - p);
		memcpy(path, slash, len);
		path[len] = '\0';
		if (socket_is_engines(path))
			visit(path, arg);
	}
}

struct search {
	int host;
	const struct mount_table *mounts;
	struct engine_sockets *ret;
};

/* One that is already there under another name is left out: /var/run is a link to /run. */
static void take(const char *path, void *arg)
{
	struct search *search = arg;
	struct engine_sockets *all = search->ret;
	const struct mount *m;
	struct stat st;

	if (all->n == SOCKETS_MAX ||
	    fstatat(search->host, path + 1, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISSOCK(st.st_mode))
		return;
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].dev == st.st_dev && all->at[i].ino == st.st_ino)
			return;
	m = mounts_of_path(search->mounts, path);
	all->at[all->n] = (struct engine_socket){
		.device = m ? m->device : 0,
		.dev = st.st_dev,
		.ino = st.st_ino,
	};
	(void)snprintf(all->at[all->n].path, sizeof(all->at[0].path), "%s", path);
	all->n++;
}

static int by_path(const void *a, const void *b)
{
	const struct engine_socket *x = a, *y = b;

	return strcmp(x->path, y->path);
}

void sockets_read(int root, int host, const struct mount_table *mounts, struct engine_sockets *ret)
{
	static const char *const lists[] = { "proc/1/net/unix", "proc/self/net/unix" };
	size_t n_usual;
	struct search search = { .host = host, .mounts = mounts, .ret = ret };

	ret->n = 0;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		take(usual[i], &search);
	n_usual = ret->n;
	/* The second where we are in another network namespace than process 1. */
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		_cleanup_(buf_free) struct buf text = { 0 };

		if (file_read(root, lists[i], NET_UNIX_MAX, &text, NULL) == 0)
			sockets_of_net_unix(buf_str(&text), take, &search);
	}
	/* The kernel's order is by chance. */
	qsort(ret->at + n_usual, ret->n - n_usual, sizeof(ret->at[0]), by_path);
}
