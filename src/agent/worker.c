/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/worker.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/cves.h"
#include "agent/news.h"
#include "agent/order.h"
#include "agent/plan.h"
#include "agent/say.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "host/cache.h"
#include "host/loader.h"
#include "host/plain.h"

/* A level, ready to be handed over. */
struct parcel {
	const struct manifest *m;
	const struct buf *module;
};

static void fail(struct message_answer *a, const struct oak_error *err)
{
	a->action = MESSAGE_NOTHING;
	a->level = 0;
	a->code = err->code;
	a->retry_s = err->retry_s;
	plain_copy(a->text, sizeof(a->text), err->msg);
}

/* Sealed memory that holds @data; @sha256 receives its hash. */
static int wrap(const void *data, size_t len, char sha256[SHA256_HEX_MAX], int *ret,
		struct oak_error *err)
{
	sha256_hex(data, len, sha256);
	return module_seal(data, len, sha256, ret, err);
}

static int hand_over(const struct parcel *p, struct message_answer *a, int fds[MESSAGE_FDS],
		     struct oak_error *err)
{
	_cleanup_(freep) char *text = json_text(p->m->json);
	_cleanup_(buf_free) struct buf order = { 0 };
	char sha256[SHA256_HEX_MAX];
	int r = text ? order_pack(p->m, &order, err) : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r == 0)
		r = wrap(p->module->data, p->module->len, sha256, &fds[MESSAGE_FD_MODULE], err);
	if (r == 0)
		r = wrap(order.data, order.len, a->order_sha256, &fds[MESSAGE_FD_ORDER], err);
	if (r == 0)
		r = wrap(text, strlen(text), a->manifest_sha256, &fds[MESSAGE_FD_MANIFEST], err);
	a->level = p->m->level;
	return r;
}

/* A level that waits for its transition is on disk, or the repository's. */
static enum message_action action_of(enum plan_action action)
{
	static const enum message_action actions[] = {
		[PLAN_APPLY] = MESSAGE_APPLY,   [PLAN_WAIT] = MESSAGE_WAIT,
		[PLAN_REVERT] = MESSAGE_REVERT, [PLAN_NOTHING] = MESSAGE_NOTHING,
		[PLAN_NONE] = MESSAGE_NOTHING,
	};

	return actions[action];
}

/* The CVEs that @level has fixed and @present has not. */
static void add_cves(struct news_withheld *w, const struct levels *list, uint32_t present)
{
	for (size_t i = 0; i < list->n_fixes; i++) {
		const struct levels_fix *f = &list->fixes[i];
		const json_t *cve;
		size_t k;

		if (!levels_fix_in(f, w->level) || (present && levels_fix_in(f, present)))
			continue;
		json_array_foreach(f->cve, k,
				   cve) if (news_add_cve(w, json_string_value(cve)) < 0) return;
	}
}

static void take_withheld(struct news *n, const struct plan *p, uint32_t present)
{
	for (size_t i = p->choice.n_withheld; i > 0; i--) {
		const struct policy_withheld *from = &p->choice.withheld[i - 1];
		struct news_withheld *w = news_withhold(n, from->level, from->until_s, from->text);

		if (w && p->list && from->level)
			add_cves(w, p->list, present);
	}
}

/* What was said of the CVE database stays. */
static void forget_levels(struct news *n)
{
	struct news kept = { .cves_checked_s = n->cves_checked_s };

	memcpy(kept.cves_error, n->cves_error, sizeof(kept.cves_error));
	news_clear(n);
	*n = kept;
}

/* What is not known now stays as it was. */
static void tell_news(const struct worker *w, const struct plan *p, uint32_t present,
		      const struct message_answer *a)
{
	_cleanup_(news_clear) struct news n = { 0 };
	struct oak_error err;

	if (news_read(w->root, &n, &err) < 0)
		n = (struct news){ 0 };
	n.tried_s = (int64_t)time(NULL);
	(void)snprintf(n.error, sizeof(n.error), "%s", a->code == OAK_OK ? "" : a->text);
	if (a->code == OAK_OK) {
		forget_levels(&n);
		n.tried_s = n.checked_s = (int64_t)time(NULL);
		n.expires_s = p->expires_s;
		n.newest = p->list && p->list->n ? p->list->entries[p->list->n - 1].level : 0;
		n.no_level = !n.newest;
		take_withheld(&n, p, present);
	}
	if (news_write(w->root, &n, &err) < 0)
		agent_say(SAY_WARN, "%s", err.msg);
}

static int plan_and_pack(const struct worker *w, const struct message_ask *ask,
			 const struct host *h, struct plan *p, struct message_answer *a,
			 int fds[MESSAGE_FDS], struct oak_error *err)
{
	const struct policy_now now = { .quarantined = ask->quarantined,
					.n_quarantined = ask->n_quarantined,
					.reverted_by_hand = ask->reverted_by_hand,
					.by_hand = ask->by_hand };
	const struct plan_options opt = { .settings = w->settings, .now = &now };
	struct steps steps;
	int r;

	steps_begin(&steps);
	r = plan_make(&(struct plan_place){ w->root_path, w->root, h }, &opt, &steps, NULL, p, err);
	if (r < 0)
		return r;
	a->action = action_of(p->action);
	a->again_s = p->choice.next_s;
	a->expires_s = p->expires_s > 0 ? p->expires_s : 0;
	if (p->action == PLAN_NONE)
		a->news = MESSAGE_NEWS_NO_LEVEL;
	else if (p->choice.n_withheld > 0)
		a->news = MESSAGE_NEWS_WITHHELD;
	plain_copy(a->text, sizeof(a->text), p->why);
	if (p->action == PLAN_REVERT)
		a->level = p->withdrawn ? p->withdrawn->level : host_level(h)->level;
	if (p->action != PLAN_APPLY && p->action != PLAN_WAIT)
		return 0;
	return hand_over(&(struct parcel){ p->level->manifest, &p->module }, a, fds, err);
}

