/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/errand.h"

#include <assert.h>
#include <string.h>

#include "agent/deed.h"
#include "agent/fleet/post.h"
#include "agent/goods.h"
#include "agent/order.h"
#include "agent/say.h"
#include "agent/tell-journal.h"
#include "base/cleanup.h"
#include "host/cache.h"
#include "host/lock.h"

#define BACK_MS_MIN 30000u

/* The three things of an answer, checked. */
struct goods {
	struct order order;
	struct buf module, manifest;
};

static void goods_clear(struct goods *g)
{
	order_clear(&g->order);
	buf_free(&g->module);
	buf_free(&g->manifest);
}

static int take_goods(const struct errand *e, struct goods *g, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf order = { 0 };
	int r = goods_copy(e->fds[MESSAGE_FD_ORDER], ORDER_BYTES_MAX, "order", &order, err);

	if (r == 0)
		r = goods_check(&order, e->answer->order_sha256, "order", err);
	if (r == 0)
		r = order_unpack(&order, &g->order, err);
	if (r == 0 && g->order.m.level != e->answer->level)
		r = oak_fail(err, OAK_E_TRUST, "the worker's order is for another level");
	if (r == 0)
		r = goods_copy(e->fds[MESSAGE_FD_MANIFEST], MANIFEST_BYTES_MAX, "manifest",
			       &g->manifest, err);
	if (r == 0)
		r = goods_check(&g->manifest, e->answer->manifest_sha256, "manifest", err);
	if (r == 0)
		r = goods_copy(e->fds[MESSAGE_FD_MODULE], MANIFEST_MODULE_MAX, "module", &g->module,
			       err);
	return r < 0 ? r : cache_check_module(&g->order.m, g->module.data, g->module.len, err);
}

static int apply(const struct errand *e, const struct deed_options *opt, struct deed_result *result,
		 struct oak_error *err)
{
	_cleanup_(goods_clear) struct goods g = { 0 };
	const struct manifest *m = &g.order.m;
	bool in_kernel = e->kind == ERRAND_WAIT;
	int r = take_goods(e, &g, err);

	result->from = host_level(opt->host) ? host_level(opt->host)->level : 0;
	result->level = e->answer->level;
	if (r < 0)
		return r;
	assert(m->kernel.build_id); /* of every order */
	/* Nothing of another kernel's gets onto our disk; the preflight says it once more. */
	if (strcmp(m->kernel.build_id, opt->host->id.build_id) != 0)
		r = oak_fail(err, OAK_E_REFUSED, "level %u is for kernel %s, this host runs %s",
			     m->level, m->kernel.build_id, opt->host->id.build_id);
	if (r == 0 && e->kind == ERRAND_APPLY)
		r = cache_store_text(e->root, m, &g.manifest, &g.module, err);
	if (r < 0)
		return r;
	return deed_apply(opt, m, in_kernel ? NULL : g.module.data, in_kernel ? 0 : g.module.len,
			  result, err);
}

static void tell_failure(const struct errand *e, const struct host *h,
			 const struct deed_result *result, const struct oak_error *err)
{
	static const enum message events[] = { [DEED_PREFLIGHT] = MESSAGE_PREFLIGHT_FAILED,
					       [DEED_HOOKS] = MESSAGE_HOOK_FAILED,
					       [DEED_KERNEL] = MESSAGE_TRANSITION_STALLED };
	const struct tell_event event = { .what = events[result->stage],
					  .level = result->level ? result->level : result->from,
					  .build_id = h->id.build_id,
					  .text = err->msg };

	/* Nothing was looked at yet: what the worker handed over is no good. */
	if (result->preflight.n == 0)
		return;
	/* The kernel refuses for many reasons; only that of time is a stall. */
	if (result->stage == DEED_KERNEL && err->code != OAK_E_AGAIN)
		return;
	tell_event(e->journal, &event, e->progress);
	if (e->told)
		*e->told = true;
}

/* A grant of the fleet's server holds for a time from when it was asked for; a download takes some. */
static int check_grant(const struct errand *e, struct oak_error *err)
{
	if (e->kind != ERRAND_APPLY || !e->answer->until_ms ||
	    fleet_boottime_ms() < e->answer->until_ms)
		return 0;
	return oak_fail(
		err, OAK_E_AGAIN,
		"level %u is not applied: what the fleet's server granted is over; it is asked again",
		e->answer->level);
}

static int run_locked(const struct errand *e, struct oak_error *err)
{
	_cleanup_(host_clear) struct host h = { 0 };
	_cleanup_(deed_result_clear) struct deed_result result = { 0 };
	unsigned deadline_ms = e->settings->deadline_s * 1000;
	const struct deed_options opt = {
		.host = &h,
		.settings = e->settings,
		.apply = { .ops = e->ops ? e->ops : &module_ops_kernel,
			   .by = e->by,
			   .only = e->only,
			   .timeout_ms = deadline_ms,
			   .back_ms = deadline_ms > BACK_MS_MIN ? deadline_ms : BACK_MS_MIN,
			   .progress = e->progress },
	};
	struct oak_error late;
	int r = host_read(e->root, &h, err);

	if (r < 0)
		return r;
	/* A long one harms nobody; on a full disk a level still has to be taken out. */
	if (journal_compact(e->root, JOURNAL_BYTES_KEPT, &late) < 0)
		agent_say(SAY_WARN, "the journal is not shortened: %s", late.msg);
	if (e->kind == ERRAND_REVERT)
		r = deed_revert(&opt, &result, err);
	else
		r = apply(e, &opt, &result, err);
	deed_report(&opt, &result, r, err);
	if (r < 0)
		tell_failure(e, &h, &result, err);
	return r;
}

int errand_run(const struct errand *e, struct oak_error *err)
{
	_cleanup_(closep) int lock = -1;
	int r = lock_take(e->root, &lock, err);

	if (r == 0)
		r = check_grant(e, err);
	return r < 0 ? r : run_locked(e, err);
}
