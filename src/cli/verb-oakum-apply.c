/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum apply: a level without the network, from this host's own store or from two files. */
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/oakum-apply.h"
#include "cli/oakum-verbs.h"
#include "host/cache.h"
#include "host/number.h"

enum {
	TIMEOUT = OAKUM_ROOT + 1,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "timeout",
	  .arg = "SECONDS",
	  .help = "of the transition, before it is taken back (60)" },
	{ .name = NULL },
};

static int from_store(const struct oakum *o, const char *text, struct manifest **ret_m,
		      struct buf *ret_module, struct oak_error *err)
{
	uint32_t level;
	int r;

	if (number_parse_u32(text, &level) < 0 || level == 0)
		return oak_fail(err, OAK_E_USAGE,
				"'%s' is not the number of a level; a file needs its manifest: "
				"FILE.ko MANIFEST",
				text);
	r = cache_manifest(o->root, o->host.id.build_id, level, ret_m, err);
	return r < 0 ? r : cache_module(o->root, *ret_m, ret_module, err);
}

/* Whoever may load modules vouches for the two files; that they belong together is checked. */
static int from_files(const char *file, const char *manifest, struct manifest **ret_m,
		      struct buf *ret_module, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(AT_FDCWD, manifest, MANIFEST_BYTES_MAX, &text, err);

	if (r == 0)
		r = manifest_parse(text.data, text.len, manifest, ret_m, err);
	if (r == 0)
		r = file_read(AT_FDCWD, file, MANIFEST_MODULE_MAX, ret_module, err);
	if (r == 0)
		r = cache_check_module(*ret_m, ret_module->data, ret_module->len, err);
	return r;
}

static int refuse_if_there(const struct oakum *o, const struct manifest *m, struct oak_error *err)
{
	const struct livepatch *now = host_level(&o->host);

	if (!now || host_level_state(now) == LEVEL_REVERTING || now->level < m->level)
		return 0;
	if (now->level == m->level)
		return oak_fail(err, OAK_E_NOTHING, "nothing to do: level %u is applied", m->level);
	return oak_fail(err, OAK_E_REFUSED,
			"level %u is applied, and level %u is older: 'oakum revert' first",
			now->level, m->level);
}

static int apply(const struct cli *cli, const struct cli_args *args, struct steps *steps,
		 json_t *doc, struct oak_error *err)
{
	_cleanup_(oakum_close) struct oakum o = { .root = -1, .lock = -1 };
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(settings_free) struct settings settings = { 0 };
	_cleanup_(buf_free) struct buf module = { 0 };
	struct deed deed = { .settings = &settings };
	int r = oakum_timeout(cli_value(args, TIMEOUT, OAKUM_TIMEOUT_OTHERWISE), &deed.timeout_ms,
			      err);

	if (r == 0)
		r = oakum_open(args, &o, err);
	if (r < 0)
		return r;
	(void)json_object_set_new(doc, "kernel", oakum_json_kernel(&o.host));
	r = oakum_begin_change(&o, OAKUM_APPLY, err);
	if (r == 0)
		r = settings_read(o.root, &settings, err);
	if (r == 0)
		r = args->n == 2 ? from_files(args->v[0], args->v[1], &m, &module, err)
				 : from_store(&o, args->v[0], &m, &module, err);
	if (r == 0)
		r = refuse_if_there(&o, m, err);
	/* A level for another kernel must not even be stored: its directory would be ours. */
	if (r == 0 && args->n == 2 && strcmp(m->kernel.build_id, o.host.id.build_id) == 0)
		r = cache_store(o.root, m, module.data, module.len, err);
	steps_mark(steps, "read", 0);
	if (r < 0)
		return r;
	deed.m = m;
	deed.module = module.data;
	deed.len = module.len;
	return oakum_carry_out(cli, &o, &deed, steps, doc, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	json_t *doc = json_object();
	struct steps steps;
	int r;

	steps_begin(&steps);
	r = apply(cli, args, &steps, doc, err);
	return oakum_finish(cli, doc, "applied", r, err);
}

const struct verb verb_oakum_apply = {
	.name = "apply",
	.args = "LEVEL | FILE.ko MANIFEST",
	.help = "apply a level that is on this host, without the network",
	.min_args = 1,
	.max_args = 2,
	.options = options,
	.run = run,
};
