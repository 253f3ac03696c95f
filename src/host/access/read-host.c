/* SPDX-License-Identifier: GPL-2.0-or-later */
/* read-host: what of the host decides for all actors. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/access/access-priv.h"
#include "host/modules/word.h"
#include "host/number.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define NET_TCP_MAX (16u << 20)

static int read_number(int root, const char *path, int otherwise)
{
	char text[32];
	unsigned n;
	struct word w;

	if (sysfs_read(root, path, text, sizeof(text)) < 0)
		return otherwise;
	/* "-1" of perf_event_paranoid allows everything, as 0 does. */
	if (text[0] == '-')
		return 0;
	w = (struct word){ text, strlen(text) };
	return word_number(w, &n) && n < 1000 ? (int)n : otherwise;
}

static bool has_entries(int root, const char *path)
{
	_cleanup_(closedirp) DIR *d = procs_open(root, path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			return true;
	return false;
}

static uint64_t read_paths(int root)
{
	uint64_t mask = 0;
	size_t n;
	const char *const *v = access_paths(&n);

	for (size_t i = 0; i < n; i++)
		if (has_entries(root, v[i]))
			mask |= UINT64_C(1) << i;
	return mask;
}

static uint64_t read_blocks(int root)
{
	_cleanup_(closedirp) DIR *d = procs_open(root, "sys/block");
	uint64_t mask = 0;
	struct dirent *e;
	size_t n;
	const char *const *v = access_blocks(&n);

	while (d && (e = readdir(d)))
		for (size_t i = 0; i < n; i++)
			if (strncmp(e->d_name, v[i], strlen(v[i])) == 0)
				mask |= UINT64_C(1) << i;
	return mask;
}

/* "  0: 00000000:0801 00000000:0000 0A ...": state 0A listens. */
static uint64_t listening(const char *text)
{
	uint64_t mask = 0;
	struct word line;
	size_t n;
	const uint16_t *v = access_ports(&n);

	while (word_line(&text, &line)) {
		struct word f[4], colon;
		char port[8];
		size_t k = 0;

		while (k < 4 && word_next(&line, &f[k]))
			k++;
		if (k < 4 || !word_is(f[3], "0A") || f[1].len < 5)
			continue;
		colon = (struct word){ f[1].p + f[1].len - 5, 5 };
		for (size_t i = 0; i < n; i++) {
			(void)snprintf(port, sizeof(port), ":%04X", v[i]);
			if (word_is(colon, port))
				mask |= UINT64_C(1) << i;
		}
	}
	return mask;
}

static uint64_t read_servers(int root)
{
	static const char *const files[] = { "proc/1/net/tcp", "proc/1/net/tcp6" };
	uint64_t mask = 0;

	for (size_t i = 0; i < 2; i++) {
		_cleanup_(buf_free) struct buf text = { 0 };

		if (file_read(root, files[i], NET_TCP_MAX, &text, NULL) == 0)
			mask |= listening(buf_str(&text));
	}
	return mask;
}

int access_read_host(struct access_map *m, struct oak_error *err)
{
	struct access_host *h = &m->host;
	int r = policy_read(m->root, NULL, &m->policy, err);

	if (r < 0)
		return r;
	h->userns = m->policy.userns;
	h->userns_why = m->policy.userns_why;
	h->no_user_ns = built_is_unset(m->built, "CONFIG_USER_NS");
	h->ia32 = !built_is_unset(m->built, "CONFIG_IA32_EMULATION");
	h->bpf = read_number(m->root, "proc/sys/kernel/unprivileged_bpf_disabled", -1);
	h->perf = read_number(m->root, "proc/sys/kernel/perf_event_paranoid", -1);
	h->uring = read_number(m->root, "proc/sys/kernel/io_uring_disabled", 0);
	if (sysfs_read(m->root, "sys/kernel/security/lsm", h->lsm, sizeof(h->lsm)) < 0)
		h->lsm[0] = '\0';
	h->paths = read_paths(m->root);
	h->blocks = read_blocks(m->root);
	h->servers = read_servers(m->root);
	return 0;
}

/* Devices are links in the folder of the driver; "module" is one, too. */
static bool has_devices(int root, const char *path)
{
	_cleanup_(closedirp) DIR *d = procs_open(root, path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_type == DT_LNK && strcmp(e->d_name, "module") != 0 &&
		    strcmp(e->d_name, "subsystem") != 0)
			return true;
	return false;
}

static enum fact read_bound(int root, const char *module)
{
	char path[sizeof("sys/module//drivers/") + MODULE_NAME_MAX + NAME_MAX];
	_cleanup_(closedirp) DIR *d = NULL;
	bool any = false;
	struct dirent *e;

	(void)snprintf(path, sizeof(path), "sys/module/%s/drivers", module);
	d = procs_open(root, path);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		any = true;
		(void)snprintf(path, sizeof(path), "sys/module/%s/drivers/%s", module, e->d_name);
		if (has_devices(root, path))
			return FACT_YES;
	}
	return any ? FACT_NO : FACT_UNKNOWN;
}

enum fact access_is_bound(struct access_map *m, const char *module)
{
	struct access_bound *v;

	for (size_t i = 0; i < m->n_bound; i++)
		if (strcmp(m->bound[i].module, module) == 0)
			return m->bound[i].bound;
	if (m->n_bound == m->cap_bound) {
		size_t cap = m->cap_bound ? m->cap_bound * 2 : 64;

		v = reallocarray(m->bound, cap, sizeof(*v));
		/* Without room to remember it is read again. */
		if (!v)
			return read_bound(m->root, module);
		m->bound = v;
		m->cap_bound = cap;
	}
	v = &m->bound[m->n_bound++];
	(void)snprintf(v->module, sizeof(v->module), "%s", module);
	v->bound = read_bound(m->root, module);
	return v->bound;
}
