/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/containers.h"
#include "host/security/ports.h"

static json_t *fact_json(enum fact f)
{
	return f == FACT_UNKNOWN ? json_null() : json_boolean(f == FACT_YES);
}

static json_t *text_json(const char *text)
{
	return text && text[0] ? json_string(text) : json_null();
}

static json_t *limit_json(uint64_t v)
{
	if (v == LIMIT_NONE)
		return json_string("none");
	return LIMIT_IS_SET(v) ? json_integer((json_int_t)v) : json_null();
}

static json_t *ids_json(const uint32_t *ids, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < n; i++)
		(void)json_array_append_new(list, json_integer(ids[i]));
	return list;
}

static json_t *four_json(const uint32_t ids[4])
{
	return json_pack("{s:I, s:I, s:I, s:I}", "real", (json_int_t)ids[0], "effective",
			 (json_int_t)ids[1], "saved", (json_int_t)ids[2], "filesystem",
			 (json_int_t)ids[3]);
}

static json_t *caps_json(uint64_t set)
{
	json_t *list = json_array();

	for (unsigned i = 0; list && i < 64; i++) {
		char number[8];

		if (!(set & CAP_BIT(i)))
			continue;
		(void)snprintf(number, sizeof(number), "%u", i);
		(void)json_array_append_new(list, json_string(cap_name(i) ? cap_name(i) : number));
	}
	return list;
}

static json_t *sets_json(const struct cap_sets *c)
{
	char words[CONTAINERS_CELL_MAX];

	caps_text(c->effective, words, sizeof(words));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "summary", words, "effective",
			 caps_json(c->effective), "permitted", caps_json(c->permitted),
			 "inheritable", caps_json(c->inheritable), "bounding",
			 caps_json(c->bounding), "ambient", caps_json(c->ambient));
}

static json_t *namespaces_json(const struct security *s)
{
	json_t *all = json_object();

	for (enum namespace_kind k = NS_NET; all && k < NS_KINDS; k++)
		(void)json_object_set_new(all, namespace_name(k),
					  json_pack("{s:I, s:o}", "inode", (json_int_t)s->ns[k],
						    "host", fact_json(s->ns_host[k])));
	return all;
}

static json_t *mounts_json(const struct security *s)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < s->n_mounts; i++) {
		const struct security_mount *m = &s->mounts[i];

		(void)json_array_append_new(
			list, json_pack("{s:s, s:b, s:b, s:b, s:s, s:s, s:o, s:b}", "place",
					place_name(m->place), "whole", m->whole, "read_only",
					m->read_only, "renamed", m->renamed, "host", m->host,
					"inside", m->inside, "socket", text_json(m->socket),
					"notable", containers_mount_is_bad(m)));
	}
	return list;
}

static json_t *ports_json(const struct security *s)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < s->n_ports; i++) {
		const struct security_port *p = &s->ports[i];

		(void)json_array_append_new(list,
					    json_pack("{s:s, s:s, s:i, s:b, s:b}", "protocol",
						      port_protocol_name(p->protocol), "address",
						      p->address, "port", (int)p->port, "any",
						      p->any, "loopback", p->loopback));
	}
	return list;
}

static json_t *limits_json(const struct security *s)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "memory_max_bytes",
			 limit_json(s->memory_max_bytes), "pids_max", limit_json(s->pids_max),
			 "cpu_quota_us", limit_json(s->cpu_quota_us), "cpu_period_us",
			 LIMIT_IS_SET(s->cpu_quota_us) ? limit_json(s->cpu_period_us) : json_null());
}

/* The words of the bits that are set. */
static json_t *signs_json(unsigned bits)
{
	json_t *list = json_array();

	for (unsigned bit = 1; list && bit <= PRIVILEGED_DEVICES; bit <<= 1)
		if (bits & bit)
			(void)json_array_append_new(list, json_string(privileged_sign_name(
								  (enum privileged_sign)bit)));
	return list;
}

