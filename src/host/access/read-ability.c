/* SPDX-License-Identifier: GPL-2.0-or-later */
/* read-ability: what one actor has. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/access/access-priv.h"
#include "host/access/oci.h"
#include "host/modules/mounts.h"

#define TEXT_MAX (8u << 20)

static bool has(uint64_t caps, unsigned cap)
{
	return (caps >> cap) & 1;
}

static void read_types(int root, pid_t pid, struct access_ability *a)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char path[64];
	struct mount mount;
	const char *p;
	size_t n;
	const char *const *types = access_types(&n);

	(void)snprintf(path, sizeof(path), "proc/%d/mountinfo", (int)pid);
	if (file_read(root, path, TEXT_MAX, &text, NULL) < 0)
		return;
	p = buf_str(&text);
	while (mount_next(&p, &mount))
		for (size_t i = 0; i < n; i++)
			if (word_is(mount.type, types[i]))
				a->types[i / 64] |= UINT64_C(1) << (i % 64);
}

/* Links that the kernel makes by itself when a module of tunnels is loaded are no network. */
static bool is_idle_link(struct word name)
{
	static const char *const idle[] = { "lo",      "tunl0",   "sit0",     "gre0",    "gretap0",
					    "erspan0", "ip_vti0", "ip6_vti0", "ip6tnl0", "ip6gre0" };

	for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
		if (word_is(name, idle[i]))
			return true;
	return false;
}

/* "  eth0: 123 ..." after two lines of titles. What cannot be read is taken for a network. */
static bool has_network(int root, pid_t pid)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct word line, name;
	char path[64];
	const char *p;

	(void)snprintf(path, sizeof(path), "proc/%d/net/dev", (int)pid);
	if (file_read(root, path, TEXT_MAX, &text, NULL) < 0)
		return true;
	p = buf_str(&text);
	while (word_line(&p, &line)) {
		const char *colon;

		if (!word_next(&line, &name))
			continue;
		colon = memchr(name.p, ':', name.len);
		if (!colon)
			continue;
		name.len = (size_t)(colon - name.p);
		if (!is_idle_link(name))
			return true;
	}
	return false;
}

/* A node, not what a link in somebody's container leads to. */
static bool stat_node(int root, const char *base, const char *name, struct stat *ret)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%sdev/%s", base, name);
	return fstatat(root, path, ret, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (S_ISCHR(ret->st_mode) || S_ISBLK(ret->st_mode));
}

static bool in_group(const struct security *s, uint32_t group)
{
	for (size_t i = 0; i < s->n_groups; i++)
		if (s->groups[i] == group)
			return true;
	return s->gid[1] == group;
}

/* By the mode of the node. */
static enum fact may_open(const struct surveyed *v, const struct stat *st)
{
	const struct security *s = &v->s;
	uint64_t caps = v->c.caps_any | s->caps.effective;

	if (st->st_mode & (S_IROTH | S_IWOTH) || s->uid[1] == st->st_uid)
		return FACT_YES;
	if (s->ns_host[NS_USER] == FACT_YES && has(caps, CAP_DAC_OVERRIDE))
		return FACT_YES;
	if (in_group(s, st->st_gid) && st->st_mode & (S_IRGRP | S_IWGRP))
		return FACT_YES;
	return v->c.n_real_root || s->ns_host[NS_USER] == FACT_UNKNOWN ? FACT_UNKNOWN : FACT_NO;
}

/* The cgroup's word: of a bundle that is known, or of version 1 where it allows all. */
static enum filter_word by_cgroup(const struct surveyed *v, const json_t *devices,
				  const struct access_node *node, dev_t rdev)
{
	enum filter_word w;

	if (v->s.devices_all == FACT_YES)
		return FILTER_ALLOWS;
	w = oci_device(devices, node->block ? 'b' : 'c', major(rdev), minor(rdev));
	/* Runtimes add /dev/net/tun to whatever they are given. */
	if (w == FILTER_DENIES && rdev == makedev(10, 200))
		return FILTER_UNKNOWN;
	return w;
}

