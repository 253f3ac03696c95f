/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/containers.h"
#include "host/security/ports.h"

#define SHORT_ID 12
#define LABEL    "%-12s "

/* What is being written; after a failure nothing more is. */
struct screen {
	const struct cli *cli;
	struct buf *b;
	int r;
};

static void add(struct screen *s, const char *fmt, ...) _printf_(2, 3);

static void add(struct screen *s, const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		s->r = -OAK_E_NOMEM;
	}
	va_end(ap);
	if (text && s->r == 0)
		s->r = buf_add_str(s->b, text);
}

static const char *color(const struct screen *s, enum cli_color c)
{
	return cli_color(s->cli, c);
}

enum column {
	ENGINE,
	NAME,
	IMAGE,
	POD,
	ROOT,
	CAPS,
	SECCOMP,
	USERNS,
	HOST_NS,
	MOUNTS,
	COLUMNS,
};

static const struct {
	const char *head;
	size_t max;
} columns[COLUMNS] = {
	[ENGINE] = { "ENGINE", 11 },   [NAME] = { "NAME", 20 },
	[IMAGE] = { "IMAGE", 24 },     [POD] = { "POD", 24 },
	[ROOT] = { "USER", 26 },       [CAPS] = { "CAPABILITIES", 30 },
	[SECCOMP] = { "SECCOMP", 7 },  [USERNS] = { "USERNS", 6 },
	[HOST_NS] = { "OF HOST", 19 }, [MOUNTS] = { "HOST FILES", 60 },
};

struct row {
	char cells[COLUMNS][CONTAINERS_CELL_MAX];
	enum cli_color colors[COLUMNS]; /* CLI_RESET: none */
};

static void put(struct row *row, size_t c, const char *text)
{
	(void)snprintf(row->cells[c], sizeof(row->cells[c]), "%s", text);
}

static void fill_container(const struct container *c, struct row *row)
{
	int id_len = strlen(c->id) == 64 ? SHORT_ID : CONTAINER_ID_MAX;

	put(row, ENGINE, c->engine);
	if (c->name[0])
		put(row, NAME, c->name);
	else
		(void)snprintf(row->cells[NAME], sizeof(row->cells[NAME]), "%.*s", id_len, c->id);
	put(row, IMAGE, c->image[0] ? c->image : "-");
	(void)snprintf(row->cells[POD], sizeof(row->cells[POD]), "%.127s%s%.127s", c->pod_namespace,
		       c->pod_namespace[0] ? "/" : "", c->pod[0] ? c->pod : c->pod_uid);
	if (!row->cells[POD][0])
		put(row, POD, "-");
}

static void fill_security(const struct security *s, struct row *row)
{
	containers_root_text(s, row->cells[ROOT]);
	containers_caps_text(s, row->cells[CAPS]);
	put(row, SECCOMP, seccomp_name(s->seccomp));
	put(row, USERNS,
	    s->ns_host[NS_USER] == FACT_NO    ? "own"
	    : s->ns_host[NS_USER] == FACT_YES ? "host"
					      : "?");
	containers_namespaces_text(s, row->cells[HOST_NS]);
	containers_mounts_text(s, row->cells[MOUNTS]);
	if (s->privileged != PRIVILEGED_NO)
		row->colors[CAPS] = CLI_RED;
	else if (security_has_caps_on_host(s) && (s->caps.effective & caps_dangerous))
		row->colors[CAPS] = CLI_YELLOW;
	if (s->real_root != FACT_NO)
		row->colors[ROOT] = CLI_YELLOW;
	if (s->seccomp == SECCOMP_OFF)
		row->colors[SECCOMP] = CLI_YELLOW;
	if (strcmp(row->cells[HOST_NS], "-") != 0)
		row->colors[HOST_NS] = CLI_YELLOW;
	if (strcmp(row->cells[MOUNTS], "-") != 0)
		row->colors[MOUNTS] = CLI_RED;
}

static void fill(const struct surveyed *v, struct row *row)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		row->colors[i] = CLI_RESET;
		put(row, i, "?");
	}
	fill_container(&v->c, row);
	if (v->is_read)
		fill_security(&v->s, row);
	if (v->is_read && surveyed_more_caps(v))
		containers_append(row->cells[CAPS], ", others more");
	if (v->is_read && v->s.real_root == FACT_NO && v->c.n_real_root)
		containers_append(row->cells[ROOT], " and root");
	for (size_t i = ROOT; v->c.vm[0] && i < COLUMNS; i++)
		put(row, i, "-");
	if (v->c.vm[0]) {
		put(row, CAPS, "own kernel: ");
		containers_append(row->cells[CAPS], v->c.vm);
	}
}

