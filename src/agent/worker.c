/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/worker.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/cves.h"
#include "agent/fleet/client.h"
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

/* What a question about levels is answered from. */
struct inquiry {
	const struct message_ask *ask;
	const struct host *host;
	struct fleet_client *fleet; /* NULL: this host has none */
};

static int make_plan(const struct worker *w, const struct inquiry *q, struct plan *p,
		     struct oak_error *err)
{
	const struct message_ask *ask = q->ask;
	const struct policy_now now = { .quarantined = ask->quarantined,
					.n_quarantined = ask->n_quarantined,
					.reverted_by_hand = ask->reverted_by_hand,
					.by_hand = ask->by_hand,
					.fleet = q->fleet ? fleet_client_policy(q->fleet) : NULL };
	const struct plan_options opt = { .settings = w->settings,
					  .now = &now,
					  .ask = now.fleet ? &q->fleet->ask : NULL };
	struct steps steps;

	steps_begin(&steps);
	return plan_make(&(struct plan_place){ w->root_path, w->root, q->host }, &opt, &steps, NULL,
			 p, err);
}

static int plan_and_pack(const struct worker *w, const struct inquiry *q, struct plan *p,
			 struct message_answer *a, int fds[MESSAGE_FDS], struct oak_error *err)
{
	const struct host *h = q->host;
	int r = make_plan(w, q, p, err);

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

/* Nothing of the kernel's changes for the better: does the fleet want its level back? */
static void take_back(const struct inquiry *q, struct message_answer *a)
{
	const struct livepatch *now = host_level(q->host);
	char why[POLICY_TEXT_MAX];

	if (!q->fleet || !now || a->action != MESSAGE_NOTHING ||
	    host_level_state(now) == LEVEL_REVERTING ||
	    !fleet_client_takes_back(q->fleet, now->level, why))
		return;
	a->action = MESSAGE_TAKE_BACK;
	a->level = now->level;
	a->code = OAK_OK;
	plain_copy(a->text, sizeof(a->text), why);
}

static void answer_from_repository(const struct worker *w, const struct inquiry *q,
				   struct message_answer *a, int fds[MESSAGE_FDS])
{
	_cleanup_(plan_clear) struct plan p = { 0 };
	const struct livepatch *now = host_level(q->host);
	struct oak_error err;
	int r = plan_and_pack(w, q, &p, a, fds, &err);
	int64_t again_s;

	if (r < 0)
		fail(a, &err);
	tell_news(w, &p, now ? now->level : 0, a);
	if (!q->fleet)
		return;
	take_back(q, a);
	a->until_ms = a->action == MESSAGE_APPLY ? q->fleet->grant_until_ms : 0;
	/* What is about to be applied is reported after. */
	if (a->action == MESSAGE_NOTHING)
		fleet_client_report(q->fleet);
	again_s = fleet_client_end(q->fleet, r == 0 ? &p.choice : NULL);
	if (again_s && (!a->again_s || again_s < a->again_s))
		a->again_s = again_s;
}

static void answer_report(struct fleet_client *fleet, struct message_answer *a)
{
	if (!fleet)
		return;
	fleet_client_report(fleet);
	plain_copy(a->text, sizeof(a->text), fleet->memory.error);
	a->again_s = fleet_client_end(fleet, NULL);
}

#define FACTS_MAX ((size_t)4 * REPORT_BYTES_MAX)

/* What root's side knows of this host, from its descriptor: bytes for the server, and no orders. */
static json_t *read_facts(int fd)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	json_t *facts = NULL;

	if (fd <= 0 || buf_reserve(&text, FACTS_MAX) < 0)
		return NULL;
	for (ssize_t n = 1; n > 0 && text.len < FACTS_MAX;) {
		n = pread(fd, text.data + text.len, FACTS_MAX - text.len, (off_t)text.len);
		text.len += n > 0 ? (size_t)n : 0;
	}
	return json_parse(text.data, text.len, FACTS_MAX, "report.json", &facts, NULL) < 0 ? NULL
											   : facts;
}

static void answer_with_fleet(const struct worker *w, const struct message_ask *ask,
			      const struct host *h, struct message_answer *a, int fds[MESSAGE_FDS])
{
	struct fleet_client fleet = { .root = w->root,
				      .root_path = w->root_path,
				      .settings = w->settings,
				      .host = h,
				      .facts = read_facts(w->facts) };
	struct oak_error err;
	int r = fleet_client_begin(&fleet, &err);
	const struct inquiry q = { ask, h, r == 0 ? &fleet : NULL };

	if (r < 0)
		fail(a, &err);
	else if (ask->report)
		answer_report(q.fleet, a);
	else
		answer_from_repository(w, &q, a, fds);
	if (r != 0)
		(void)fleet_client_end(&fleet, NULL);
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
		answer_with_fleet(w, ask, &h, ret, fds);
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
	struct worker asked = *w;

	for (;;) {
		struct message_ask buf;
		int fds[MESSAGE_FDS];
		int n = message_receive(w->sock, &buf, sizeof(buf), fds, err);

		if (n <= 0)
			return n;
		asked.facts = fds[0];
		n = serve(&asked, &buf, (size_t)n, err);
		close_all(fds);
		if (n < 0)
			return n;
	}
}