/* Does it see folders in which nodes of the host are? */
static bool sees_host_dev(const struct security *s)
{
	for (size_t i = 0; i < s->n_mounts; i++)
		if (s->mounts[i].place == PLACE_DEV ||
		    (s->mounts[i].place == PLACE_ROOT && s->mounts[i].whole))
			return true;
	return s->root_is_hosts == FACT_YES || s->unread & SECURITY_MOUNTS;
}

/* Of a node that is not there: could it be made? */
static enum fact may_make(const struct access_map *m, const struct surveyed *v,
			  const json_t *devices, const struct access_node *node)
{
	uint64_t caps = v->c.caps_any | v->s.caps.effective;
	struct stat st;

	if (v->s.ns_host[NS_USER] == FACT_NO || !has(caps, CAP_MKNOD))
		return sees_host_dev(&v->s) ? FACT_UNKNOWN : FACT_NO;
	if (!stat_node(m->root, "", node->name, &st) &&
	    (!node->also || !stat_node(m->root, "", node->also, &st)))
		return FACT_NO;
	switch (by_cgroup(v, devices, node, st.st_rdev)) {
	case FILTER_ALLOWS:
		return FACT_YES;
	case FILTER_DENIES:
		return FACT_NO;
	case FILTER_UNKNOWN:
	default:
		return FACT_UNKNOWN;
	}
}

static enum fact has_node(const struct access_map *m, const struct surveyed *v,
			  const json_t *devices, const struct access_node *node)
{
	const char *names[] = { node->name, node->also };
	enum fact best = FACT_NO, f;
	char base[32];
	bool any = false;

	(void)snprintf(base, sizeof(base), "proc/%d/root/", (int)v->c.init);
	for (size_t i = 0; i < 2 && best != FACT_YES; i++) {
		struct stat st;

		if (!names[i] || !stat_node(m->root, base, names[i], &st))
			continue;
		any = true;
		f = may_open(v, &st);
		/* pts/ptmx is of the container's own devpts: every runtime allows it. */
		if (f == FACT_YES && major(st.st_rdev) != 5 &&
		    by_cgroup(v, devices, node, st.st_rdev) == FILTER_DENIES)
			f = FACT_NO;
		if (f != FACT_NO)
			best = best == FACT_YES ? FACT_YES : f;
	}
	if (best == FACT_YES)
		return best;
	f = may_make(m, v, devices, node);
	if (f == FACT_YES || (any && best == FACT_UNKNOWN))
		return f == FACT_YES ? FACT_YES : FACT_UNKNOWN;
	return f;
}

static void read_nodes(const struct access_map *m, const struct surveyed *v, const json_t *devices,
		       struct access_ability *a)
{
	size_t n;
	const struct access_node *nodes = access_nodes(&n);

	for (size_t i = 0; i < n; i++) {
		enum fact f = has_node(m, v, devices, &nodes[i]);

		if (f == FACT_YES)
			a->nodes |= UINT64_C(1) << i;
		else if (f == FACT_UNKNOWN)
			a->nodes_unknown |= UINT64_C(1) << i;
		a->any_block |= f == FACT_YES && nodes[i].block;
	}
}

void ability_of_user(const struct access_map *m, struct access_ability *ret)
{
	size_t n;
	const struct access_node *nodes = access_nodes(&n);

	memset(ret, 0, sizeof(*ret));
	ret->kind = ABILITY_USER;
	ret->seccomp = SECCOMP_OFF;
	ret->profile = PROFILE_NONE;
	ret->host_userns = ret->host_net = ret->network = 1;
	read_types(m->root, 1, ret);
	for (size_t i = 0; i < n; i++) {
		const char *names[] = { nodes[i].name, nodes[i].also };
		struct stat st;

		for (size_t k = 0; k < 2; k++)
			if (names[k] && stat_node(m->root, "", names[k], &st) &&
			    st.st_mode & (S_IROTH | S_IWOTH))
				ret->nodes |= UINT64_C(1) << i;
	}
}

