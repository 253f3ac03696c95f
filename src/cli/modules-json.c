/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modules-json: the documents of "oakum modules"; their members are in docs/man/oakum-modules.8. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/modules.h"

static json_t *uses_json(const struct usage *u, uint32_t module)
{
	json_t *list = json_array();
	size_t n;
	const struct use *uses = usage_of(u, module, &n);

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list,
					    json_pack("{s:s, s:s, s:s, s:i}", "kind",
						      use_kind_name(uses[i].kind), "what",
						      uses[i].what, "file", uses[i].file, "count",
						      (int)u->of[module].counts[uses[i].kind]));
	return list;
}

static json_t *holders_json(const struct loaded_list *l, uint32_t module)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n_holds; i++)
		if (l->holds[i].held == module)
			(void)json_array_append_new(list,
						    json_string(
							    l->modules[l->holds[i].holder].name));
	return list;
}

static json_t *module_json(const struct usage *u, uint32_t i)
{
	const struct loaded_module *m = &u->loaded.modules[i];

	return json_pack("{s:s, s:I, s:i, s:o, s:s, s:b, s:s, s:o}", "name", m->name, "bytes",
			 (json_int_t)m->bytes, "references", (int)m->references, "holders",
			 holders_json(&u->loaded, i), "state", loaded_state_name(m->state),
			 "permanent", m->permanent, "in_use", used_name(u->of[i].used), "uses",
			 uses_json(u, i));
}

json_t *modules_usage_json(const struct modules_view *v)
{
	const struct usage *u = &v->usage;
	json_t *modules = json_array(), *unknown = json_array();

	for (size_t i = 0; i < u->loaded.n; i++)
		(void)json_array_append_new(modules, module_json(u, (uint32_t)i));
	for (size_t i = 0; i < u->n_unknown && i < USAGE_UNKNOWN_MAX; i++)
		(void)json_array_append_new(unknown, json_string(u->unknown[i]));
	return json_pack("{s:s, s:o, s:o, s:{s:i, s:i}}", "kernel", v->release, "modules", modules,
			 "unknown", unknown, "namespaces", "network", (int)u->net_namespaces,
			 "mount", (int)u->mount_namespaces);
}

/* "AF_ALG crypto-": a row of the table. */
static void row_text(const struct gate_row *row, char ret[64])
{
	(void)snprintf(ret, 64, "%s %s", row->class, row->prefix);
}

static json_t *ways_json(uint64_t ways)
{
	json_t *list = json_array();
	size_t n;
	const struct gate_row *rows = gate_rows(&n);

	for (size_t i = 0; i < n; i++) {
		char text[64];

		if (!(ways >> i & 1))
			continue;
		row_text(&rows[i], text);
		(void)json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *reach_json(const struct modules_view *v, size_t i)
{
	const struct reach *r = &v->reach.of[i];
	const char *name = v->tree.modules[i].name;
	const char *because = r->because == TREE_NONE ? NULL : v->tree.modules[r->because].name;

	return json_pack("{s:s, s:s, s:s?, s:s?, s:b, s:b, s:o, s:s?}", "name", name, "gate",
			 gate_name(reach_gate_of(r->ways ? r->ways : r->blocked)), "asked",
			 r->asked, "because", because, "loaded", v->loaded[i], "blocked", !r->ways,
			 "ways", ways_json(r->ways ? r->ways : r->blocked), "why",
			 r->ways ? NULL : r->why);
}

static json_t *actor_json(const struct modules_view *v, const struct actor *a)
{
	json_t *ways = json_object();
	struct modules_counts counts;
	struct reach_rows sure;
	char caps[20];
	size_t n;
	const struct gate_row *rows = gate_rows(&n);

	modules_count(v, a, &counts);
	reach_rows_of(a, &v->policy, &sure);
	for (size_t i = 0; i < n; i++) {
		char text[64];

		row_text(&rows[i], text);
		(void)json_object_set_new(ways, text, json_string(reach_sure_name(sure.row[i])));
	}
	(void)snprintf(caps, sizeof(caps), "%016" PRIx64, a->caps);
	return json_pack("{s:s, s:i, s:b, s:i, s:s, s:b, s:b, s:o, s:{s:i, s:i, s:i}}", "name",
			 a->name, "pid", (int)a->pid, "known", a->known, "seccomp", a->seccomp,
			 "capabilities", caps, "host_user_namespace", a->host_userns, "loads_all",
			 actor_loads_all(a), "ways", ways, "counts", "yes",
			 (int)counts.of[REACH_YES], "likely", (int)counts.of[REACH_LIKELY],
			 "unlikely", (int)counts.of[REACH_UNLIKELY]);
}

json_t *modules_reach_json(const struct modules_view *v)
{
	json_t *modules = json_array(), *actors = json_array();

	for (size_t i = 0; i < v->reach.n; i++)
		if (v->reach.of[i].ways || v->reach.of[i].blocked)
			(void)json_array_append_new(modules, reach_json(v, i));
	for (size_t i = 0; i < v->actors.n; i++)
		(void)json_array_append_new(actors, actor_json(v, &v->actors.v[i]));
	return json_pack("{s:s, s:{s:s, s:b, s:b, s:b, s:s, s:s}, s:o, s:o}", "kernel", v->release,
			 "policy", "modprobe", v->policy.modprobe, "autoload", v->policy.autoload,
			 "modules_disabled", v->policy.modules_disabled, "ldisc_autoload",
			 v->policy.ldisc_autoload, "user_namespaces",
			 policy_userns_name(v->policy.userns), "user_namespaces_why",
			 v->policy.userns_why, "modules", modules, "actors", actors);
}
