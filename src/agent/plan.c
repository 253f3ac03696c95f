/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/plan.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "host/cache.h"
#include "trust/date.h"

#define TRUST_DIR "var/lib/oakum/trust"
#define ROOT_FILE "etc/oakum/root.json"
#define ROOT_MAX  (1u << 20)

#define CLOCK_TOLERANCE_S 3600 /* a clock may be set back a little */

static int timed_fetch(void *ctx, const char *path, size_t max, struct buf *ret,
		       struct oak_error *err)
{
	struct timed_fetch *t = ctx;
	uint64_t start = clock_now_ns();
	int r = t->inner.fetch(t->inner.ctx, path, max, ret, err);

	t->ms += clock_seconds_since(start) * 1e3;
	return r;
}

static int timed_fetch_if_changed(void *ctx, const char *path, size_t max,
				  struct fetch_validator *v, struct buf *ret, struct oak_error *err)
{
	struct timed_fetch *t = ctx;
	uint64_t start = clock_now_ns();
	int r = t->inner.fetch_if_changed(t->inner.ctx, path, max, v, ret, err);

	t->ms += clock_seconds_since(start) * 1e3;
	return r;
}

static struct fetcher timed(struct timed_fetch *t)
{
	return (struct fetcher){
		.fetch = timed_fetch,
		.fetch_if_changed = t->inner.fetch_if_changed ? timed_fetch_if_changed : NULL,
		.ctx = t,
		.url = t->inner.url,
	};
}

void plan_clear(struct plan *p)
{
	level_free(p->level);
	levels_free(p->list);
	buf_free(&p->module);
	tuf_client_close(p->client);
	fetcher_close(&p->timed.inner);
	if (!p->settings_borrowed)
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

static int read_settings(const struct plan_place *o, const struct plan_options *opt, struct plan *p,
			 struct oak_error *err)
{
	struct settings *ret = &p->settings;
	int r;

	p->settings_borrowed = opt->settings != NULL;
	if (opt->settings)
		*ret = *opt->settings;
	r = opt->settings ? 0 : settings_read(o->root, ret, err);

	if (r == 0)
		r = override(&ret->repository, "repository", opt->repository, err);
	/* Mirrors of what the file names are none of what the command line names. */
	if (r == 0 && opt->repository) {
		free(ret->mirrors);
		ret->mirrors = NULL;
	}
	if (r == 0)
		r = override(&ret->channel, "channel", opt->channel, err);
	if (r == 0 && !ret->repository)
		r = oak_fail(err, OAK_E_NOTFOUND,
			     "no repository is set: write \"repository = URL\" into "
			     "/" SETTINGS_PATH " or give --repository URL");
	return r;
}

/* The first time the trust begins with /etc/oakum/root.json; from then on it keeps itself. */
static int open_client(const struct plan_place *o, struct tuf_client **ret, struct oak_error *err)
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
static int check_same(const struct plan_place *o, const struct livepatch *p,
		      const struct manifest *m, struct oak_error *err)
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

/* Only the signed list decides whether what lies on disk is the level; it must be whole. */
static bool read_from_disk(const struct plan_place *o, struct plan *p)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	struct level *level = p->level;

	p->on_disk = cache_manifest(o->root, o->host->id.build_id, level->entry->level, &m, NULL) ==
			     0 &&
		     level_agrees(m, level->entry, NULL) == 0 &&
		     cache_module(o->root, m, &p->module, NULL) == 0;
	if (p->on_disk)
		level->manifest = take_ptr(m);
	return p->on_disk;
}

static int open_level(const struct plan_place *o, struct plan *p, const struct tuf_lookup *how,
		      const struct levels_entry *entry, struct oak_error *err)
{
	int r = level_open(p->client, how, p->list, entry, &p->level, err);

	if (r < 0 || read_from_disk(o, p))
		return r;
	/* Kept in memory: "oakum check" leaves nothing behind. */
	return level_fetch(p->level, p->client, &p->fetcher, &p->module, err);
}

static int have_none(const struct plan_place *o, struct plan *p)
{
	const char *channel = p->settings.channel;

	p->action = PLAN_NONE;
	(void)snprintf(p->why, sizeof(p->why), "nothing to do: no level for kernel %s (%s)%s%s",
		       o->host->id.build_id, o->host->id.release, channel ? " in channel " : "",
		       channel ? channel : "");
	return 0;
}

