/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage-net: what each network namespace uses.
 *
 * Files below /proc/<pid>/net are those of the process's namespace: no namespace is entered for
 * them. For links and nftables tables it is, with this process itself, and left at once: only a
 * socket is made inside. Source: network_namespaces(7); net/ipv4/netfilter/ip_tables.c and
 * net/core/sock.c of 6.1.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/modules/netlink.h"
#include "host/modules/usage-priv.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define NET_FILE_MAX (1u << 20)
#define IP_VS_HEAD   3 /* lines of /proc/net/ip_vs before the first service */
#define UEVENT_MAX   4096

/* Where the namespace is, and which file tells. */
struct place {
	struct gather *g;
	const struct space *space;
	char file[USE_FILE_MAX];
};

static bool read_net(struct place *p, const char *name, struct buf *ret)
{
	(void)snprintf(p->file, sizeof(p->file), "proc/%d/net/%s", (int)p->space->pid, name);
	return file_read(p->g->root, p->file, NET_FILE_MAX, ret, NULL) == 0;
}

/* "filter" in ip_tables_names is the table of iptable_filter. */
static int add_tables(struct place *p, const char *file, const char *prefix, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct word line;
	const char *at;
	int r = 0;

	if (!read_net(p, file, &text))
		return 0;
	at = buf_str(&text);
	while (r == 0 && word_line(&at, &line)) {
		char table[MODULE_NAME_MAX], module[2 * MODULE_NAME_MAX];

		if (!word_module(line, table))
			continue;
		(void)snprintf(module, sizeof(module), "%s%s", prefix, table);
		r = use_add(p->g, module, USE_NETFILTER, p->file, err, "table %s%s", table,
			    p->space->where);
	}
	return r;
}

/* "protocol size sockets memory press maxhdr slab module ..." */
static int add_protocol(struct place *p, struct word line, struct oak_error *err)
{
	struct word w[8];
	char module[MODULE_NAME_MAX], name[MODULE_NAME_MAX];
	unsigned sockets;

	for (size_t i = 0; i < 8; i++)
		if (!word_next(&line, &w[i]))
			return 0;
	if (!word_number(w[2], &sockets) || !sockets || !word_module(w[7], module))
		return 0;
	word_copy(name, sizeof(name), w[0]);
	return use_add(p->g, module, USE_SOCKET, p->file, err, "%u socket%s of %s%s", sockets,
		       sockets > 1 ? "s" : "", name, p->space->where);
}

static int add_protocols(struct place *p, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct word line;
	const char *at;
	int r = 0;

	if (!read_net(p, "protocols", &text))
		return 0;
	at = buf_str(&text);
	while (r == 0 && word_line(&at, &line))
		r = add_protocol(p, line, err);
	return r;
}

static int add_ip_vs(struct place *p, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	size_t lines = 0;

	if (!read_net(p, "ip_vs", &text))
		return 0;
	for (const char *c = buf_str(&text); *c; c++)
		lines += *c == '\n';
	return lines > IP_VS_HEAD ? use_add(p->g, "ip_vs", USE_NETFILTER, p->file, err,
					    "services%s", p->space->where)
				  : 0;
}

static int add_net_files(struct place *p, struct oak_error *err)
{
	static const char *const tables[][2] = {
		{ "ip_tables_names", "iptable_" },
		{ "ip6_tables_names", "ip6table_" },
		{ "arp_tables_names", "arptable_" },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(tables) / sizeof(tables[0]); i++)
		r = add_tables(p, tables[i][0], tables[i][1], err);
	if (r == 0)
		r = add_protocols(p, err);
	return r < 0 ? r : add_ip_vs(p, err);
}

int gather_net_files(struct gather *g, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < g->net.n; i++) {
		struct place p = { .g = g, .space = &g->net.v[i] };

		if (p.space->pid)
			r = add_net_files(&p, err);
	}
	return r;
}

/* A bridge hands packets to netfilter only through br_netfilter, which counts no reference. */
static int add_bridge(struct place *p, const char *name, struct oak_error *err)
{
	static const char *const calls = "proc/sys/net/bridge/bridge-nf-call-iptables";

	if (!sysfs_is_true(p->g->root, calls))
		return 0;
	return use_add(p->g, "br_netfilter", USE_NETFILTER, calls, err,
		       "filters what bridge %s%s forwards", name, p->space->where);
}

static int add_kind(struct place *p, const char *name, const char *kind, struct oak_error *err)
{
	const char *module = kind[0] ? use_module(p->g, "rtnl-link-", kind) : NULL;
	int r = 0;

	if (strcmp(kind, "bridge") == 0)
		r = add_bridge(p, name, err);
	if (r < 0 || !module)
		return r;
	return use_add(p->g, module, USE_LINK, p->file, err, "%s is of kind %s%s", name, kind,
		       p->space->where);
}

static int add_link(void *ctx, const struct netlink_item *item, struct oak_error *err)
{
	struct place *p = ctx;
	int r = add_kind(p, item->name, item->kind, err);

	return r < 0 ? r : add_kind(p, item->name, item->slave_kind, err);
}

