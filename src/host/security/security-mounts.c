/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/security-priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/plain.h"
#include "host/security/places.h"

#define HOST_PATH_MAX 4096

/* Part of a process' mounts that is the host's. */
struct found {
	char path[HOST_PATH_MAX];
	enum place place;
	bool whole;
};

/* Each process sees its own, or all see the same that no engine mounts for good or ill. */
static bool is_everybodys(const struct mount *m)
{
	static const char *const types[] = { "cgroup", "cgroup2", "mqueue", "devpts", "nsfs" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(m->type, types[i]) == 0)
			return true;
	/* Told by sys_writable; parts of /proc that hide others of /proc. */
	return (strcmp(m->type, "sysfs") == 0 && path_below(m->point, "/sys")) ||
	       (strcmp(m->type, "proc") == 0 && m->root[1] && path_below(m->point, "/proc"));
}

/* Where @m lies below the host's mount @h, if it does. */
static bool place_below(const struct mount *h, const struct mount *m, struct found *ret)
{
	const char *rest = path_below(m->root, h->root);

	if (!rest)
		return false;
	(void)snprintf(ret->path, sizeof(ret->path), "%s%s%s", h->point[1] ? h->point : "",
		       *rest && *rest != '/' ? "/" : "", rest);
	if (!ret->path[0])
		memcpy(ret->path, "/", 2);
	ret->place = place_of(ret->path, &ret->whole);
	return true;
}

/*
 * Where on the host a mount lies. A file system that is mounted twice has its files at two paths,
 * and the worse one is told; unless another mount lies on it.
 */
static bool find_on_host(const struct mount_table *host, const struct mount *m, struct found *ret)
{
	size_t n;
	const uint32_t *index = mounts_of_device(host, m->device, &n);
	unsigned best = 0;

	for (size_t i = 0; i < n; i++) {
		const struct mount *h = &host->mounts[index[i]], *top;
		struct found found;
		unsigned rank;

		if (!place_below(h, m, &found))
			continue;
		top = mounts_of_path(host, found.path);
		rank = 1 + 2 * place_rank(found.place, found.whole) +
		       (top && top->device == m->device ? 1000 : 0);
		if (rank > best) {
			best = rank;
			*ret = found;
		}
	}
	return best > 0;
}

/* On the same file system, since what is mounted below need not be mounted with it. 0: on any. */
static const char *socket_below(const struct security_reader *r, const char *path, uint64_t device)
{
	for (size_t i = 0; i < r->sockets.n; i++) {
		const struct engine_socket *at = &r->sockets.at[i];

		if (path_below(at->path, path) && (!device || !at->device || at->device == device))
			return at->path;
	}
	return NULL;
}

/* Looking there may wait for whoever serves the file system, so it is not looked. */
static bool is_served_by_others(const struct mount_table *t, const char *point)
{
	static const char *const types[] = { "fuse", "nfs",  "9p",  "cifs",
					     "smb3", "ceph", "afs", "virtiofs" };

	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++)
			if (path_below(point, t->mounts[i].point) &&
			    strncmp(t->mounts[i].type, types[k], strlen(types[k])) == 0)
				return true;
	return false;
}

/* The socket that lies at a mount point under whatever name. */
static const char *socket_at(const struct security_reader *r, int proc, const struct mount_table *t,
			     const struct mount *m)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	_cleanup_(closep) int fd = -1, process_root = -1;
	bool on_device = false;
	struct stat st;

	for (size_t i = 0; i < r->sockets.n; i++)
		on_device = on_device || r->sockets.at[i].device == m->device;
	if (!on_device || !m->point[1] || is_served_by_others(t, m->point))
		return NULL;
	process_root = openat(proc, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (process_root < 0)
		return NULL;
	fd = (int)syscall(SYS_openat2, process_root, m->point + 1, &how, sizeof(how));
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISSOCK(st.st_mode))
		return NULL;
	for (size_t i = 0; i < r->sockets.n; i++)
		if (r->sockets.at[i].dev == st.st_dev && r->sockets.at[i].ino == st.st_ino)
			return r->sockets.at[i].path;
	return NULL;
}

static char *plain_dup(const char *text)
{
	char *s = text ? strdup(text) : NULL;

	if (s)
		plain_copy(s, strlen(s) + 1, text);
	return s;
}

/* Takes copies of the texts. */
static int add_mount(struct security *s, struct security_mount m, const char *host,
		     const char *inside, const char *socket)
{
	struct security_mount *v;

	if (s->n_mounts == SECURITY_MOUNTS_MAX)
		return 0;
	/* Doubled whenever the number is a power of two. */
	if (!(s->n_mounts & (s->n_mounts - 1))) {
		v = reallocarray(s->mounts, s->n_mounts ? s->n_mounts * 2 : 1, sizeof(*v));
		if (!v)
			return -ENOMEM;
		s->mounts = v;
	}
	v = &s->mounts[s->n_mounts++];
	*v = m;
	v->host = plain_dup(host);
	v->inside = plain_dup(inside);
	v->socket = plain_dup(socket);
	return v->host && v->inside && (v->socket || !socket) ? 0 : -ENOMEM;
}

