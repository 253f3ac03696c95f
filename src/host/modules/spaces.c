/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spaces: every network and mount namespace of this host, with a way into each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/modules/mounts.h"
#include "host/modules/usage-priv.h"
#include "host/plain.h"
#include "host/procs.h"

#define MOUNTINFO_MAX (8u << 20)

static bool read_name(int root, pid_t pid, const char *ns, char ret[NS_NAME_MAX])
{
	char path[64];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "proc/%d/ns/%s", (int)pid, ns);
	n = readlinkat(root, path, ret, NS_NAME_MAX - 1);
	ret[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static struct space *find(const struct spaces *s, const char *name)
{
	/* A process is mostly where the one before it is. */
	for (size_t i = s->n; i-- > 0;)
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	return NULL;
}

int space_add(struct spaces *s, const struct space *space, struct oak_error *err)
{
	if (s->n == NAMESPACES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u namespaces", NAMESPACES_MAX);
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 16;
		struct space *v = reallocarray(s->v, cap, sizeof(*v));

		if (!v)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n++] = *space;
	return 0;
}

static void tell_where(struct container_finder *f, pid_t pid, struct space *s)
{
	char text[sizeof(s->where)];
	size_t index;

	if (!f || container_find(f, pid, &index, NULL) < 0 || index == CONTAINER_NONE)
		return;
	container_name(f, index);
	container_text(container_at(f, index), text, sizeof(text) - 4);
	(void)snprintf(s->where, sizeof(s->where), " of %.*s", (int)sizeof(text) - 5, text);
}

static int add_of(struct gather *g, struct container_finder *f, pid_t pid, const char *ns,
		  struct spaces *s, struct oak_error *err)
{
	struct space space = { .pid = pid };

	if (!read_name(g->root, pid, ns, space.name) || find(s, space.name))
		return 0;
	/* The first process of the host is in the host's; its services are found later. */
	if (pid != 1)
		tell_where(f, pid, &space);
	return space_add(s, &space, err);
}

/* Namespaces that a file holds, whether or not a process is in them: "ip netns add blue". */
static int add_bound(struct gather *g, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct mount m;
	const char *p;
	int r = 0;

	if (file_read(g->root, "proc/1/mountinfo", MOUNTINFO_MAX, &text, NULL) < 0)
		return 0;
	p = buf_str(&text);
	while (r == 0 && mount_next(&p, &m)) {
		struct space space = { .pid = 0 };

		if (!word_is(m.type, "nsfs") || !word_starts(m.root, "net:[") || m.point.len < 2)
			continue;
		word_copy(space.name, sizeof(space.name), m.root);
		word_copy(space.path, sizeof(space.path),
			  (struct word){ m.point.p + 1, m.point.len - 1 });
		if (!find(&g->net, space.name))
			r = space_add(&g->net, &space, err);
	}
	return r;
}

int spaces_read(struct gather *g, struct oak_error *err)
{
	_cleanup_(container_finder_closep) struct container_finder *f = NULL;
	_cleanup_(closedirp) DIR *proc = procs_open(g->root, "proc");
	size_t hidden = 0;
	char name[PROCS_NAME_MAX], link[NS_NAME_MAX];
	pid_t pid;
	int r = 0;

	if (!proc)
		return oak_fail_errno(err, errno, "/proc");
	if (container_finder_open(g->root, &f, err) < 0)
		f = NULL;
	while (r == 0 && procs_next(proc, name, &pid)) {
		hidden += !read_name(g->root, pid, "net", link) &&
			  (errno == EACCES || errno == EPERM);
		r = add_of(g, f, pid, "net", &g->net, err);
		if (r == 0)
			r = add_of(g, f, pid, "mnt", &g->mnt, err);
	}
	if (r == 0)
		r = add_bound(g, err);
	if (hidden) {
		use_unknown(g->usage,
			    "the namespaces of %zu process%s may not be looked at: "
			    "needs root with CAP_SYS_PTRACE",
			    hidden, hidden > 1 ? "es" : "");
		g->usage->links_unknown = g->usage->mounts_unknown = true;
	}
	g->usage->net_namespaces = g->net.n;
	g->usage->mount_namespaces = g->mnt.n;
	return r;
}

bool space_again(const struct gather *g, const char *ns, struct space *s)
{
	_cleanup_(closedirp) DIR *proc = procs_open(g->root, "proc");
	char name[PROCS_NAME_MAX], link[NS_NAME_MAX];
	pid_t pid;

	while (proc && procs_next(proc, name, &pid))
		if (read_name(g->root, pid, ns, link) && strcmp(link, s->name) == 0) {
			s->pid = pid;
			return true;
		}
	return false;
}
