/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/places.h"

#include <stddef.h>
#include <string.h>

#include "host/security/mounts.h"

/* Where the engines keep what they make for one container; "*" is one component. */
static const struct {
	const char *pattern;
	enum place place;
} made[] = {
	{ "/var/lib/docker/containers/*/*", PLACE_OWN },
	{ "/var/lib/docker/volumes/*", PLACE_VOLUME },
	{ "/var/lib/docker/overlay2/*", PLACE_OWN },
	{ "/var/lib/docker/vfs/dir/*", PLACE_OWN },
	{ "/var/lib/docker/swarm/*", PLACE_OWN },
	{ "/run/docker/runtime-runc/*", PLACE_OWN },
	{ "/var/lib/containers/storage/volumes/*", PLACE_VOLUME },
	{ "/var/lib/containers/storage/*/*", PLACE_OWN },
	{ "/var/lib/containers/storage/vfs/dir/*", PLACE_OWN },
	{ "/run/containers/storage/*/*", PLACE_OWN },
	{ "/var/run/containers/storage/*/*", PLACE_OWN },
	{ "/run/user/*/containers/*/*", PLACE_OWN },
	{ "/run/user/*/overlay-containers/*", PLACE_OWN },
	{ "/home/*/.local/share/containers/storage/volumes/*", PLACE_VOLUME },
	{ "/home/*/.local/share/containers/storage/*/*", PLACE_OWN },
	{ "/home/*/.local/share/docker/volumes/*", PLACE_VOLUME },
	{ "/home/*/.local/share/docker/containers/*", PLACE_OWN },
	{ "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/*", PLACE_OWN },
	{ "/var/lib/containerd/io.containerd.snapshotter.v1.*/snapshots/*", PLACE_OWN },
	{ "/run/containerd/io.containerd.grpc.v1.cri/sandboxes/*", PLACE_OWN },
	{ "/run/containerd/io.containerd.runtime.v2.task/*/*", PLACE_OWN },
	{ "/var/lib/kubelet/pods/*/volumes/*", PLACE_VOLUME },
	{ "/var/lib/kubelet/pods/*/volume-subpaths/*", PLACE_VOLUME },
	{ "/var/lib/kubelet/pods/*/etc-hosts", PLACE_OWN },
	{ "/var/lib/kubelet/pods/*/containers/*", PLACE_OWN },
	{ "/var/lib/lxc/*/rootfs", PLACE_OWN },
	{ "/var/lib/machines/*", PLACE_OWN },
	{ "/run/systemd/nspawn/*", PLACE_OWN },
	{ "/run/host", PLACE_OWN },
	/* What every container has; in a user namespace it must be bound from the host. */
	{ "/dev/null", PLACE_OWN },
	{ "/dev/zero", PLACE_OWN },
	{ "/dev/full", PLACE_OWN },
	{ "/dev/random", PLACE_OWN },
	{ "/dev/urandom", PLACE_OWN },
	{ "/dev/tty", PLACE_OWN },
};

static const struct {
	const char *path;
	enum place place;
} places[] = {
	{ "/var/lib/docker", PLACE_ENGINE },
	{ "/var/lib/containerd", PLACE_ENGINE },
	{ "/var/lib/containers", PLACE_ENGINE },
	{ "/var/lib/rancher", PLACE_ENGINE },
	{ "/var/lib/crio", PLACE_ENGINE },
	{ "/var/lib/incus", PLACE_ENGINE },
	{ "/var/lib/lxd", PLACE_ENGINE },
	{ "/var/lib/lxc", PLACE_ENGINE },
	{ "/var/lib/machines", PLACE_ENGINE },
	{ "/var/lib/kubelet", PLACE_KUBELET },
	{ "/etc/kubernetes", PLACE_KUBELET },
	{ "/etc", PLACE_ETC },
	{ "/run", PLACE_RUN },
	{ "/var/run", PLACE_RUN },
	{ "/root", PLACE_HOME },
	{ "/home", PLACE_HOME },
	{ "/boot", PLACE_SYSTEM },
	{ "/usr", PLACE_SYSTEM },
	{ "/lib", PLACE_SYSTEM },
	{ "/lib64", PLACE_SYSTEM },
	{ "/bin", PLACE_SYSTEM },
	{ "/sbin", PLACE_SYSTEM },
	{ "/var/log", PLACE_SYSTEM },
	{ "/var/spool/cron", PLACE_SYSTEM },
	{ "/proc", PLACE_PROC },
	{ "/sys", PLACE_SYS },
	{ "/dev", PLACE_DEV },
};