/* Widths of what is there, and no column that says nothing. */
static void measure(const struct survey *s, struct row *row, size_t widths[COLUMNS])
{
	for (size_t k = 0; k < COLUMNS; k++)
		widths[k] = k == POD ? 0 : strlen(columns[k].head);
	for (size_t i = 0; i < s->n; i++) {
		fill(&s->v[i], row);
		for (size_t k = 0; k < COLUMNS; k++) {
			size_t len = strlen(row->cells[k]);

			if (len > widths[k] && strcmp(row->cells[k], "-") != 0)
				widths[k] = len < columns[k].max ? len : columns[k].max;
		}
	}
}

/* The last column is not filled up with blanks. */
static void add_cell(struct screen *s, const char *text, size_t width, enum cli_color c, bool last)
{
	bool cut = strlen(text) > width && !last;
	const char *before = c == CLI_RESET ? "" : color(s, c);

	add(s, "%s%.*s%s%s%*s", before, (int)(cut ? width - 1 : strlen(text)), text, cut ? "~" : "",
	    before[0] ? color(s, CLI_RESET) : "",
	    last ? 0 : (int)(width - (cut ? width : strlen(text)) + 2), "");
}

static void add_row(struct screen *s, const struct row *row, const size_t widths[COLUMNS])
{
	for (size_t k = 0; k < COLUMNS; k++)
		if (widths[k])
			add_cell(s, row->cells[k], widths[k], row->colors[k], k == COLUMNS - 1);
	add(s, "\n");
}

static void add_counts(struct screen *s, const struct survey *v)
{
	size_t vms = 0, root = 0, privileged = 0, sockets = 0, unread = 0, n;

	for (size_t i = 0; i < v->n; i++) {
		const struct security *x = &v->v[i].s;

		vms += v->v[i].c.vm[0] != '\0';
		unread += !v->v[i].is_read && !v->v[i].c.vm[0];
		root += v->v[i].is_read && x->real_root != FACT_NO;
		privileged += v->v[i].is_read && x->privileged != PRIVILEGED_NO;
		sockets += x->n_mounts && x->mounts[0].socket;
	}
	n = v->n - vms;
	add(s, "\n%zu container%s; %zu run%s as root of the host, %zu privileged, ", n,
	    n == 1 ? "" : "s", root, root == 1 ? "s" : "", privileged);
	add(s, "%zu with a control socket", sockets);
	if (vms)
		add(s, "; %zu more in virtual machines, with kernels of their own", vms);
	if (unread)
		add(s, "; %zu could not be read", unread);
	add(s, "\n");
}

int containers_table(const struct cli *cli, const struct survey *s, struct buf *ret,
		     struct oak_error *err)
{
	_cleanup_(freep) struct row *row = calloc(1, sizeof(*row));
	struct screen screen = { .cli = cli, .b = ret };
	size_t widths[COLUMNS];

	if (!row)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!s->n) {
		add(&screen, "no containers\n");
		return screen.r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
	}
	measure(s, row, widths);
	add(&screen, "%s", color(&screen, CLI_DIM));
	for (size_t k = 0; k < COLUMNS; k++)
		if (widths[k])
			add_cell(&screen, columns[k].head, widths[k], CLI_RESET, k == COLUMNS - 1);
	add(&screen, "%s\n", color(&screen, CLI_RESET));
	for (size_t i = 0; i < s->n; i++) {
		fill(&s->v[i], row);
		add_row(&screen, row, widths);
	}
	add_counts(&screen, s);
	return screen.r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}

static void page_container(struct screen *s, const struct surveyed *v)
{
	const struct container *c = &v->c;
	uint64_t more = surveyed_more_caps(v);
	char words[CONTAINERS_CELL_MAX];

	add(s, LABEL "%s\n" LABEL "%s\n", "engine", c->engine, "id", c->id);
	if (c->image[0])
		add(s, LABEL "%s\n", "image", c->image);
	if (c->pod[0] || c->pod_uid[0])
		add(s, LABEL "%s%s%s%s\n", "pod", c->pod_namespace, c->pod_namespace[0] ? "/" : "",
		    c->pod[0] ? c->pod : c->pod_uid, c->is_pause ? ", holds its namespaces" : "");
	if (c->vm[0])
		add(s, LABEL "its own: it runs in a virtual machine (%s)\n", "kernel", c->vm);
	add(s, LABEL "%zu of %zu threads, the first is %d\n", "processes", c->processes, c->tasks,
	    (int)c->init);
	if (!v->is_read)
		return;
	if (v->s.real_root == FACT_NO && c->n_real_root)
		add(s, LABEL "%zu of them root of the host\n", "", c->n_real_root);
	if (v->s.seccomp == SECCOMP_FILTER && c->n_unfiltered)
		add(s, LABEL "%zu of them without seccomp\n", "", c->n_unfiltered);
	caps_text(more, words, sizeof(words));
	if (more)
		add(s, LABEL "some have more capabilities than the first: %s\n", "", words);
}

