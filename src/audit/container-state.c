/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/container-state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/inside.h"
#include "base/cleanup.h"
#include "host/number.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define SSHD_MAX 256

struct finding *container_note(struct audit *a, const struct audit_check *c,
			       const struct audit_container *ct, enum audit_verdict v,
			       const char *file, const char *fmt, ...)
{
	struct finding *f = audit_find(a, c, ct->subject, v);
	char value[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	audit_saw(a, f, file, value);
	return f;
}

/* "container containerd/prod/web-0/app": as short as it can be told. */
static void name_it(const struct container *c, char ret[AUDIT_SUBJECT_MAX])
{
	char id[33];

	/* Digits as engines cut them; a name, or that of an unknown one, whole. */
	(void)snprintf(id, sizeof(id), "%.*s", strlen(c->id) >= 64 ? 12 : 32, c->id);
	if (c->pod[0])
		(void)snprintf(ret, AUDIT_SUBJECT_MAX, "container %s/%.60s/%.80s/%.100s", c->engine,
			       c->pod_namespace, c->pod, c->name[0] ? c->name : id);
	else
		(void)snprintf(ret, AUDIT_SUBJECT_MAX, "container %s/%.200s", c->engine,
			       c->name[0] ? c->name : id);
}

static void read_declared(struct audit *a, struct audit_container *ct)
{
	const struct container *c = &ct->v->c;
	char dir[sizeof(ct->config_path) - 32];

	if (strcmp(c->engine, "docker") != 0) {
		a->oom = a->oom || container_oci_read(a->ctx.root, ct) < 0;
		return;
	}
	if (!docker_roots_find(&a->ctx.docker.roots, a->ctx.root, c->id, dir, sizeof(dir)))
		(void)snprintf(dir, sizeof(dir), "%s/containers/%s", a->ctx.docker.store + 1, c->id);
	(void)snprintf(ct->config_path, sizeof(ct->config_path), "/%s/config.v2.json", dir);
	(void)snprintf(ct->host_config_path, sizeof(ct->host_config_path), "/%s/hostconfig.json",
		       dir);
	if (inside_read_json(a->ctx.root, ct->config_path, DECLARED_MAX, &ct->config) == -ENOMEM ||
	    inside_read_json(a->ctx.root, ct->host_config_path, DECLARED_MAX, &ct->host_config) ==
		    -ENOMEM)
		a->oom = true;
}

/* The container of a process: of each sshd, of our own. */
struct whose {
	char engine[CONTAINER_ENGINE_MAX];
	char id[CONTAINER_ID_MAX];
	pid_t pid;
};

static bool is_that(const struct whose *w, const struct container *c)
{
	return strcmp(w->engine, c->engine) == 0 && strcmp(w->id, c->id) == 0;
}

/* False for a process of the host. */
static bool find_whose(struct container_finder *finder, pid_t pid, struct whose *ret)
{
	const struct container *c;
	size_t at;

	if (container_find(finder, pid, &at, NULL) < 0 || at == CONTAINER_NONE)
		return false;
	c = container_at(finder, at);
	(void)snprintf(ret->engine, sizeof(ret->engine), "%s", c->engine);
	(void)snprintf(ret->id, sizeof(ret->id), "%s", c->id);
	ret->pid = pid;
	return true;
}

/* "proc/self" is a link that the kernel writes for whoever reads it. */
static void find_own(int root, struct whose *ret)
{
	_cleanup_(container_finder_closep) struct container_finder *finder = NULL;
	char link[16];
	ssize_t n = readlinkat(root, "proc/self", link, sizeof(link) - 1);
	uint32_t pid;

	if (n <= 0)
		return;
	link[n] = '\0';
	if (number_parse_u32(link, &pid) == 0 && pid <= INT32_MAX &&
	    container_finder_open(root, &finder, NULL) == 0)
		(void)find_whose(finder, (pid_t)pid, ret);
}

static bool is_sshd(int root, pid_t pid)
{
	char link[64], exe[SYSFS_PATH_MAX];
	const char *slash;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "proc/%d/exe", pid);
	n = readlinkat(root, link, exe, sizeof(exe) - 1);
	if (n <= 0)
		return false;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	return slash && (strncmp(slash, "/sshd", 5) == 0 || strncmp(slash, "/dropbear", 9) == 0);
}

