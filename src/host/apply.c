/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/apply.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "host/journal.h"
#include "host/sysfs.h"

#define BLOCKED_MAX 512 /* of an error message */

/* One level on its way in or out. */
struct voyage {
	const struct host *h;
	const struct apply_options *opt;
	struct apply_result *result;
	struct journal journal;
	uint32_t level;
	char name[LIVEPATCH_NAME_MAX];
	struct impact_run *impact;
};

void apply_result_clear(struct apply_result *r)
{
	stall_free(&r->stall);
	*r = (struct apply_result){ 0 };
}

static struct voyage voyage_begin(const struct host *h, const struct apply_options *opt,
				  uint32_t level, struct apply_result *result)
{
	struct voyage v = {
		.h = h,
		.opt = opt,
		.result = result,
		.journal = { .root = h->root,
			     .boot_id = h->id.boot_id,
			     .build_id = h->id.build_id,
			     .by = opt->by },
		.level = level,
	};

	livepatch_name_of(level, v.name);
	return v;
}

static int note(const struct voyage *v, enum journal_step step, struct oak_error *err)
{
	return journal_write(&v->journal, v->level, step, NULL, err);
}

/* Where an error is being reported already, the journal's own does not hide it. */
static void note_anyway(const struct voyage *v, enum journal_step step)
{
	struct oak_error err;

	if (journal_write(&v->journal, v->level, step, NULL, &err) < 0)
		progress_step(v->opt->progress, "%s, ignoring", err.msg);
}

static bool module_is_loaded(int root, const char *name)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "sys/module/%s", name);
	return file_exists(root, path);
}

static int unload(const struct voyage *v, struct oak_error *err)
{
	uint64_t start = clock_now_ns();
	int r = note(v, JOURNAL_UNLOAD, err);

	if (r == 0)
		r = module_unload(v->opt->ops, v->name, err);
	if (r == 0)
		r = note(v, JOURNAL_UNLOADED, err);
	v->result->unload_ms += clock_seconds_since(start) * 1e3;
	return r;
}