static void page_user(struct screen *s, const struct security *x)
{
	add(s, LABEL "%" PRIu32 ":%" PRIu32, "user", x->uid[1], x->gid[1]);
	if (x->real_root == FACT_YES)
		add(s, ", %sroot of the host%s", color(s, CLI_YELLOW), color(s, CLI_RESET));
	if (x->n_groups) {
		add(s, ", groups");
		for (size_t i = 0; i < x->n_groups && i < 16; i++)
			add(s, " %" PRIu32, x->groups[i]);
	}
	add(s, "\n" LABEL, "user ns");
	if (x->ns_host[NS_USER] == FACT_NO && x->root_uid != ID_NONE)
		add(s, "its own; its root is %" PRIu32 " on the host\n", x->root_uid);
	else if (x->ns_host[NS_USER] == FACT_NO)
		add(s, "its own, without a root\n");
	else
		add(s, "%s\n", x->ns_host[NS_USER] == FACT_YES ? "the host's" : "not known");
}

static void page_cap_set(struct screen *s, const char *label, uint64_t set)
{
	char words[CONTAINERS_CELL_MAX];

	caps_text(set, words, sizeof(words));
	add(s, LABEL "%s (%016" PRIx64 ")\n", label, words, set);
	for (unsigned i = 0, n = 0; i < 64; i++) {
		bool last = !(set >> i >> 1), bad = (CAP_BIT(i) & caps_dangerous) != 0;

		if (!(set & CAP_BIT(i)))
			continue;
		if (n == 0)
			add(s, LABEL, "");
		if (cap_name(i))
			add(s, "%s%s%s", bad ? color(s, CLI_YELLOW) : "", cap_name(i),
			    bad ? color(s, CLI_RESET) : "");
		else
			add(s, "%u", i);
		n = last || n == 5 ? 0 : n + 1;
		add(s, "%s", n ? " " : "\n");
		if (last)
			break;
	}
}

static void page_privileged(struct screen *s, const struct security *x)
{
	if (x->privileged == PRIVILEGED_NO)
		return;
	add(s, LABEL "%s%s%s:", "privileged", color(s, CLI_RED),
	    x->privileged == PRIVILEGED_YES    ? "yes"
	    : x->privileged == PRIVILEGED_LIKE ? "as good as"
					       : "perhaps",
	    color(s, CLI_RESET));
	for (unsigned bit = 1; bit <= PRIVILEGED_DEVICES; bit <<= 1)
		if (x->privileged_by & bit)
			add(s, " %s", privileged_sign_name((enum privileged_sign)bit));
	add(s, "\n");
}

static void page_rights(struct screen *s, const struct security *x)
{
	page_privileged(s, x);
	page_cap_set(s, "effective", x->caps.effective);
	if (x->caps.bounding != x->caps.effective)
		page_cap_set(s, "bounding", x->caps.bounding);
	if (x->caps.ambient)
		page_cap_set(s, "ambient", x->caps.ambient);
	add(s, LABEL "%s", "seccomp", seccomp_name(x->seccomp));
	if (x->seccomp_filters)
		add(s, ", %" PRIu32 " filter%s", x->seccomp_filters,
		    x->seccomp_filters == 1 ? "" : "s");
	add(s, "\n" LABEL "%s\n", "no new privs", fact_name(x->no_new_privs));
	if (x->lsm[0])
		add(s, LABEL "%s\n", x->lsm, x->label[0] ? x->label : "not known");
	else
		add(s, LABEL "%s\n", "LSM label",
		    x->unread & SECURITY_LABEL ? "not known" : "none: no AppArmor, no SELinux");
}

static void page_namespaces(struct screen *s, const struct security *x)
{
	static const enum fact facts[] = { FACT_YES, FACT_NO, FACT_UNKNOWN };
	static const char *const labels[] = { "of the host", "its own", "ns unknown" };

	for (size_t f = 0; f < 3; f++) {
		bool any = false;

		for (enum namespace_kind k = NS_NET; k < NS_KINDS; k++) {
			if (x->ns_host[k] != facts[f])
				continue;
			if (!any)
				add(s, LABEL, labels[f]);
			add(s, "%s%s", any ? " " : "", namespace_name(k));
			any = true;
		}
		if (any)
			add(s, "\n");
	}
}