static int take_mount(const struct security_reader *r, int proc, const struct mount_table *t,
		      const struct mount *m, struct security *s)
{
	struct found found = { .place = PLACE_NONE };
	struct security_mount to = { .read_only = m->read_only };
	const char *socket = NULL, *host = found.path;

	if (is_everybodys(m))
		return 0;
	if (find_on_host(&r->mounts, m, &found))
		socket = socket_below(r, found.path, m->device);
	if (!socket) {
		socket = socket_at(r, proc, t, m);
		to.renamed = socket != NULL;
		host = socket ? socket : host;
	}
	/* Its own root is no part of the host, unless it is the host's. */
	if ((found.place == PLACE_NONE && !socket) || (!m->point[1] && found.place != PLACE_ROOT))
		return 0;
	/* What another mount lies on is not seen. */
	if (mounts_at(t, m->point) != m)
		return 0;
	to.place = found.place;
	to.whole = found.whole;
	if (socket && strcmp(socket, host) == 0) {
		to.place = PLACE_SOCKET;
		to.whole = true;
	}
	return add_mount(s, to, host, m->point, socket);
}

static int by_badness(const void *a, const void *b)
{
	const struct security_mount *x = a, *y = b;
	unsigned bad_x = place_rank(x->place, x->whole) * 4 + (x->socket ? 2 : 0) + !x->read_only;
	unsigned bad_y = place_rank(y->place, y->whole) * 4 + (y->socket ? 2 : 0) + !y->read_only;

	return bad_x == bad_y ? strcmp(x->inside, y->inside) : (bad_x < bad_y) - (bad_x > bad_y);
}

static enum fact fact_of(bool yes)
{
	return yes ? FACT_YES : FACT_NO;
}

/* Another file lies on it; one of /proc itself would show, not hide (CVE-2025-31133). */
static bool is_covered(const struct mount_table *t, const char *point)
{
	const struct mount *m = mounts_at(t, point);

	return m && strcmp(m->type, "proc") != 0;
}

static bool is_read_only(const struct mount_table *t, const char *point)
{
	const struct mount *m = mounts_at(t, point);

	return m && m->read_only;
}

static const char *const hidden[2] = { "kcore", "keys" };
static const char *const kept[2] = { "sys", "sysrq-trigger" };

void security_read_proc_files(struct security_reader *r)
{
	for (size_t i = 0; i < 2; i++) {
		r->has_hidden[i] = file_exists(r->proc, hidden[i]);
		r->has_kept[i] = file_exists(r->proc, kept[i]);
	}
}

/* Of the files that this kernel has in /proc, all are so. */
static bool all_are(const struct mount_table *t, const char *const names[2], const bool has[2],
		    bool (*is)(const struct mount_table *t, const char *point))
{
	for (size_t i = 0; i < 2; i++) {
		char point[32];

		(void)snprintf(point, sizeof(point), "/proc/%s", names[i]);
		if (has[i] && !is(t, point))
			return false;
	}
	return true;
}

static void read_proc_masks(const struct security_reader *r, const struct mount_table *t,
			    struct security *s)
{
	const struct mount *proc = mounts_at(t, "/proc");

	/* Without a /proc there is nothing to hide. */
	s->proc_masked = fact_of(!proc || all_are(t, hidden, r->has_hidden, is_covered));
	s->proc_sys_read_only =
		fact_of(!proc || proc->read_only || all_are(t, kept, r->has_kept, is_read_only));
}

static void read_root_mount(const struct security_reader *r, const struct mount_table *t,
			    struct security *s)
{
	const struct mount *m = mounts_at(t, "/"), *hosts = mounts_at(&r->mounts, "/");

	if (!m)
		return;
	s->root_read_only = fact_of(m->read_only);
	s->root_propagation = m->propagation;
	plain_copy(s->root_type, sizeof(s->root_type), m->type);
	if (hosts)
		s->root_is_hosts =
			fact_of(hosts->device == m->device && strcmp(hosts->root, m->root) == 0);
}

static int read_table(const struct security_reader *r, int proc, const struct mount_table *t,
		      struct security *s)
{
	bool writable = false;
	int res = 0;

	read_root_mount(r, t, s);
	read_proc_masks(r, t, s);
	for (size_t i = 0; i < t->n; i++)
		writable = writable ||
			   (strcmp(t->mounts[i].type, "sysfs") == 0 && !t->mounts[i].read_only);
	s->sys_writable = fact_of(writable);
	if (s->ns_host[NS_MNT] == FACT_YES) {
		const struct security_mount all = {
			.place = PLACE_ROOT,
			.whole = true,
			.read_only = s->root_read_only == FACT_YES,
		};

		return add_mount(s, all, "/", "/", socket_below(r, "/", 0));
	}
	for (size_t i = 0; res == 0 && i < t->n; i++)
		res = take_mount(r, proc, t, &t->mounts[i], s);
	if (res == 0 && s->n_mounts)
		qsort(s->mounts, s->n_mounts, sizeof(s->mounts[0]), by_badness);
	return res;
}

int security_read_mounts(const struct security_reader *r, int proc, struct security *s)
{
	_cleanup_(mounts_free) struct mount_table t = { .n = 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	int res;

	if (file_read(proc, "mountinfo", MOUNTS_TEXT_MAX, &text, NULL) < 0 || !text.len) {
		s->unread |= SECURITY_MOUNTS;
		return 0;
	}
	res = mounts_parse((char *)text.data, &t);
	return res < 0 ? res : read_table(r, proc, &t, s);
}