/* Nothing is to change: because all is well, or because something is withheld. */
static int stay(const struct plan_place *o, struct plan *p, const struct livepatch *present,
		struct oak_error *err)
{
	const struct policy_choice *c = &p->choice;

	if (!present && c->n_withheld == 0)
		return have_none(o, p);
	p->action = PLAN_NOTHING;
	if (c->n_withheld > 0)
		(void)snprintf(p->why, sizeof(p->why), "nothing to do: level %u is not taken: %s",
			       c->withheld[0].level, c->withheld[0].text);
	else
		(void)snprintf(p->why, sizeof(p->why), "nothing to do: level %u is applied",
			       present->level);
	if (!present || !p->level)
		return 0;
	if (host_level_state(present) == LEVEL_APPLYING)
		p->action = PLAN_WAIT;
	return check_same(o, present, p->level->manifest, err);
}

/* What the policy says of the verified list. */
static void choose(const struct plan_options *opt, struct plan *p, const struct livepatch *present)
{
	struct policy_now now = opt->now ? *opt->now : (struct policy_now){ .by_hand = true };

	now.now_s = (int64_t)time(NULL);
	now.present = present ? present->level : 0;
	policy_choose(&p->settings, p->list, &now, &p->choice);
	/* What is not granted is held from then on, and an older level may be next; so this ends. */
	while (opt->ask && p->choice.action == POLICY_APPLY &&
	       !opt->ask->granted(opt->ask->ctx, p->choice.wanted->level))
		policy_choose(&p->settings, p->list, &now, &p->choice);
}

static int find_level(const struct plan_place *o, const struct plan_options *opt, struct plan *p,
		      const struct tuf_lookup *how, struct oak_error *err)
{
	const struct livepatch *present = host_level(o->host);
	const struct levels_entry *entry;
	int r = level_list(p->client, how, identity_arch(), o->host->id.build_id, &p->list, err);

	if (r == -OAK_E_NOTFOUND)
		return have_none(o, p);
	if (r < 0)
		return r;
	/* What is on its way out is as good as gone. */
	if (host_level_state(present) == LEVEL_REVERTING)
		present = NULL;
	choose(opt, p, present);
	entry = present ? levels_entry(p->list, present->level) : NULL;
	p->withdrawn = entry && entry->withdrawn_why ? entry : NULL;
	if (p->choice.wanted)
		r = open_level(o, p, how, p->choice.wanted, err);
	if (r < 0)
		return r;
	if (p->choice.action == POLICY_STAY)
		return stay(o, p, present, err);
	p->action = p->choice.action == POLICY_APPLY ? PLAN_APPLY : PLAN_REVERT;
	if (p->withdrawn)
		(void)snprintf(p->why, sizeof(p->why), "level %u was withdrawn: %s",
			       p->withdrawn->level, p->withdrawn->withdrawn_why);
	else
		(void)snprintf(p->why, sizeof(p->why), "%s", p->choice.why);
	return 0;
}

/* When the trust that was just refreshed ends, if nothing new comes. */
static int64_t first_expiry(const struct tuf_client *c)
{
	static const enum tuf_role roles[] = { TUF_ROOT, TUF_TIMESTAMP, TUF_SNAPSHOT, TUF_TARGETS };
	int64_t first = 0;

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		const struct metadata *m = tuf_client_metadata(c, roles[i]);

		if (m && (!first || metadata_expires_s(m) < first))
			first = metadata_expires_s(m);
	}
	return first;
}

/* Who asks, and how. */
struct asker {
	const struct plan_place *place;
	const struct plan_options *opt;
	const struct progress *progress;
};

/* One source of the repository, from the first request to the level. */
static int ask(const struct asker *a, struct plan *p, const char *url, struct oak_error *err)
{
	const char *proxy = p->settings.proxy;
	const struct fetch_options opt = {
		.ca = p->settings.ca,
		.proxy = proxy && strcmp(proxy, "none") == 0 ? "" : proxy,
	};
	struct tuf_lookup how = { .fetcher = &p->fetcher, .now_s = time(NULL) };
	int r;

	fetcher_close(&p->timed.inner);
	r = fetcher_open_with(url, &opt, &p->timed.inner, err);
	if (r < 0)
		return r;
	p->fetcher = timed(&p->timed);
	progress_step(a->progress, "asking %s", url);
	r = tuf_client_refresh(p->client, &p->fetcher,
			       &(struct tuf_refresh){ .now_s = how.now_s, .quick = true }, err);
	if (r < 0)
		return r;
	p->expires_s = first_expiry(p->client);
	if (a->opt->visit)
		return a->opt->visit(a->opt->ctx, p, &how, err);
	return find_level(a->place, a->opt, p, &how, err);
}

