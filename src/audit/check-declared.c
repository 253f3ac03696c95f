/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-declared: the rest of section 5, which only the engine knows. From docker's config.v2.json
 * and hostconfig.json.
 */
#include <string.h>

#include "audit/container-state.h"
#include "audit/tables.h"
#include "base/cleanup.h"
#include "host/number.h"

#define RETRIES_MAX 5

/* Where no file tells: a pod's settings are Kubernetes', other engines keep databases. */
static bool not_declared(struct audit *a, const struct audit_check *c,
			 const struct audit_container *ct)
{
	const struct container *k = &ct->v->c;

	if (k->pod_uid[0])
		(void)container_note(a, c, ct, AUDIT_INAPPLICABLE, "/proc",
				     "of a pod: Kubernetes decides");
	else if (strcmp(k->engine, "podman") == 0)
		(void)container_note(a, c, ct, AUDIT_UNKNOWN, "/proc",
				     "podman keeps it in a database");
	else if (strcmp(k->engine, "docker") != 0)
		(void)container_note(a, c, ct, AUDIT_INAPPLICABLE, "/proc",
				     "%s has no such setting", k->engine);
	else if (!ct->config || !ct->host_config)
		(void)container_note(a, c, ct, AUDIT_UNKNOWN, ct->config_path, "cannot be read");
	else
		return false;
	return true;
}

/* Calls back for each port that is published: {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}. */
static void each_port(const struct audit_container *ct,
		      void (*found)(void *ctx, const char *ip, const char *port), void *ctx)
{
	json_t *settings = json_object_get(ct->config, "NetworkSettings");
	json_t *ports = json_object_get(settings, "Ports"), *list, *binding;
	const char *key;
	size_t i;

	json_object_foreach(ports, key, list)
	{
		json_array_foreach(list, i, binding)
		{
			const char *ip = json_get_str(binding, "HostIp");
			const char *port = json_get_str(binding, "HostPort");

			if (port)
				found(ctx, ip ? ip : "", port);
		}
	}
}

struct port_walk {
	struct audit *a;
	struct finding *f;
	const char *path;
	size_t n;
};

static void note_low(void *ctx, const char *ip, const char *port)
{
	struct port_walk *w = ctx;
	uint32_t number;

	w->n++;
	if (number_parse_u32(port, &number) < 0 || number >= 1024)
		return;
	if (w->f)
		w->f->verdict = AUDIT_WARN;
	audit_sawf(w->a, w->f, w->path, "%s:%s is published", ip, port);
}

/* "::" is everywhere as well as "0.0.0.0". */
static void note_any(void *ctx, const char *ip, const char *port)
{
	struct port_walk *w = ctx;

	w->n++;
	if (ip[0] && strcmp(ip, "0.0.0.0") != 0 && strcmp(ip, "::") != 0)
		return;
	if (w->f)
		w->f->verdict = AUDIT_WARN;
	audit_sawf(w->a, w->f, w->path, "port %s is published on %s", port,
		   ip[0] ? ip : "every address");
}

static void check_ports(struct audit *a, const struct audit_check *c,
			const struct audit_container *ct,
			void (*note)(void *ctx, const char *ip, const char *port))
{
	struct port_walk w = { .a = a, .path = ct->config_path };

	if (not_declared(a, c, ct))
		return;
	w.f = audit_find(a, c, ct->subject, AUDIT_PASS);
	each_port(ct, note, &w);
	if (w.f && !w.f->n_seen)
		audit_sawf(a, w.f, w.path, "%zu ports are published, none so", w.n);
}

static void check_low_ports(struct audit *a, const struct audit_check *c,
			    const struct audit_container *ct)
{
	check_ports(a, c, ct, note_low);
}

static void check_any_ports(struct audit *a, const struct audit_check *c,
			    const struct audit_container *ct)
{
	check_ports(a, c, ct, note_any);
}

static void check_restart(struct audit *a, const struct audit_check *c,
			  const struct audit_container *ct)
{
	json_t *policy;
	const char *name;
	json_int_t retries;
	bool ok;

	if (not_declared(a, c, ct))
		return;
	policy = json_object_get(ct->host_config, "RestartPolicy");
	name = json_get_str(policy, "Name");
	name = name && name[0] ? name : "no";
	retries = json_integer_value(json_object_get(policy, "MaximumRetryCount"));
	ok = strcmp(name, "no") == 0 ||
	     (strcmp(name, "on-failure") == 0 && retries > 0 && retries <= RETRIES_MAX);
	(void)container_note(a, c, ct, ok ? AUDIT_PASS : AUDIT_WARN, ct->host_config_path,
			     "RestartPolicy: %s:%" JSON_INTEGER_FORMAT, name, retries);
}

/* Mounts of an OCI configuration: {"destination": "/x", "options": ["rshared"]}. */
static void oci_propagation(struct audit *a, struct finding *f, const struct audit_container *ct)
{
	json_t *mounts = json_object_get(ct->oci, "mounts"), *m, *option;
	size_t i, k;

	json_array_foreach(mounts, i, m)
	{
		const char *to = json_get_str(m, "destination");

		json_array_foreach(json_object_get(m, "options"), k, option)
		{
			const char *word = json_string_value(option);

			if (!word || (strcmp(word, "shared") != 0 && strcmp(word, "rshared") != 0))
				continue;
			if (f)
				f->verdict = AUDIT_FAIL;
			audit_sawf(a, f, ct->oci_path, "%s: %s", to ? to : "a mount", word);
		}
	}
}

