/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/actor.h"

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
	a->known = caps && seccomp;
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

static void read_container(int root, const struct container *c, const char *host, struct actor *a)
{
	_cleanup_(buf_free) struct buf status = { 0 };
	char path[64], ns[NS_MAX];

	container_text(c, a->name, sizeof(a->name));
	a->pid = c->init;
	a->own_userns = true;
	(void)snprintf(path, sizeof(path), "proc/%d/status", (int)c->init);
	if (file_read(root, path, STATUS_MAX, &status, NULL) == 0)
		actor_parse_status(a, buf_str(&status));
	read_userns(root, c->init, ns);
	/* Where that is not known the capabilities are taken for those of the host. */
	a->host_userns = !ns[0] || !host[0] || strcmp(ns, host) == 0;
	read_nodes(root, a);
}

void actors_free(struct actor_list *l)
{
	free(l->v);
	*l = (struct actor_list){ 0 };
}

int actors_read(int root, struct actor_list *ret, struct oak_error *err)
{
	_cleanup_(container_list_free) struct container_list containers = { 0 };
	char host[NS_MAX];
	struct actor *v;
	int r = container_list_read(root, &containers, err);

	if (r < 0)
		return r;
	v = calloc(containers.n + 2, sizeof(*v));
	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < 2; i++) {
		v[i].known = v[i].host_userns = true;
		v[i].own_userns = i == 1;
		(void)snprintf(v[i].name, sizeof(v[i].name), "any user%s",
			       i ? ", in a user namespace of its own" : "");
		read_nodes(root, &v[i]);
	}
	read_userns(root, 1, host);
	for (size_t i = 0; i < containers.n; i++)
		read_container(root, &containers.containers[i], host, &v[i + 2]);
	*ret = (struct actor_list){ .v = v, .n = containers.n + 2 };
	return 0;
}

static bool has(uint64_t caps, unsigned cap)
{
	return (caps >> cap) & 1;
}

bool actor_loads_all(const struct actor *a)
{
	return a->host_userns && has(a->caps, CAP_SYS_MODULE);
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
static enum reach_sure by_capability(const struct actor *a, unsigned cap)
{
	if (has(a->caps, cap))
		return filtered(a, false);
	if (has(a->caps_bound, cap))
		return least(REACH_LIKELY, filtered(a, false));
	return REACH_NO;
}

/* With a capability in a user namespace: its own, or one that it makes. */
static enum reach_sure by_userns(const struct actor *a, const struct module_policy *p, unsigned cap)
{
	enum reach_sure has_it = by_capability(a, cap), makes_it = REACH_NO;

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
		return a->host_userns ? by_capability(a, CAP_NET_ADMIN) : REACH_NO;
	case GATE_INIT_ADMIN:
	default:
		return a->host_userns ? by_capability(a, CAP_SYS_ADMIN) : REACH_NO;
	}
}
