/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum info: the manifest of a level that is on this host. */
#include <inttypes.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/cache.h"
#include "host/number.h"

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = NULL },
};

/* Without a number: the level in the kernel, else the newest on disk. */
static int choose(const struct oakum *o, const char *text, uint32_t *ret, struct oak_error *err)
{
	const struct livepatch *p = host_level(&o->host);
	_cleanup_(freep) uint32_t *levels = NULL;
	size_t n = 0;
	int r;

	if (text && (number_parse_u32(text, ret) < 0 || *ret == 0))
		return oak_fail(err, OAK_E_USAGE, "'%s' is not the number of a level", text);
	if (text)
		return 0;
	r = cache_list(o->root, o->host.id.build_id, &levels, &n, err);
	if (r < 0)
		return r;
	if (!p && !n)
		return oak_fail(err, OAK_E_NOTFOUND,
				"no level for kernel %s is on this host: 'oakum update' gets one",
				o->host.id.build_id);
	*ret = p ? p->level : levels[n - 1];
	return 0;
}

static void print_fix(const struct manifest_fix *f)
{
	printf("\n%s: %s\n", f->id, f->title);
	for (size_t i = 0; i < f->n_cve; i++)
		printf("  cve       %s\n", f->cve[i]);
	for (size_t i = 0; i < f->n_functions; i++)
		printf("  function  %s: %s (proof: %s)\n", f->functions[i].object,
		       f->functions[i].name, f->functions[i].proof);
	printf("  patch     sha256 %s\n", f->patch_sha256);
}

static void print_manifest(const struct manifest *m, const char *state)
{
	printf("level      %u, channel %s, %s\n", m->level, m->channel, state);
	printf("kernel     %s %s (%s)\n", m->kernel.distribution, m->kernel.package_version,
	       m->kernel.release);
	printf("build-id   %s\n", m->kernel.build_id);
	printf("module     %s, %" PRIu64 " bytes, sha256 %s\n", m->module.name, m->module.size,
	       m->module.sha256);
	printf("signer     %s\n", m->module.signer ? m->module.signer : "none");
	if (m->withdrawn)
		printf("withdrawn  by its publisher\n");
	for (size_t i = 0; i < m->n_fixes; i++)
		print_fix(&m->fixes[i]);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(oakum_close) struct oakum o = { .root = -1, .lock = -1 };
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	char name[LIVEPATCH_NAME_MAX];
	const char *state;
	uint32_t level;
	int r = oakum_open(args, &o, err);

	if (r == 0 && !o.host.id.livepatch)
		r = oak_fail(err, OAK_E_UNSUPPORTED,
			     "this kernel has no livepatch support (CONFIG_LIVEPATCH)");
	if (r == 0)
		r = choose(&o, args->n ? args->v[0] : NULL, &level, err);
	if (r == 0)
		r = cache_manifest(o.root, o.host.id.build_id, level, &m, err);
	if (r != 0)
		return oakum_finish(cli, NULL, "failed", r, err);
	livepatch_name_of(level, name);
	state = level_state_name(host_level_state(livepatch_find(&o.host.patches, name)));
	if (!cli->json) {
		print_manifest(m, state);
		return 0;
	}
	return oakum_finish(cli, json_pack("{s:O, s:s}", "manifest", m->json, "state", state),
			    "info", 0, err);
}

const struct verb verb_oakum_info = {
	.name = "info",
	.args = "[LEVEL]",
	.help = "the manifest of a level that is on this host",
	.max_args = 1,
	.options = options,
	.run = run,
};
