/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/actor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/container.h"
#include "host/procs.h"

#define STATUS_MAX 65536
#define NS_MAX     32

const char *reach_sure_name(enum reach_sure s)
{
	static const char *const names[] = {
		[REACH_NO] = "no",
		[REACH_UNLIKELY] = "unlikely",
		[REACH_LIKELY] = "likely",
		[REACH_YES] = "yes",
	};

	return names[s];
}

static bool read_hex(struct word w, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t n = 0;

	if (!w.len || w.len > 16)
		return false;
	for (size_t i = 0; i < w.len; i++) {
		const char *d = memchr(digits, w.p[i], sizeof(digits) - 1);

		if (!d)
			return false;
		n = n << 4 | (uint64_t)(d - digits);
	}
	*ret = n;
	return true;
}

void actor_parse_status(struct actor *a, const char *text)
{
	struct word line, key, value;
	bool caps = false, seccomp = false;
	unsigned n, no_new_privs = 0;

	a->caps_bound = 0;
	while (word_line(&text, &line)) {
		if (!word_next(&line, &key) || !word_next(&line, &value))
			continue;
		if (word_is(key, "CapEff:"))
			caps = read_hex(value, &a->caps);
		else if (word_is(key, "CapBnd:"))
			(void)read_hex(value, &a->caps_bound);
		else if (word_is(key, "NoNewPrivs:"))
			(void)word_number(value, &no_new_privs);
		else if (word_is(key, "Seccomp:") && word_number(value, &n) && n <= SECCOMP_FILTER) {
			a->seccomp = (int)n;
			seccomp = true;
		}
	}
	if (no_new_privs)
		a->caps_bound = 0;
	a->caps_bound |= a->caps;
	a->host_caps = a->host_userns ? a->caps : 0;
	a->host_caps_bound = a->host_userns ? a->caps_bound : 0;
	a->known = caps && seccomp;
}

/* The weaker of two modes. */
static int weaker(int a, int b)
{
	static const int strength[] = {
		[SECCOMP_OFF] = 0,
		[SECCOMP_FILTER] = 1,
		[SECCOMP_STRICT] = 2,
	};

	return strength[a] < strength[b] ? a : b;
}

void actor_merge(struct actor *a, const struct actor *process)
{
	a->caps |= process->caps;
	a->caps_bound |= process->caps_bound;
	a->host_caps |= process->host_caps;
	a->host_caps_bound |= process->host_caps_bound;
	a->host_userns |= process->host_userns;
	a->seccomp = weaker(a->seccomp, process->seccomp);
	a->known &= process->known;
}

static void read_userns(int root, pid_t pid, char ret[NS_MAX])
{
	char path[64];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "proc/%d/ns/user", (int)pid);
	n = readlinkat(root, path, ret, NS_MAX - 1);
	ret[n > 0 ? n : 0] = '\0';
}

/* Nodes are seen as the container sees its /dev; of the host only what everybody may open. */
static void read_nodes(int root, struct actor *a)
{
	size_t n, at = 0;
	const struct gate_row *rows = gate_rows(&n);

	for (size_t i = 0; i < n && at < 2; i++) {
		char path[96] = "";
		struct stat st;

		if (rows[i].gate != GATE_NODE)
			continue;
		if (a->pid)
			(void)snprintf(path, sizeof(path), "proc/%d/root/", (int)a->pid);
		(void)snprintf(path + strlen(path), sizeof(path) - strlen(path), "dev/%s",
			       rows[i].node);
		a->nodes[at++] = fstatat(root, path, &st, 0) == 0 &&
				 (a->pid || (st.st_mode & S_IROTH) != 0);
	}
}

/* Process 1 of its own pid namespace: the last number of "NSpid:" is 1. */
static bool is_init(const char *status)
{
	struct word line, w, last = { "", 0 };

	while (word_line(&status, &line)) {
		if (!word_starts(line, "NSpid:"))
			continue;
		while (word_next(&line, &w))
			last = w;
		return word_is(last, "1");
	}
	return false;
}

struct seen {
	bool any, init; /* a process of it, and its first */
};

struct reader {
	int root;
	char host[NS_MAX]; /* the user namespace of process 1 */
	struct container_finder *finder;
	struct actor *v;   /* two users, then one a container of the finder */
	struct seen *seen; /* parallel to v */
	size_t n;
};

static int add_user(struct reader *r, struct oak_error *err)
{
	struct actor *v = reallocarray(r->v, r->n + 1, sizeof(*v));
	struct seen *seen = reallocarray(r->seen, r->n + 1, sizeof(*seen));

	r->v = v ? v : r->v;
	r->seen = seen ? seen : r->seen;
	if (!v || !seen)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	seen[r->n] = (struct seen){ .any = false };
	v[r->n++] = (struct actor){ .own_userns = true };
	return 0;
}

/* A process that ended meanwhile is left out. */
static void add_process(const struct reader *r, struct actor *a, struct seen *seen, pid_t pid)
{
	_cleanup_(buf_free) struct buf status = { 0 };
	struct actor process = { .own_userns = true };
	char path[64], ns[NS_MAX];

	if (!a->pid)
		a->pid = pid;
	read_userns(r->root, pid, ns);
	/* Where that is not known the capabilities are taken for those of the host. */
	process.host_userns = !ns[0] || !r->host[0] || strcmp(ns, r->host) == 0;
	(void)snprintf(path, sizeof(path), "proc/%d/status", (int)pid);
	if (file_read(r->root, path, STATUS_MAX, &status, NULL) < 0)
		return;
	if (!seen->init && is_init(buf_str(&status))) {
		seen->init = true;
		a->pid = pid;
	}
	actor_parse_status(&process, buf_str(&status));
	process.pid = a->pid;
	if (seen->any)
		actor_merge(a, &process);
	else
		*a = process;
	seen->any = true;
}