static int add_table(void *ctx, const struct netlink_item *item, struct oak_error *err)
{
	const struct place *p = ctx;

	return use_add(p->g, "nf_tables", USE_NETFILTER, p->file, err, "table %s%s", item->name,
		       p->space->where);
}

struct sockets {
	int links, tables; /* or -1 */
};

static void sockets_close(struct sockets *s)
{
	closep(&s->links);
	closep(&s->tables);
}

/* Errors: OAK_E_IO, where we are back; OAK_E_FAILED, where we are not. */
static int open_inside(struct gather *g, int own, const struct space *s, bool is_own,
		       struct sockets *ret, struct oak_error *err)
{
	bool nft = loaded_find(&g->usage->loaded, "nf_tables") != LOADED_NONE;
	_cleanup_(closep) int fd = -1;
	char path[USE_TEXT_MAX];
	int r = 0;

	if (s->pid)
		(void)snprintf(path, sizeof(path), "proc/%d/ns/net", (int)s->pid);
	else
		(void)snprintf(path, sizeof(path), "%s", s->path);
	if (!is_own) {
		fd = openat(g->root, path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
			return oak_fail_errno(err, errno, "%s", path);
	}
	ret->links = netlink_open(NETLINK_LINK);
	if (ret->links < 0)
		r = ret->links;
	ret->tables = nft ? netlink_open(NETLINK_TABLE) : -1;
	if (!is_own && setns(own, CLONE_NEWNET) < 0)
		return oak_fail(err, OAK_E_FAILED,
				"this process cannot return to its network namespace: %s",
				strerror(errno));
	return r < 0 ? oak_fail_errno(err, r, "%s", path) : 0;
}

static int ask_inside(struct gather *g, int own, struct space *s, bool is_own, struct oak_error *err)
{
	_cleanup_(sockets_close) struct sockets sockets = { -1, -1 };
	struct place p = { .g = g, .space = s };
	unsigned tries = 0;
	int r;

	do {
		r = open_inside(g, own, s, is_own, &sockets, err);
	} while (r == -OAK_E_IO && err->sys == ENOENT && s->pid && ++tries < AGAIN_MAX &&
		 space_again(g, "net", s));
	if (r == -OAK_E_IO && err->sys == ENOENT)
		return 0; /* it has gone */
	(void)snprintf(p.file, sizeof(p.file), "rtnetlink in %s", s->name);
	if (r == 0)
		r = netlink_each(sockets.links, NETLINK_LINK, add_link, &p, err);
	(void)snprintf(p.file, sizeof(p.file), "nftables in %s", s->name);
	if (r == 0 && sockets.tables >= 0)
		r = netlink_each(sockets.tables, NETLINK_TABLE, add_table, &p, err);
	if (r != -OAK_E_IO)
		return r;
	use_unknown(g->usage, "network namespace %s%s: %s", s->name, s->where, err->msg);
	g->usage->links_unknown = true;
	return 0;
}

/* Of another tree: the host's own links, as far as their files tell the kind. */
static int add_class_net(struct gather *g, const char *name, struct oak_error *err)
{
	static const struct space host = { .name = "" };
	struct place p = { .g = g, .space = &host };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct word line;
	const char *at;
	int r = 0;

	(void)snprintf(p.file, sizeof(p.file), "sys/class/net/%.32s/uevent", name);
	if (file_read(g->root, p.file, UEVENT_MAX, &text, NULL) < 0)
		return 0;
	at = buf_str(&text);
	while (r == 0 && word_line(&at, &line)) {
		char kind[MODULE_NAME_MAX];

		if (!word_starts(line, "DEVTYPE=") ||
		    !word_module((struct word){ line.p + 8, line.len - 8 }, kind))
			continue;
		r = add_kind(&p, name, kind, err);
	}
	return r;
}

static int gather_class_net(struct gather *g, struct oak_error *err)
{
	_cleanup_(closedirp) DIR *d = procs_open(g->root, "sys/class/net");
	struct dirent *e;
	int r = 0;

	while (r == 0 && d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			r = add_class_net(g, e->d_name, err);
	return r;
}

int gather_links(struct gather *g, struct oak_error *err)
{
	_cleanup_(closep) int own = -1;
	char name[NS_NAME_MAX] = "";
	int r = 0;

	if (!g->live) {
		use_unknown(g->usage, "links: no network namespace is entered below another root");
		g->usage->links_unknown = true;
		return gather_class_net(g, err);
	}
	own = openat(g->root, "proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (own < 0 || readlinkat(g->root, "proc/self/ns/net", name, sizeof(name) - 1) < 0) {
		use_unknown(g->usage, "links: /proc/self/ns/net: %s", strerror(errno));
		g->usage->links_unknown = true;
		return 0;
	}
	for (size_t i = 0; r == 0 && i < g->net.n; i++)
		r = ask_inside(g, own, &g->net.v[i], strcmp(g->net.v[i].name, name) == 0, err);
	return r;
}