static void page_files(struct screen *s, const struct security *x)
{
	add(s, LABEL "%s, %s, %s%s\n", "root", x->root_type[0] ? x->root_type : "not known",
	    x->root_read_only == FACT_YES  ? "read-only"
	    : x->root_read_only == FACT_NO ? "writable"
					   : "not known",
	    propagation_name(x->root_propagation),
	    x->root_is_hosts == FACT_YES ? ", the host's own" : "");
	add(s, LABEL "/sys writable %s, /proc masked %s, /proc/sys read-only %s\n", "kernel files",
	    fact_name(x->sys_writable), fact_name(x->proc_masked),
	    fact_name(x->proc_sys_read_only));
	add(s, LABEL "%s\n", "devices",
	    x->devices_all == FACT_YES  ? "all of the host"
	    : x->devices_all == FACT_NO ? "a list"
					: "not known (cgroup v2 does not tell)");
	for (size_t i = 0, n = 0; i < x->n_mounts; i++) {
		const struct security_mount *m = &x->mounts[i];
		bool bad = containers_mount_is_bad(m);
		char text[CONTAINERS_CELL_MAX];

		if (m->place == PLACE_OWN)
			continue;
		containers_mount_text(m, text);
		add(s, LABEL "%s%s%s on %s (%s)\n", n++ ? "" : "host files",
		    bad ? color(s, CLI_RED) : "", m->place == PLACE_SOCKET ? m->host : text,
		    bad ? color(s, CLI_RESET) : "", m->inside, place_name(m->place));
	}
}

static void page_limits(struct screen *s, const struct security *x)
{
	char memory[CONTAINERS_CELL_MAX], cpu[CONTAINERS_CELL_MAX], pids[32];

	containers_bytes_text(x->memory_max_bytes, memory);
	containers_cpu_text(x, cpu);
	(void)snprintf(pids, sizeof(pids), "%" PRIu64, x->pids_max);
	add(s, LABEL "memory %s, processes %s, CPUs %s\n", "limits", memory,
	    x->pids_max == LIMIT_NONE      ? "no limit"
	    : x->pids_max == LIMIT_UNKNOWN ? "not known"
					   : pids,
	    cpu);
	for (size_t i = 0; i < x->n_ports; i++)
		add(s, LABEL "%s %s%s%s:%u\n", i ? "" : "listens",
		    port_protocol_name(x->ports[i].protocol),
		    strchr(x->ports[i].address, ':') ? "[" : "", x->ports[i].address,
		    strchr(x->ports[i].address, ':') ? "]" : "", x->ports[i].port);
	if (x->n_ports && x->ns_host[NS_NET] == FACT_YES)
		add(s, LABEL "these are all of the host: it has the host's network\n", "");
}

static void page_published(struct screen *s, const struct published *p)
{
	for (size_t i = 0; i < p->n && i < PUBLISHED_MAX; i++) {
		char address[PUBLISHED_ADDRESS_MAX];

		published_address(&p->v[i], address);
		add(s, LABEL "%s %s%s%s:%u to %u\n", i ? "" : "published",
		    published_protocol_name(p->v[i].protocol), strchr(address, ':') ? "[" : "",
		    address[0] ? address : "*", strchr(address, ':') ? "]" : "", p->v[i].host,
		    p->v[i].container);
	}
	if (p->n > PUBLISHED_MAX)
		add(s, LABEL "and %zu more\n", "", p->n - PUBLISHED_MAX);
}

int containers_page(const struct cli *cli, const struct surveyed *v, struct buf *ret,
		    struct oak_error *err)
{
	struct screen s = { .cli = cli, .b = ret };

	add(&s, "%s%s%s\n\n", color(&s, CLI_BOLD), v->c.name[0] ? v->c.name : v->c.id,
	    color(&s, CLI_RESET));
	page_container(&s, v);
	if (!v->is_read && !v->c.vm[0])
		add(&s, "\nits process ended while it was read\n");
	if (v->is_read) {
		page_user(&s, &v->s);
		page_rights(&s, &v->s);
		page_namespaces(&s, &v->s);
		page_files(&s, &v->s);
		page_limits(&s, &v->s);
		page_published(&s, &v->c.published);
	}
	return s.r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