static int read_processes(struct reader *r, struct oak_error *err)
{
	_cleanup_(closedirp) DIR *proc = procs_open(r->root, "proc");
	char name[PROCS_NAME_MAX];
	size_t index;
	pid_t pid;
	int ret = proc ? 0 : oak_fail_errno(err, errno, "/proc");

	while (ret == 0 && procs_next(proc, name, &pid)) {
		ret = container_find(r->finder, pid, &index, err);
		if (ret < 0 || index == CONTAINER_NONE)
			continue;
		while (ret == 0 && r->n <= index + 2)
			ret = add_user(r, err);
		if (ret == 0)
			add_process(r, &r->v[index + 2], &r->seen[index + 2], pid);
	}
	return ret;
}

static int by_pid(const void *a, const void *b)
{
	const struct actor *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int read_all(struct reader *r, struct oak_error *err)
{
	int ret = container_finder_open(r->root, &r->finder, err);

	for (size_t i = 0; ret == 0 && i < 2; i++)
		ret = add_user(r, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < 2; i++) {
		r->v[i].known = r->v[i].host_userns = true;
		r->v[i].own_userns = i == 1;
		(void)snprintf(r->v[i].name, sizeof(r->v[i].name), "any user%s",
			       i ? ", in a user namespace of its own" : "");
	}
	read_userns(r->root, 1, r->host);
	ret = read_processes(r, err);
	for (size_t i = 0; ret == 0 && i < r->n; i++) {
		if (i > 1) {
			container_name(r->finder, i - 2);
			container_text(container_at(r->finder, i - 2), r->v[i].name,
				       sizeof(r->v[i].name));
		}
		read_nodes(r->root, &r->v[i]);
	}
	return ret;
}

void actors_free(struct actor_list *l)
{
	free(l->v);
	*l = (struct actor_list){ 0 };
}

int actors_read(int root, struct actor_list *ret, struct oak_error *err)
{
	struct reader r = { .root = root };
	int result = read_all(&r, err);

	if (r.finder)
		container_finder_close(r.finder);
	free(r.seen);
	if (result < 0) {
		free(r.v);
		return result;
	}
	qsort(r.v + 2, r.n - 2, sizeof(*r.v), by_pid);
	*ret = (struct actor_list){ .v = r.v, .n = r.n };
	return 0;
}

static bool has(uint64_t caps, unsigned cap)
{
	return (caps >> cap) & 1;
}

bool actor_loads_all(const struct actor *a)
{
	return has(a->host_caps, CAP_SYS_MODULE);
}

/* What a filter makes of a way that is open otherwise. */
static enum reach_sure filtered(const struct actor *a, bool default_denies)
{
	if (a->seccomp == SECCOMP_STRICT)
		return REACH_NO;
	if (a->seccomp == SECCOMP_OFF && a->known)
		return REACH_YES;
	return default_denies ? REACH_UNLIKELY : REACH_LIKELY;
}

static enum reach_sure least(enum reach_sure a, enum reach_sure b)
{
	return a < b ? a : b;
}

/* With a capability that it has, or that a set-user-id program in it would have. */
static enum reach_sure by_capability(const struct actor *a, unsigned cap, bool of_host)
{
	if (has(of_host ? a->host_caps : a->caps, cap))
		return filtered(a, false);
	if (has(of_host ? a->host_caps_bound : a->caps_bound, cap))
		return least(REACH_LIKELY, filtered(a, false));
	return REACH_NO;
}

/* With a capability in a user namespace: its own, or one that it makes. */
static enum reach_sure by_userns(const struct actor *a, const struct module_policy *p, unsigned cap)
{
	enum reach_sure has_it = by_capability(a, cap, false), makes_it = REACH_NO;

	/* The default profile denies unshare(2) and clone(2) with CLONE_NEWUSER. */
	if (a->own_userns && p->userns != USERNS_NONE)
		makes_it = filtered(a, true);
	if (p->userns == USERNS_RESTRICTED)
		makes_it = least(makes_it, REACH_UNLIKELY);
	return has_it > makes_it ? has_it : makes_it;
}

static bool node_is_there(const struct actor *a, const struct gate_row *row)
{
	size_t n, at = 0;
	const struct gate_row *rows = gate_rows(&n);

	for (size_t i = 0; i < n; i++) {
		if (rows[i].gate != GATE_NODE)
			continue;
		if (&rows[i] == row)
			return at < 2 && a->nodes[at];
		at++;
	}
	return false;
}

enum reach_sure actor_reaches(const struct actor *a, const struct module_policy *p,
			      const struct gate_row *row)
{
	if (!p->autoload || p->modules_disabled)
		return REACH_NO;
	switch (row->gate) {
	case GATE_ANY:
		return filtered(a, row->default_denies);
	case GATE_LDISC:
		return p->ldisc_autoload ? filtered(a, false) : REACH_NO;
	case GATE_NODE:
		return node_is_there(a, row) ? filtered(a, false) : REACH_NO;
	case GATE_USERNS_NET:
		return by_userns(a, p, CAP_NET_ADMIN);
	case GATE_USERNS_ADMIN:
		return by_userns(a, p, CAP_SYS_ADMIN);
	case GATE_INIT_NET:
		return by_capability(a, CAP_NET_ADMIN, true);
	case GATE_INIT_ADMIN:
	default:
		return by_capability(a, CAP_SYS_ADMIN, true);
	}
}
