/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum agent: the daemon, its worker, and what is done once at boot and at shutdown. */
#include <systemd/sd-daemon.h>

#include "agent/agent.h"
#include "agent/confine.h"
#include "agent/window.h"
#include "agent/worker.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/settings.h"

enum {
	CHECK = OAKUM_ROOT + 1,
	BOOT,
	STOPPING,
	FETCH,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "check", .help = "only verify the settings, and show them" },
	{ .name = "boot", .help = "only load the settled level from the local cache, once" },
	{ .name = "stopping", .help = "only note that the host goes down in order" },
	{ .name = "fetch", .help = "be the worker of a connection that systemd accepted" },
	{ .name = NULL },
};

static void print_settings(json_t *settings)
{
	for (void *i = json_object_iter(settings); i; i = json_object_iter_next(settings, i)) {
		const json_t *value = json_object_iter_value(i);

		printf("%-16s %s\n", json_object_iter_key(i),
		       json_is_string(value) ? json_string_value(value) : "-");
	}
}

static int check(const struct cli *cli, const struct oakum *o, struct oak_error *err)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	int r = settings_read(o->root, &s, err);

	if (r < 0)
		return oakum_finish(cli, json_object(), "failed", r, err);
	doc = settings_json(&s);
	if (!doc)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!cli->json) {
		print_settings(doc);
		printf("%sthe settings are good%s\n", cli_color(cli, CLI_GREEN),
		       cli_color(cli, CLI_RESET));
		return 0;
	}
	return oakum_finish(cli, json_pack("{s:O}", "settings", doc), "good", 0, err);
}

/* systemd made us an unprivileged user already; what is left to give up is the system calls. */
static int fetch(const struct oakum *o, struct oak_error *err)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	struct worker w = { .sock = SD_LISTEN_FDS_START,
			    .root = o->root,
			    .root_path = o->root_path,
			    .settings = &s };
	int r;

	if (sd_listen_fds(1) != 1)
		return oak_fail(err, OAK_E_USAGE,
				"--fetch is for oakum-fetch.socket: it wants one connection");
	r = settings_read(o->root, &s, err);
	if (r == 0)
		r = window_use_zone(&s, err);
	if (r == 0)
		r = confine_worker_calls(err);
	return r < 0 ? r : worker_run(&w, err);
}

static int need_real(const struct oakum *o, struct oak_error *err)
{
	if (o->real)
		return 0;
	return oak_fail(err, OAK_E_REFUSED,
			"--root %s: only this machine's own kernel can be changed", o->root_path);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(oakum_close) struct oakum o = { .root = -1, .lock = -1 };
	int r = oakum_open(args, &o, err);

	if (r < 0)
		return r;
	if (args->opt[CHECK].n)
		return check(cli, &o, err);
	if (args->opt[FETCH].n)
		return fetch(&o, err);
	r = need_real(&o, err);
	if (r < 0)
		return r;
	if (args->opt[BOOT].n)
		return agent_boot(o.root, o.root_path, err);
	if (args->opt[STOPPING].n)
		return agent_stopping(o.root, err);
	return agent_run(o.root, o.root_path, err);
}

const struct verb verb_oakum_agent = {
	.name = "agent",
	.help = "keep this host patched: the daemon that oakum-agent.service runs",
	.options = options,
	.run = run,
};