/* One component against one of a pattern: "*" at its end is any rest. */
static bool component_fits(const char *p, size_t len, const char *pattern, size_t pattern_len)
{
	const char *star = memchr(pattern, '*', pattern_len);
	size_t fixed = star ? (size_t)(star - pattern) : pattern_len;

	return star ? len >= fixed && memcmp(p, pattern, fixed) == 0
		    : len == fixed && memcmp(p, pattern, fixed) == 0;
}

/* The path is what the pattern says, or below. */
static bool fits(const char *path, const char *pattern)
{
	while (*pattern == '/') {
		size_t len, pattern_len;

		if (*path != '/' || !path[1])
			return false;
		len = strcspn(++path, "/");
		pattern_len = strcspn(++pattern, "/");
		if (!component_fits(path, len, pattern, pattern_len))
			return false;
		path += len;
		pattern += pattern_len;
	}
	return true;
}

unsigned place_rank(enum place p, bool whole)
{
	static const unsigned char ranks[PLACE_KINDS] = {
		[PLACE_NONE] = 0,    [PLACE_OWN] = 1,   [PLACE_VOLUME] = 2,  [PLACE_OTHER] = 3,
		[PLACE_SYSTEM] = 4,  [PLACE_HOME] = 5,  [PLACE_SYS] = 6,     [PLACE_PROC] = 7,
		[PLACE_DEV] = 8,     [PLACE_ETC] = 9,   [PLACE_RUN] = 10,    [PLACE_KUBELET] = 11,
		[PLACE_ENGINE] = 12, [PLACE_ROOT] = 14, [PLACE_SOCKET] = 15,
	};

	if (p >= PLACE_KINDS)
		return 0;
	return ranks[p] * 2u + (whole && p > PLACE_OTHER);
}

/* The engine's files of one container, wherever its data lies: ".../containers/<64 digits>/". */
static bool is_of_one_container(const char *path)
{
	for (const char *p = path; (p = strstr(p, "containers/"));) {
		p += strlen("containers/");
		if (strspn(p, "0123456789abcdef") == 64 && p[64] == '/')
			return true;
	}
	return false;
}

static bool is_volume(const char *path)
{
	const char *p = strstr(path, "/volumes/");
	const char *data = p ? strstr(p, "/_data") : NULL;

	return data && (!data[6] || data[6] == '/');
}

static enum place place_in_table(const char *path, bool *ret_whole)
{
	enum place best = PLACE_OTHER;

	*ret_whole = false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		bool is_whole = path_below(places[i].path, path) != NULL;

		/* Exactly that says more than what else is below. */
		if (strcmp(places[i].path, path) == 0) {
			*ret_whole = true;
			return places[i].place;
		}
		if ((is_whole || path_below(path, places[i].path)) &&
		    place_rank(places[i].place, is_whole) > place_rank(best, *ret_whole)) {
			best = places[i].place;
			*ret_whole = is_whole;
		}
	}
	return best;
}

enum place place_of(const char *path, bool *ret_whole)
{
	*ret_whole = true;
	if (strcmp(path, "/") == 0)
		return PLACE_ROOT;
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (fits(path, made[i].pattern))
			return made[i].place;
	if (is_of_one_container(path))
		return PLACE_OWN;
	return is_volume(path) ? PLACE_VOLUME : place_in_table(path, ret_whole);
}