void level_sweep(const struct host *h, uint32_t keep, const struct apply_options *opt)
{
	int fd = openat(h->root, "sys/module", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	_cleanup_(livepatch_list_free) struct livepatch_list now = { 0 };
	struct dirent *e;

	if (!d && fd >= 0)
		(void)close(fd);
	/* @h is from before: what is still in use is asked of the kernel at this moment. */
	if (!d || livepatch_read(h->root, &now, NULL) < 0)
		return;
	while ((e = readdir(d))) {
		uint32_t level = livepatch_level_of(e->d_name);
		struct apply_result result = { 0 };
		struct voyage v;
		struct oak_error err;

		if (!level || level == keep || livepatch_find(&now, e->d_name))
			continue;
		v = voyage_begin(h, opt, level, &result);
		if (unload(&v, &err) < 0)
			progress_step(opt->progress, "%s, ignoring", err.msg);
	}
}

static int load(const struct voyage *v, const struct manifest *m, const void *module, size_t len,
		struct oak_error *err)
{
	_cleanup_(closep) int fd = -1;
	uint64_t start;
	int r = module_seal(module, len, m->module.sha256, &fd, err);

	/* Left by somebody who died between disabling and unloading: the name must be free. */
	if (r == 0 && module_is_loaded(v->h->root, v->name))
		r = unload(v, err);
	if (r == 0)
		r = note(v, JOURNAL_LOAD, err);
	if (r < 0)
		return r;
	progress_step(v->opt->progress, "loading %s", v->name);
	start = clock_now_ns();
	r = module_load(v->opt->ops, fd, v->name, err);
	v->result->load_ms = clock_seconds_since(start) * 1e3;
	if (r < 0)
		note_anyway(v, JOURNAL_FAILED);
	return r;
}

/*
 * The time is over: say who blocks while it can still be seen, then turn the transition round.
 * @blocked has the text for the error message.
 */
static void read_blockers(const struct voyage *v, bool to_patched, char *blocked, size_t size)
{
	_cleanup_(livepatch_list_free) struct livepatch_list now = { 0 };

	/* @h may be from before the load. Without its functions the tasks are still told. */
	(void)!livepatch_read(v->h->root, &now, NULL);
	if (stall_read(v->h->root, to_patched, livepatch_find(&now, v->name), &v->result->stall,
		       NULL) == 0)
		stall_summary(&v->result->stall, blocked, size);
	else
		(void)snprintf(blocked, size, "the tasks that block could not be read");
}

static int take_back(const struct voyage *v, struct oak_error *err)
{
	char blocked[BLOCKED_MAX];
	double ms;
	int r;

	read_blockers(v, true, blocked, sizeof(blocked));
	progress_step(v->opt->progress, "%s; taking the transition back", blocked);
	r = note(v, JOURNAL_REVERT, err);
	if (r == 0)
		r = livepatch_set_enabled(v->h->root, v->name, false, err);
	if (r == 0)
		r = livepatch_wait(v->h->root, v->name, LIVEPATCH_GONE, v->opt->back_ms, &ms, err);
	if (r < 0)
		return oak_context(err,
				   "the transition of %s did not end within %u ms (%s) and is not "
				   "taken back yet; 'oakum status' tells when",
				   v->name, v->opt->timeout_ms, blocked);
	r = unload(v, err);
	note_anyway(v, JOURNAL_REVERTED);
	if (r < 0)
		return r;
	return oak_fail(err, OAK_E_AGAIN,
			"the transition of %s did not end within %u ms and was taken back: %s; try "
			"again later",
			v->name, v->opt->timeout_ms, blocked);
}

static void end_impact(struct impact_run *run, struct apply_result *ret)
{
	impact_end(run, &ret->impact);
	ret->impact.load_ms = ret->load_ms;
	ret->impact.transition_ms = ret->transition_ms;
}

static int put_in(const struct voyage *v, const struct manifest *m, const void *module, size_t len,
		  struct oak_error *err)
{
	const struct host *h = v->h;
	int r = 0;

	if (!livepatch_find(&h->patches, v->name))
		r = load(v, m, module, len, err);
	if (r == 0)
		r = note(v, JOURNAL_TRANSITION, err);
	if (r < 0)
		return r;
	impact_transition(v->impact, true);
	r = livepatch_wait(h->root, v->name, LIVEPATCH_APPLIED, v->opt->timeout_ms,
			   &v->result->transition_ms, err);
	if (r == -OAK_E_AGAIN)
		return take_back(v, err);
	if (r < 0) {
		note_anyway(v, JOURNAL_FAILED);
		return r;
	}
	return note(v, JOURNAL_APPLIED, err);
}

int level_apply(const struct host *h, const struct manifest *m, const void *module, size_t len,
		const struct apply_options *opt, struct apply_result *ret, struct oak_error *err)
{
	struct voyage v = voyage_begin(h, opt, m->level, ret);
	int r;

	*ret = (struct apply_result){ 0 };
	v.impact = impact_begin(h->root);
	r = put_in(&v, m, module, len, err);
	end_impact(v.impact, ret);
	if (r == 0)
		level_sweep(h, m->level, opt);
	return r;
}

/* The other way round: what cannot be reverted in time stays applied. */
static int keep_applied(const struct voyage *v, struct oak_error *err)
{
	char blocked[BLOCKED_MAX];
	double ms;
	int r;

	read_blockers(v, false, blocked, sizeof(blocked));
	progress_step(v->opt->progress, "%s; keeping the level", blocked);
	r = livepatch_set_enabled(v->h->root, v->name, true, err);
	if (r == 0)
		r = livepatch_wait(v->h->root, v->name, LIVEPATCH_APPLIED, v->opt->back_ms, &ms,
				   err);
	if (r < 0)
		return oak_context(err, "%s could not be reverted within %u ms (%s)", v->name,
				   v->opt->timeout_ms, blocked);
	note_anyway(v, JOURNAL_APPLIED);
	return oak_fail(err, OAK_E_AGAIN,
			"%s could not be reverted within %u ms and stays applied: %s; try again "
			"later",
			v->name, v->opt->timeout_ms, blocked);
}

static int revert_one(const struct voyage *v, struct oak_error *err)
{
	double ms = 0;
	int r = note(v, JOURNAL_REVERT, err);

	if (r < 0)
		return r;
	progress_step(v->opt->progress, "reverting %s", v->name);
	impact_transition(v->impact, false);
	r = livepatch_set_enabled(v->h->root, v->name, false, err);
	if (r == 0)
		r = livepatch_wait(v->h->root, v->name, LIVEPATCH_GONE, v->opt->timeout_ms, &ms,
				   err);
	v->result->transition_ms += ms;
	if (r == -OAK_E_AGAIN && ms > 0)
		return keep_applied(v, err);
	/* Gone between our look and our step: somebody else's transition ended. */
	if (r < 0 && r != -OAK_E_NOTFOUND)
		return r;
	r = unload(v, err);
	return r < 0 ? r : note(v, JOURNAL_REVERTED, err);
}

/* Return: how many were, or what stopped it. */
static int take_out(const struct host *h, const struct apply_options *opt,
		    struct impact_run *impact, struct apply_result *ret, struct oak_error *err)
{
	int n = 0;

	for (size_t i = 0; i < h->patches.n; i++) {
		uint32_t level = h->patches.patches[i].level;
		struct voyage v;
		int r;

		if (!level || (opt->only && level != opt->only))
			continue;
		n++;
		v = voyage_begin(h, opt, level, ret);
		v.impact = impact;
		r = revert_one(&v, err);
		if (r < 0)
			return r;
	}
	return n;
}

int level_revert(const struct host *h, const struct apply_options *opt, struct apply_result *ret,
		 struct oak_error *err)
{
	struct impact_run *impact = impact_begin(h->root);
	int n;

	*ret = (struct apply_result){ 0 };
	n = take_out(h, opt, impact, ret, err);
	end_impact(impact, ret);
	if (n < 0)
		return n;
	level_sweep(h, 0, opt);
	return n ? 0 : oak_fail(err, OAK_E_NOTHING, "nothing to do: no level is applied");
}