static size_t find_sshd(int root, struct whose *ret)
{
	_cleanup_(closedirp) DIR *d = procs_open(root, "proc");
	_cleanup_(container_finder_closep) struct container_finder *finder = NULL;
	char name[PROCS_NAME_MAX];
	size_t n = 0;
	pid_t pid;

	while (d && n < SSHD_MAX && procs_next(d, name, &pid)) {
		if (!is_sshd(root, pid))
			continue;
		if (!finder && container_finder_open(root, &finder, NULL) < 0)
			return n;
		n += find_whose(finder, pid, &ret[n]);
	}
	return n;
}

typedef bool wanted_fn(void *ctx, const struct audit_table *t, const struct audit_check *c);

static void run_checks(struct audit *a, wanted_fn *wanted, void *ctx,
		       const struct audit_container *ct)
{
	for (size_t i = 0; audit_tables[i]->n; i++) {
		a->table = audit_tables[i];
		for (size_t k = 0; k < a->table->n; k++) {
			const struct audit_check *c = &a->table->rows[k];

			if (!c->run_container || !wanted(ctx, a->table, c))
				continue;
			if (ct)
				c->run_container(a, c, ct);
			else
				audit_saw(a, audit_find(a, c, "host", AUDIT_INAPPLICABLE), "/proc",
					  "no container runs");
		}
	}
}

static void run_container(struct audit *a, wanted_fn *wanted, void *ctx, const struct surveyed *v,
			  const struct whose *sshd, size_t n_sshd)
{
	struct audit_container ct = { .v = v };

	name_it(&v->c, ct.subject);
	(void)snprintf(ct.status_path, sizeof(ct.status_path), "/proc/%d/status", v->s.pid);
	for (size_t i = 0; i < n_sshd; i++)
		if (is_that(&sshd[i], &v->c))
			ct.sshd = sshd[i].pid;
	read_declared(a, &ct);
	run_checks(a, wanted, ctx, &ct);
	json_decref(ct.config);
	json_decref(ct.host_config);
	json_decref(ct.oci);
}

/*
 * What reads the whole host needs what no other container should have: of the container that this
 * very process is in it is told, and held against nobody.
 */
static void spare(struct audit *a, size_t first)
{
	for (size_t i = first; i < a->n; i++)
		if (finding_counts(&a->findings[i])) {
			a->findings[i].verdict = AUDIT_INFO;
			audit_saw(a, &a->findings[i], "/proc/self", "the container of this audit");
		}
}

static bool is_any_wanted(wanted_fn *wanted, void *ctx)
{
	for (size_t i = 0; audit_tables[i]->n; i++)
		for (size_t k = 0; k < audit_tables[i]->n; k++)
			if (audit_tables[i]->rows[k].run_container &&
			    wanted(ctx, audit_tables[i], &audit_tables[i]->rows[k]))
				return true;
	return false;
}

int audit_containers(struct audit *a, wanted_fn *wanted, void *ctx, struct oak_error *err)
{
	_cleanup_(survey_free) struct survey s = { .n = 0 };
	_cleanup_(freep) struct whose *sshd = NULL;
	struct whose own = { .pid = 0 };
	size_t n_sshd;
	int r;

	if (!is_any_wanted(wanted, ctx))
		return 0;
	r = survey_read(a->ctx.root, &s, err);
	/* Without /proc there is nothing to look at, which is no reason to fail. */
	if (r == -OAK_E_IO || r == -OAK_E_NOTFOUND)
		r = 0;
	if (r < 0)
		return r;
	sshd = calloc(SSHD_MAX, sizeof(*sshd));
	if (!sshd)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n_sshd = s.n ? find_sshd(a->ctx.root, sshd) : 0;
	if (s.n)
		find_own(a->ctx.root, &own);
	for (size_t i = 0; i < s.n; i++) {
		size_t first;

		/* A pause container holds namespaces; a virtual machine has a kernel of its own. */
		if (!s.v[i].is_read || s.v[i].c.is_pause || s.v[i].c.vm[0])
			continue;
		first = a->n;
		run_container(a, wanted, ctx, &s.v[i], sshd, n_sshd);
		if (own.pid && is_that(&own, &s.v[i].c))
			spare(a, first);
		a->containers++;
	}
	if (!a->containers)
		run_checks(a, wanted, ctx, NULL);
	return 0;
}