/* What one source left behind must not be taken for the next one's. */
static void forget_level(struct plan *p)
{
	level_free(p->level);
	levels_free(p->list);
	buf_free(&p->module);
	p->level = NULL;
	p->list = NULL;
	p->withdrawn = NULL;
	p->choice = (struct policy_choice){ 0 };
}

/* Adds the reason of one source to the reasons of all. */
static int note_failure(struct oak_error *all, const struct oak_error *err, const char *url)
{
	struct oak_error before = *all;
	unsigned retry_s = err->retry_s > before.retry_s ? err->retry_s : before.retry_s;
	int r;

	/* Messages of fetching begin with the URL already. */
	r = oak_fail(all, err->code, "%s%s%s%s%s", before.msg, before.msg[0] ? "; " : "",
		     strncmp(err->msg, url, strlen(url)) == 0 ? "" : url,
		     strncmp(err->msg, url, strlen(url)) == 0 ? "" : ": ", err->msg);
	all->retry_s = retry_s;
	return r;
}

/*
 * The repository, then its mirrors in order. None is trusted: each is held to what the host has
 * verified before, so that one which is behind, or lies, is only passed over.
 */
static int ask_all(const struct asker *a, struct plan *p, struct oak_error *err)
{
	_cleanup_(freep) char *mirrors = strdup(p->settings.mirrors ? p->settings.mirrors : "");
	struct oak_error all = { .code = OAK_OK };
	char *rest = mirrors;
	const char *url = p->settings.repository;
	int r = mirrors ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r < 0)
		return r;
	for (; url; url = strsep(&rest, " \t")) {
		if (!*url)
			continue;
		r = ask(a, p, url, err);
		/* What this host itself refuses it refuses from everywhere. */
		if (r == 0 || r == -OAK_E_REFUSED || !p->settings.mirrors)
			return r;
		forget_level(p);
		r = note_failure(&all, err, url);
		progress_step(a->progress, "%s", err->msg);
	}
	*err = all;
	return r;
}

/*
 * A clock that stands before the last news makes everything look fresh that has expired since: a
 * frozen repository could not be told from a good one.
 */
static int check_clock(const struct plan_place *o, struct oak_error *err)
{
	char now[DATE_TEXT_MAX], heard[DATE_TEXT_MAX];
	int64_t now_s = (int64_t)time(NULL);
	struct stat st;

	if (fstatat(o->root, TRUST_DIR "/timestamp.json", &st, 0) < 0 ||
	    (int64_t)st.st_mtim.tv_sec <= now_s + CLOCK_TOLERANCE_S)
		return 0;
	date_format(now_s, now);
	date_format((int64_t)st.st_mtim.tv_sec, heard);
	return oak_fail(err, OAK_E_TRUST,
			"this host's clock says %s, but it heard from the repository at %s: set the "
			"clock, or expired metadata would be taken for fresh",
			now, heard);
}

int plan_make(const struct plan_place *o, const struct plan_options *opt, struct steps *steps,
	      const struct progress *progress, struct plan *ret, struct oak_error *err)
{
	struct plan *p = ret;
	int r;

	*p = (struct plan){ 0 };
	r = read_settings(o, opt, p, err);
	if (r == 0)
		r = check_clock(o, err);
	if (r == 0)
		r = open_client(o, &p->client, err);
	if (r < 0)
		return r;
	steps_mark(steps, "prepare", 0);
	r = ask_all(&(struct asker){ o, opt, progress }, p, err);
	steps_add(steps, "fetch metadata", p->timed.ms);
	steps_mark(steps, "verify", p->timed.ms);
	return r;
}

int plan_get_module(const struct plan_place *o, struct plan *p, struct buf *ret,
		    struct oak_error *err)
{
	int r = p->on_disk ? 0
			   : cache_store(o->root, p->level->manifest, p->module.data, p->module.len,
					 err);

	if (r < 0)
		return r;
	*ret = p->module;
	p->module = (struct buf){ 0 };
	return 0;
}