static json_t *unread_json(unsigned bits)
{
	json_t *list = json_array();

	for (unsigned bit = 1; list && bit <= SECURITY_PORTS; bit <<= 1)
		if (bits & bit)
			(void)json_array_append_new(list, json_string(security_part_name(
								  (enum security_part)bit)));
	return list;
}

static json_t *files_json(const struct security *s)
{
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "read_only",
			 fact_json(s->root_read_only), "propagation",
			 propagation_name(s->root_propagation), "type", text_json(s->root_type),
			 "of_host", fact_json(s->root_is_hosts), "sys_writable",
			 fact_json(s->sys_writable), "proc_masked", fact_json(s->proc_masked),
			 "proc_sys_read_only", fact_json(s->proc_sys_read_only));
}

static json_t *security_json(const struct security *s)
{
	json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:s, s:I, s:o}",
			      "command", s->command, "uid", four_json(s->uid), "gid",
			      four_json(s->gid), "groups", ids_json(s->groups, s->n_groups),
			      "real_root", fact_json(s->real_root), "root_uid",
			      s->root_uid == ID_NONE ? json_null() : json_integer(s->root_uid),
			      "identity_map", json_boolean(s->identity_map), "privileged",
			      privileged_name(s->privileged), "privileged_by",
			      signs_json(s->privileged_by), "capabilities", sets_json(&s->caps),
			      "seccomp", seccomp_name(s->seccomp), "seccomp_filters",
			      (json_int_t)s->seccomp_filters, "no_new_privs",
			      fact_json(s->no_new_privs));
	json_t *more = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "lsm",
				 text_json(s->lsm), "label", text_json(s->label), "confined",
				 fact_json(s->confined), "namespaces", namespaces_json(s), "root",
				 files_json(s), "mounts", mounts_json(s), "devices_all",
				 fact_json(s->devices_all), "limits", limits_json(s), "ports",
				 ports_json(s), "unread", unread_json(s->unread));

	if (o && more && json_object_update(o, more) == 0) {
		json_decref(more);
		return o;
	}
	json_decref(o);
	json_decref(more);
	return NULL;
}

static json_t *processes_json(const struct container *c)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:o}", "n", (json_int_t)c->processes, "threads",
			 (json_int_t)c->tasks, "real_root", (json_int_t)c->n_real_root,
			 "unfiltered", (json_int_t)c->n_unfiltered, "capabilities",
			 caps_json(c->caps_any));
}

static json_t *published_json(const struct published *p)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < p->n && i < PUBLISHED_MAX; i++) {
		char address[PUBLISHED_ADDRESS_MAX];

		published_address(&p->v[i], address);
		(void)json_array_append_new(list,
					    json_pack("{s:s, s:o, s:i, s:i}", "protocol",
						      published_protocol_name(p->v[i].protocol),
						      "address", text_json(address), "host_port",
						      (int)p->v[i].host, "container_port",
						      (int)p->v[i].container));
	}
	return list;
}

json_t *container_json(const struct surveyed *v)
{
	const struct container *c = &v->c;

	return json_pack(
		"{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:b, s:i, s:o, s:o, s:I, s:o}",
		"engine", c->engine, "id", c->id, "name", text_json(c->name), "image",
		text_json(c->image), "pod", text_json(c->pod), "pod_namespace",
		text_json(c->pod_namespace), "pod_uid", text_json(c->pod_uid), "pause", c->is_pause,
		"vm", text_json(c->vm), "shares_kernel", !c->vm[0], "init", (int)c->init,
		"processes", processes_json(c), "published", published_json(&c->published),
		"published_n", (json_int_t)c->published.n, "security",
		v->is_read ? security_json(&v->s) : json_null());
}

json_t *containers_json(const struct survey *s)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < s->n; i++)
		(void)json_array_append_new(list, container_json(&s->v[i]));
	return json_pack("{s:o}", "containers", list);
}