static void answer_from_repository(const struct worker *w, const struct message_ask *ask,
				   const struct host *h, struct message_answer *a,
				   int fds[MESSAGE_FDS])
{
	_cleanup_(plan_clear) struct plan p = { 0 };
	const struct livepatch *now = host_level(h);
	struct oak_error err;

	if (plan_and_pack(w, ask, h, &p, a, fds, &err) < 0)
		fail(a, &err);
	tell_news(w, &p, now ? now->level : 0, a);
}

/* A level that was settled before, from this host's own disk. */
static int pack_cached(const struct worker *w, const struct host *h, uint32_t level,
		       struct message_answer *a, int fds[MESSAGE_FDS], struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(buf_free) struct buf module = { 0 };
	int r = cache_manifest(w->root, h->id.build_id, level, &m, err);

	if (r == 0)
		r = cache_module(w->root, m, &module, err);
	if (r < 0)
		return r;
	a->action = MESSAGE_APPLY;
	return hand_over(&(struct parcel){ m, &module }, a, fds, err);
}

static void tell_cves(const struct worker *w, const struct message_answer *a)
{
	_cleanup_(news_clear) struct news n = { 0 };
	struct oak_error err;

	if (news_read(w->root, &n, &err) < 0)
		n = (struct news){ 0 };
	if (a->code == OAK_OK)
		n.cves_checked_s = (int64_t)time(NULL);
	(void)snprintf(n.cves_error, sizeof(n.cves_error), "%s", a->code == OAK_OK ? "" : a->text);
	if (news_write(w->root, &n, &err) < 0)
		agent_say(SAY_WARN, "%s", err.msg);
}

/* A repository without a database is in order: nothing is said. */
static void answer_cves(const struct worker *w, struct message_answer *a, int fds[MESSAGE_FDS])
{
	const struct plan_options opt = { .settings = w->settings };
	const struct plan_place place = { .root_path = w->root_path, .root = w->root };
	_cleanup_(cves_catch_clear) struct cves_catch c = { .db = { 0 } };
	struct oak_error err;
	int r = cves_fetch(&place, &opt, NULL, &c, &err);

	if (r < 0 && c.none)
		return;
	plain_copy(a->text, sizeof(a->text), c.text);
	if (r == 0 && c.db.len) {
		a->action = MESSAGE_CVES;
		r = wrap(c.db.data, c.db.len, a->cves_sha256, &fds[MESSAGE_FD_CVES], &err);
	}
	if (r < 0)
		fail(a, &err);
	tell_cves(w, a);
}

void worker_answer(const struct worker *w, const struct message_ask *ask,
		   struct message_answer *ret, int fds[MESSAGE_FDS])
{
	_cleanup_(host_clear) struct host h = { 0 };
	struct oak_error err;
	int r;

	message_answer_init(ret);
	for (int i = 0; i < MESSAGE_FDS; i++)
		fds[i] = -1;
	if (ask->cves) {
		answer_cves(w, ret, fds);
		return;
	}
	r = host_read(w->root, &h, &err);
	if (r == 0 && ask->cached)
		r = pack_cached(w, &h, ask->cached, ret, fds, &err);
	else if (r == 0)
		answer_from_repository(w, ask, &h, ret, fds);
	if (r < 0)
		fail(ret, &err);
}

static void close_all(int fds[MESSAGE_FDS])
{
	for (int i = 0; i < MESSAGE_FDS; i++)
		closep(&fds[i]);
}

static int serve(const struct worker *w, const void *data, size_t len, struct oak_error *err)
{
	struct message_answer answer;
	struct message_ask ask;
	int fds[MESSAGE_FDS];
	size_t n = 0;
	int r = message_check_ask(data, len, &ask, err);

	if (r < 0)
		return r;
	worker_answer(w, &ask, &answer, fds);
	if (answer.action == MESSAGE_APPLY || answer.action == MESSAGE_WAIT)
		n = MESSAGE_FDS;
	if (answer.action == MESSAGE_CVES)
		n = MESSAGE_FD_CVES + 1;
	r = message_send(w->sock, &answer, sizeof(answer), fds, n, err);
	close_all(fds);
	/* A check takes some megabytes for a moment; an idle hour must not keep them. */
	(void)malloc_trim(0);
	return r;
}

int worker_run(const struct worker *w, struct oak_error *err)
{
	for (;;) {
		struct message_ask buf;
		int fds[MESSAGE_FDS];
		int n = message_receive(w->sock, &buf, sizeof(buf), fds, err);

		if (n <= 0)
			return n;
		close_all(fds);
		n = serve(w, &buf, (size_t)n, err);
		if (n < 0)
			return n;
	}
}