static enum ability_lsm read_lsm(const struct security *s)
{
	static const char *const engines[] = { "docker-default", "containers-default",
					       "cri-containerd.apparmor.d", "crio-default" };

	if (s->unread & SECURITY_LABEL)
		return ABILITY_LSM_OTHER;
	if (s->confined == FACT_NO || !s->lsm[0])
		return ABILITY_LSM_NONE;
	if (strcmp(s->lsm, "apparmor") != 0)
		return ABILITY_LSM_OTHER;
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (strncmp(s->label, engines[i], strlen(engines[i])) == 0)
			return ABILITY_LSM_ENGINE;
	return ABILITY_LSM_APPARMOR;
}

static bool same(const struct access_text_key *k, const struct oci_span *s)
{
	return k->len == s->len && memcmp(k->text, s->p, s->len) == 0;
}

/* The index of a profile, which is parsed once however many containers have it; or -ENOMEM. */
static int add_profile(struct access_map *m, const struct oci_span *span, int32_t *ret)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	struct access_profile p, *v;
	struct access_text_key *keys;
	size_t n = m->host.n_profiles;

	for (size_t i = 0; i < n; i++)
		if (same(&m->keys[i], span)) {
			*ret = (int32_t)i;
			return 0;
		}
	if (json_parse(span->p, span->len, OCI_CONFIG_MAX, "seccomp", &j, NULL) < 0 ||
	    !profile_parse(j, &p))
		return 0;
	v = reallocarray(m->host.profiles, n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	m->host.profiles = v;
	keys = reallocarray(m->keys, n + 1, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	m->keys = keys;
	keys[n] = (struct access_text_key){ malloc(span->len), span->len };
	if (!keys[n].text)
		return -ENOMEM;
	memcpy(keys[n].text, span->p, span->len);
	v[n] = p;
	*ret = (int32_t)n;
	m->host.n_profiles++;
	return 0;
}

static int read_oci(struct access_map *m, const struct surveyed *v, struct access_ability *a,
		    json_t **ret_devices)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oci_span all, span;

	if (!oci_read(m->root, &v->c, &text))
		return 0;
	all = (struct oci_span){ (const char *)text.data, text.len };
	if (!oci_member(all, "linux", &all))
		return 0;
	if (oci_member(all, "resources", &span) && oci_member(span, "devices", &span) &&
	    json_parse(span.p, span.len, OCI_CONFIG_MAX, "devices", ret_devices, NULL) < 0)
		*ret_devices = NULL;
	if (a->seccomp != SECCOMP_FILTER || !oci_member(all, "seccomp", &span))
		return 0;
	return add_profile(m, &span, &a->profile);
}

int ability_of_container(struct access_map *m, const struct surveyed *v, struct access_ability *ret)
{
	_cleanup_(json_decrefp) json_t *devices = NULL;
	const struct security *s = &v->s;
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->profile = PROFILE_NONE;
	ret->kind = v->c.vm[0] ? ABILITY_VM : v->is_read ? ABILITY_CONTAINER : ABILITY_UNREAD;
	if (ret->kind != ABILITY_CONTAINER)
		return 0;
	ret->caps = v->c.caps_any | s->caps.effective;
	ret->bound = s->no_new_privs == FACT_YES ? 0 : s->caps.bounding;
	ret->seccomp = v->c.n_unfiltered ? SECCOMP_OFF : s->seccomp;
	ret->one_filter = s->seccomp_filters == 1;
	/* Where that is not known the capabilities are taken for those of the host. */
	ret->host_userns = s->ns_host[NS_USER] != FACT_NO;
	ret->host_net = s->ns_host[NS_NET] != FACT_NO;
	ret->network = ret->host_net || has_network(m->root, v->c.init);
	ret->lsm = read_lsm(s);
	read_types(m->root, v->c.init, ret);
	r = read_oci(m, v, ret, &devices);
	if (r == 0)
		read_nodes(m, v, devices, ret);
	return r;
}
