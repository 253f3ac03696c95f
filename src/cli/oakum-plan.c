/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/oakum-plan.h"

#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "host/cache.h"

#define TRUST_DIR "var/lib/oakum/trust"
#define ROOT_FILE "etc/oakum/root.json"
#define ROOT_MAX  (1u << 20)

static int timed_fetch(void *ctx, const char *path, size_t max, struct buf *ret,
		       struct oak_error *err)
{
	struct timed_fetch *t = ctx;
	uint64_t start = clock_now_ns();
	int r = t->inner.fetch(t->inner.ctx, path, max, ret, err);

	t->ms += clock_seconds_since(start) * 1e3;
	return r;
}

void plan_clear(struct plan *p)
{
	level_free(p->level);
	tuf_client_close(p->client);
	fetcher_close(&p->timed.inner);
	settings_free(&p->settings);
	*p = (struct plan){ 0 };
}

static int override(char **slot, const char *key, const char *value, struct oak_error *err)
{
	int r;

	if (!value)
		return 0;
	r = settings_check(key, value, err);
	if (r < 0)
		return r;
	free(*slot);
	*slot = strdup(value);
	return *slot ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int read_settings(const struct oakum *o, const struct plan_options *opt,
			 struct settings *ret, struct oak_error *err)
{
	int r = settings_read(o->root, ret, err);

	if (r == 0)
		r = override(&ret->repository, "repository", opt->repository, err);
	if (r == 0)
		r = override(&ret->channel, "channel", opt->channel, err);
	if (r == 0 && !ret->repository)
		r = oak_fail(err, OAK_E_NOTFOUND,
			     "no repository is set: write \"repository = URL\" into "
			     "/" SETTINGS_PATH " or give --repository URL");
	return r;
}

/* The first time the trust begins with /etc/oakum/root.json; from then on it keeps itself. */
static int open_client(const struct oakum *o, struct tuf_client **ret, struct oak_error *err)
{
	_cleanup_(freep) char *dir = path_join(o->root_path, TRUST_DIR);
	_cleanup_(buf_free) struct buf root = { 0 };
	int r = 0;

	if (!dir)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!file_exists(o->root, TRUST_DIR "/root.json")) {
		r = file_read(o->root, ROOT_FILE, ROOT_MAX, &root, err);
		if (r == -OAK_E_NOTFOUND)
			return oak_fail(err, OAK_E_NOTFOUND,
					"/" ROOT_FILE ": no such file: put the repository's "
					"root.json there, from a source that you trust");
		if (r == 0)
			r = tuf_client_init(dir, root.data, root.len, err);
		if (r < 0)
			return oak_context(err, "/" ROOT_FILE);
	}
	return tuf_client_open(dir, NULL, ret, err);
}

/* Is what the kernel holds under the level's name really that level? */
static int check_same(const struct oakum *o, const struct livepatch *p, const struct manifest *m,
		      struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *stored = NULL;
	size_t wanted = host_functions_wanted(m), redirected = host_functions_redirected(p, m);

	if (redirected < wanted)
		return oak_fail(err, OAK_E_REFUSED,
				"%s is in the kernel but redirects only %zu of the %zu functions of "
				"level %u: 'oakum revert' first",
				p->name, redirected, wanted, m->level);
	/* A level that was applied from a file may carry the same number. */
	if (cache_manifest(o->root, m->kernel.build_id, m->level, &stored, NULL) == 0 &&
	    strcmp(stored->module.sha256, m->module.sha256) != 0)
		return oak_fail(err, OAK_E_REFUSED,
				"level %u is applied, but from another module than the "
				"repository's: 'oakum revert' first",
				m->level);
	return 0;
}

static int choose_action(const struct oakum *o, struct plan *p, struct oak_error *err)
{
	const struct livepatch *now = host_level(&o->host);
	const struct manifest *m = p->level->manifest;
	enum level_state state = host_level_state(now);

	p->action = PLAN_APPLY;
	if (!now || now->level < m->level || state == LEVEL_REVERTING)
		return 0;
	(void)snprintf(p->why, sizeof(p->why), "nothing to do: level %u is applied", now->level);
	p->action = PLAN_NOTHING;
	if (now->level > m->level)
		return 0;
	if (state == LEVEL_APPLYING)
		p->action = PLAN_WAIT;
	return check_same(o, now, m, err);
}

static int find_level(const struct oakum *o, struct plan *p, struct oak_error *err)
{
	const struct level_query query = { .arch = identity_arch(),
					   .build_id = o->host.id.build_id,
					   .channel = p->settings.channel };
	int r = level_find(p->client, &query, &p->level, err);

	if (r == -OAK_E_NOTFOUND) {
		p->action = PLAN_NONE;
		(void)snprintf(p->why, sizeof(p->why),
			       "nothing to do: no level for kernel %s (%s)%s%s", query.build_id,
			       o->host.id.release, query.channel ? " in channel " : "",
			       query.channel ? query.channel : "");
		return 0;
	}
	return r < 0 ? r : choose_action(o, p, err);
}

int plan_make(const struct oakum *o, const struct plan_options *opt, struct steps *steps,
	      const struct cli *cli, struct plan *ret, struct oak_error *err)
{
	struct plan *p = ret;
	int r;

	*p = (struct plan){ 0 };
	r = read_settings(o, opt, &p->settings, err);
	if (r == 0)
		r = open_client(o, &p->client, err);
	if (r == 0)
		r = fetcher_open(p->settings.repository, &p->timed.inner, err);
	if (r < 0)
		return r;
	p->fetcher = (struct fetcher){ .fetch = timed_fetch, .ctx = &p->timed };
	steps_mark(steps, "prepare", 0);
	progress_step(cli->progress, "asking %s", p->settings.repository);
	r = tuf_client_refresh(p->client, &p->fetcher,
			       &(struct tuf_refresh){ .now_s = time(NULL), .quick = true }, err);
	if (r >= 0)
		r = find_level(o, p, err);
	steps_add(steps, "fetch metadata", p->timed.ms);
	steps_mark(steps, "verify", p->timed.ms);
	return r;
}

int plan_get_module(const struct oakum *o, struct plan *p, struct buf *ret, struct oak_error *err)
{
	const struct manifest *m = p->level->manifest;
	_cleanup_(buf_free) struct buf module = { 0 };
	int r;

	/* Only the signed manifest decides whether the file on disk is the level's module. */
	if (cache_module(o->root, m, ret, NULL) == 0)
		return 0;
	r = level_fetch(p->level, p->client, &p->fetcher, &module, err);
	if (r == 0)
		r = cache_check_module(m, module.data, module.len, err);
	if (r == 0)
		r = cache_store(o->root, m, module.data, module.len, err);
	if (r < 0)
		return r;
	*ret = module;
	module = (struct buf){ 0 };
	return 0;
}