static void check_propagation(struct audit *a, const struct audit_check *c,
			      const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	struct finding *f = audit_find(a, c, ct->subject, AUDIT_PASS);
	json_t *points = json_object_get(ct->config, "MountPoints"), *m;
	const char *key;

	if (s->root_propagation == PROPAGATION_SHARED) {
		if (f)
			f->verdict = AUDIT_FAIL;
		audit_saw(a, f, "/proc", "its root is mounted shared");
	}
	oci_propagation(a, f, ct);
	json_object_foreach(points, key, m)
	{
		const char *how = json_get_str(m, "Propagation");

		if (!how || !strstr(how, "shared"))
			continue;
		if (f)
			f->verdict = AUDIT_FAIL;
		audit_sawf(a, f, ct->config_path, "%s: %s", key, how);
	}
	if (f && !f->n_seen)
		audit_sawf(a, f, "/proc", "its root: %s", propagation_name(s->root_propagation));
	if (f && f->verdict == AUDIT_PASS && s->root_propagation == PROPAGATION_UNKNOWN)
		f->verdict = AUDIT_UNKNOWN;
}

static void check_cgroup(struct audit *a, const struct audit_check *c,
			 const struct audit_container *ct)
{
	const char *parent;

	if (not_declared(a, c, ct))
		return;
	parent = json_get_str(ct->host_config, "CgroupParent");
	(void)container_note(a, c, ct, parent && parent[0] ? AUDIT_WARN : AUDIT_PASS,
			     ct->host_config_path, "CgroupParent: %s",
			     parent && parent[0] ? parent : "docker's own");
}

static void check_health(struct audit *a, const struct audit_check *c,
			 const struct audit_container *ct)
{
	const char *status;

	if (not_declared(a, c, ct))
		return;
	status = json_get_str(json_object_get(json_object_get(ct->config, "State"), "Health"),
			      "Status");
	(void)container_note(a, c, ct, status && status[0] ? AUDIT_PASS : AUDIT_WARN,
			     ct->config_path, "State.Health: %s",
			     status && status[0] ? status : "is not checked");
}

static void check_bridge(struct audit *a, const struct audit_check *c,
			 const struct audit_container *ct)
{
	json_t *networks;
	bool bridge;

	if (not_declared(a, c, ct))
		return;
	networks = json_object_get(json_object_get(ct->config, "NetworkSettings"), "Networks");
	bridge = json_object_get(networks, "bridge") != NULL;
	(void)container_note(a, c, ct, bridge ? AUDIT_WARN : AUDIT_PASS, ct->config_path, "%s",
			     bridge ? "on docker0" : "not on docker0");
}

#define NOT_IN_FILES "what was run and ended no file tells; auditd's log does, with rule 1.1.3"

static const struct audit_check rows[] = {
	{ .id = "5.8",
	  .title = "no port below 1024 is published",
	  .why = "they are the host's own services, which clients take the container for",
	  .fix = "publish a port above 1024, or a baseline that says why",
	  .severity = AUDIT_LOW,
	  .run_container = check_low_ports },
	{ .id = "5.14",
	  .title = "ports are published on one address",
	  .why = "else on every network of the host, past its firewall",
	  .fix = "-p 127.0.0.1:8080:80, or the address that it is for",
	  .severity = AUDIT_MEDIUM,
	  .run_container = check_any_ports },
	{ .id = "5.15",
	  .title = "a container that fails is restarted five times at most",
	  .why = "one that fails for ever hides an attack, and takes the host's time",
	  .fix = "--restart on-failure:5",
	  .severity = AUDIT_LOW,
	  .run_container = check_restart },
	{ .id = "5.19",
	  .title = "limits of processes are set where they are needed",
	  .why = "the default is the daemon's, of 2.8",
	  .severity = AUDIT_LOW,
	  .manual =
		  "which limits a program needs, only its author knows; 2.8 looks at the default" },
	{ .id = "5.20",
	  .title = "mounts of the container do not reach the host",
	  .why = "a shared mount takes what is mounted inside out to the host",
	  .fix = "no :shared, no :rshared",
	  .severity = AUDIT_MEDIUM,
	  .run_container = check_propagation },
	{ .id = "5.23",
	  .title = "docker exec is not used with --privileged",
	  .why = "it is a privileged container, for a while",
	  .severity = AUDIT_MEDIUM,
	  .manual = NOT_IN_FILES "; a process that still runs so is found by container.others" },
	{ .id = "5.24",
	  .title = "docker exec is not used as root",
	  .why = "it undoes the user that the image was given",
	  .severity = AUDIT_LOW,
	  .manual = NOT_IN_FILES "; a process that still runs so is found by 4.1" },
	{ .id = "5.25",
	  .title = "containers are in docker's own control group",
	  .why = "a group of one's own has limits of its own, or none",
	  .fix = "no --cgroup-parent, unless its limits were looked at",
	  .severity = AUDIT_LOW,
	  .run_container = check_cgroup },
	{ .id = "5.27",
	  .title = "the container's health is checked",
	  .why = "one that hangs is otherwise not noticed",
	  .fix = "a HEALTHCHECK in the image, or --health-cmd",
	  .severity = AUDIT_LOW,
	  .run_container = check_health },
	{ .id = "5.28",
	  .title = "the newest image is used",
	  .why = "old images have known flaws",
	  .severity = AUDIT_LOW,
	  .manual = "which image is the newest only the registry knows; image.age looks at how old "
		    "they are" },
	{ .id = "5.30",
	  .title = "the container is not on docker0",
	  .why = "containers of the default bridge reach each other, and have no names",
	  .fix = "docker network create",
	  .severity = AUDIT_LOW,
	  .run_container = check_bridge },
};

const struct audit_table audit_declared = {
	.group = "containers-declared",
	.title = "Containers: what docker was asked for (section 5)",
	.source = AUDIT_BENCHMARK,
	AUDIT_ROWS(rows),
};
