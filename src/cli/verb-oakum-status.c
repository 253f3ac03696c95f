/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum status: what the kernel holds at this moment, from /sys and /proc alone. */
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/cache.h"

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = NULL },
};

static json_t *functions_json(const struct livepatch *p)
{
	json_t *list = json_array();

	for (size_t i = 0; list && p && i < p->n_functions; i++)
		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:i}", "object",
							    p->functions[i].object, "name",
							    p->functions[i].name, "sympos",
							    (int)p->functions[i].sympos));
	return list;
}

static json_t *foreign_json(const struct host *h)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < h->patches.n; i++)
		if (!h->patches.patches[i].level)
			(void)json_array_append_new(list, json_string(h->patches.patches[i].name));
	return list;
}

/* @m is the level's manifest on disk, or NULL. */
static json_t *status_json(const struct host *h, const struct livepatch *p, const struct manifest *m)
{
	json_t *doc = json_object();

	(void)json_object_set_new(doc, "kernel", oakum_json_kernel(h));
	(void)json_object_set_new(doc, "level", p ? json_integer(p->level) : json_null());
	(void)json_object_set_new(doc, "state", json_string(level_state_name(host_level_state(p))));
	(void)json_object_set_new(doc, "enabled", json_boolean(p && p->enabled));
	(void)json_object_set_new(doc, "transition", json_boolean(p && p->transition));
	(void)json_object_set_new(doc, "functions", functions_json(p));
	(void)json_object_set_new(doc, "complete",
				  m ? json_boolean(host_functions_redirected(p, m) ==
						   host_functions_wanted(m))
				    : json_null());
	(void)json_object_set_new(doc, "channel", m ? json_string(m->channel) : json_null());
	(void)json_object_set_new(doc, "fixes", m ? oakum_json_fixes(m) : json_array());
	(void)json_object_set_new(doc, "cves", m ? oakum_json_cves(m) : json_array());
	(void)json_object_set_new(doc, "foreign", foreign_json(h));
	return doc;
}

static void print_level(const struct cli *cli, const struct livepatch *p, const struct manifest *m)
{
	enum level_state state = host_level_state(p);
	_cleanup_(freep) char *fixes = m ? oakum_fixes_text(m) : NULL;

	printf("level      %u, %s%s%s%s%s\n", p->level,
	       cli_color(cli, state == LEVEL_APPLIED ? CLI_GREEN : CLI_YELLOW),
	       level_state_name(state), cli_color(cli, CLI_RESET), m ? ", channel " : "",
	       m ? m->channel : "");
	if (fixes)
		printf("fixes      %s\n", fixes);
	else
		printf("fixes      not known: the level's manifest is not on this host\n");
	for (size_t i = 0; i < p->n_functions; i++)
		printf("%-10s %s: %s\n", i ? "" : "functions", p->functions[i].object,
		       p->functions[i].name);
	if (m && host_functions_redirected(p, m) < host_functions_wanted(m))
		printf("%swarning    not every function of the level is redirected%s\n",
		       cli_color(cli, CLI_RED), cli_color(cli, CLI_RESET));
}

static void print_status(const struct cli *cli, const struct host *h, const struct livepatch *p,
			 const struct manifest *m)
{
	printf("kernel     %s\nbuild-id   %s\n", h->id.release,
	       h->id.build_id[0] ? h->id.build_id : "not told by this kernel");
	if (p)
		print_level(cli, p, m);
	else if (h->id.livepatch)
		printf("level      none\n");
	for (size_t i = 0; i < h->patches.n; i++)
		if (!h->patches.patches[i].level)
			printf("foreign    livepatch '%s' of another tool\n",
			       h->patches.patches[i].name);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(oakum_close) struct oakum o = { .root = -1, .lock = -1 };
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	const struct livepatch *p;
	int r = oakum_open(args, &o, err);

	if (r < 0)
		return r;
	p = host_level(&o.host);
	/* Only a help for the reader: what counts is what the kernel shows. */
	if (p && cache_manifest(o.root, o.host.id.build_id, p->level, &m, NULL) < 0)
		m = NULL;
	if (!cli->json)
		print_status(cli, &o.host, p, m);
	if (!o.host.id.livepatch)
		r = oak_fail(err, OAK_E_UNSUPPORTED,
			     "this kernel has no livepatch support (CONFIG_LIVEPATCH)");
	return oakum_finish(cli, cli->json ? status_json(&o.host, p, m) : NULL, "status", r, err);
}

const struct verb verb_oakum_status = {
	.name = "status",
	.help = "which level the running kernel has, what it fixes",
	.options = options,
	.run = run,
};
