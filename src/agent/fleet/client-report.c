/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports on their way, and what is made of their answers. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/fleet/client.h"
#include "agent/fleet/compose.h"
#include "agent/say.h"
#include "base/cleanup.h"
#include "host/plain.h"
#include "trust/fields.h"

/* What a refusal means, and what its owner can do. */
static const struct {
	const char *code, *text;
} refusals[] = {
	{ "host-unknown", "the fleet's server does not know this host: 'oakum unregister', then "
			  "'oakum register' with a new token" },
	{ "host-revoked", "the fleet's server has revoked this host" },
	{ "signature", "the fleet's server does not accept this host's signature" },
	{ "sequence",
	  "another machine reports with this host's key, or this one was restored from a "
	  "backup" },
	{ "cloned", "another machine reports with this host's key: register this one anew" },
};

void fleet_client_save(struct fleet_client *c)
{
	struct oak_error err;

	if (fleet_memory_write(c->root, &c->memory, &err) < 0)
		agent_say(SAY_WARN, "%s", err.msg);
}

static void note_error(struct fleet_client *c, const char *text)
{
	plain_copy(c->memory.error, sizeof(c->memory.error), text);
}

static void drop_watch(struct fleet_memory *m, size_t i)
{
	memmove(&m->watches[i], &m->watches[i + 1], (m->n_watches - i - 1) * sizeof(m->watches[0]));
	m->n_watches--;
}

/* What the server knows now has not to be told again. */
static void take_results(struct fleet_memory *m, const struct parcel_report *p)
{
	for (size_t i = 0; i < p->n_results; i++)
		for (size_t k = m->n_watches; k-- > 0;) {
			if (strcmp(m->watches[k].rollout, p->results[i].rollout) != 0 ||
			    m->watches[k].level != p->results[i].level)
				continue;
			m->watches[k].applied = true;
			if (p->results[i].kind != REPORT_APPLIED)
				drop_watch(m, k);
		}
}

static void watch(struct fleet_client *c, const struct answer_grant *g)
{
	struct fleet_memory *m = &c->memory;
	struct fleet_watch *w;

	for (size_t i = m->n_watches; i-- > 0;)
		if (strcmp(m->watches[i].rollout, g->rollout) == 0)
			drop_watch(m, i);
	if (m->n_watches == FLEET_WATCH_MAX)
		drop_watch(m, 0);
	w = &m->watches[m->n_watches];
	*w = (struct fleet_watch){ .level = g->level, .granted_s = (int64_t)time(NULL) };
	memcpy(w->rollout, g->rollout, sizeof(w->rollout));
	memcpy(w->build_id, c->host->id.build_id, sizeof(w->build_id));
	m->n_watches++;
}

/* In another boot nobody knows how long ago it was sent: then the grant is asked for once more. */
static void take_grants(struct fleet_client *c, const struct parcel_report *p,
			const struct answer *a)
{
	if (!c->host || strcmp(p->boot_id, c->host->id.boot_id) != 0 ||
	    !text_follows(c->host->id.build_id, &text_build_id))
		return;
	c->n_grants = a->n_grants;
	memcpy(c->grants, a->grants, sizeof(c->grants));
	c->grants_sent_ms = p->sent_ms;
	for (size_t i = 0; i < a->n_grants; i++)
		watch(c, &a->grants[i]);
}

/* Another ring's decisions have versions of their own. */
static void take_place(struct fleet_client *c, const struct answer *a)
{
	struct fleet_home *h = &c->home;
	bool moved = strcmp(h->ring, a->ring) != 0;
	struct oak_error err;

	if (!moved && h->report_s == a->report_s &&
	    (a->tags ? json_equal(h->tags, a->tags) : json_array_size(h->tags) == 0))
		return;
	(void)snprintf(h->ring, sizeof(h->ring), "%s", a->ring);
	h->report_s = a->report_s;
	json_decref(h->tags);
	h->tags = a->tags ? json_deep_copy(a->tags) : NULL;
	if (moved) {
		decision_free(take_ptr(c->decision));
		c->memory.version = 0;
		c->memory.etag[0] = c->memory.signer[0] = '\0';
	}
	if (fleet_home_write(c->root, h, &err) < 0)
		agent_say(SAY_WARN, "%s", err.msg);
}

static void take_answer(struct fleet_client *c, const struct parcel_report *p,
			const struct answer *a)
{
	c->memory.sequence = p->sequence;
	c->memory.reported_s = (int64_t)time(NULL);
	c->memory.wait_s = 0;
	c->memory.again_s = 0;
	c->memory.code[0] = c->memory.error[0] = '\0';
	c->reported = true;
	take_results(&c->memory, p);
	take_grants(c, p, a);
	take_place(c, a);
	for (size_t i = 0; i < a->n_refused; i++) {
		int64_t again = (int64_t)time(NULL) + a->refused[i].again_s;

		if (a->refused[i].again_s && (!c->again_s || again < c->again_s))
			c->again_s = again;
	}
	if (c->facts)
		fleet_news(c->facts, &c->memory, c->memory.said);
	fleet_client_save(c);
}

static void note_refusal(struct fleet_client *c, const struct post_outcome *o)
{
	char text[FLEET_TEXT_MAX];

	memcpy(c->memory.code, o->code, sizeof(c->memory.code));
	(void)snprintf(text, sizeof(text), "the fleet's server refused the report: HTTP %u %s",
		       o->status, o->code);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (strcmp(refusals[i].code, o->code) == 0)
			(void)snprintf(text, sizeof(text), "%s", refusals[i].text);
	note_error(c, text);
}

/*
 * Return: 0: acknowledged; 1: its sequence is taken, a new report goes on from .memory.sequence; else it
 * waits, or is given up where the server will never take it.
 */
static int refuse(struct fleet_client *c, const struct post_outcome *o, struct oak_error *err)
{
	bool hopeless = o->status == 400 || o->status == 413;

	note_refusal(c, o);
	if (o->status == 409 && o->has_expected) {
		c->memory.sequence = o->expected;
		fleet_client_save(c);
		return parcel_report_drop(c->root, err) < 0 ? -OAK_E_IO : 1;
	}
	fleet_client_pause(c, o->status == 429 || o->status >= 500 ? o->retry_s : c->home.report_s);
	fleet_client_save(c);
	if (hopeless && parcel_report_drop(c->root, err) < 0)
		return -OAK_E_IO;
	return oak_fail(err, OAK_E_AGAIN, "%s", c->memory.error);
}

static int deliver(struct fleet_client *c, const struct parcel_report *p, struct oak_error *err)
{
	struct post_outcome o = { .acknowledged = false };
	int r = parcel_report_send(p, &c->home, c->http, &o, err);

	if (r < 0) {
		note_error(c, err->msg);
		fleet_client_pause(c, 0);
		fleet_client_save(c);
		return r;
	}
	if (!o.acknowledged)
		return refuse(c, &o, err);
	take_answer(c, p, &o.answer);
	for (size_t i = 0; i < o.answer.n_refused; i++)
		plain_copy(c->answer_why, sizeof(c->answer_why), o.answer.refused[i].why);
	answer_clear(&o.answer);
	return parcel_report_drop(c->root, err);
}

/* The report that waits goes first, with the bytes that it has. Return: as deliver(); 0 where none waits. */
int fleet_client_deliver(struct fleet_client *c, struct oak_error *err)
{
	_cleanup_(parcel_report_clear) struct parcel_report p = { .text = NULL };

	parcel_report_read(c->root, &p);
	if (!p.text)
		return 0;
	/* It was acknowledged, and we died before it was taken away. */
	if (p.sequence <= c->memory.sequence)
		return parcel_report_drop(c->root, err);
	return deliver(c, &p, err);
}

static int send_new(struct fleet_client *c, const struct report_ask *ask, struct oak_error *err)
{
	_cleanup_(parcel_report_clear) struct parcel_report p = { .text = NULL };
	_cleanup_(freep) char *text = NULL;
	const struct compose_options o = { .facts = c->facts,
					   .home = &c->home,
					   .memory = &c->memory,
					   .sequence = c->memory.sequence + 1,
					   .now_s = (int64_t)time(NULL),
					   .ask = ask };
	int r = fleet_compose(&o, &text, err);

	if (r == 0)
		r = parcel_report_make(c->root, text, c->host ? c->host->id.boot_id : "", &p, err);
	return r < 0 ? r : deliver(c, &p, err);
}

static int send_report(struct fleet_client *c, const struct report_ask *ask, struct oak_error *err)
{
	char code[sizeof(c->memory.code)];
	int r;

	if (!fleet_client_may_send(c))
		return oak_fail(err, OAK_E_AGAIN, "%s",
				c->memory.error[0] ? c->memory.error : "it is asked again later");
	r = fleet_client_deliver(c, err);
	if (r >= 0)
		r = send_new(c, ask, err);
	if (r <= 0)
		return r;
	/* It goes on from what the server has; that this was so is shown until the next report. */
	memcpy(code, c->memory.code, sizeof(code));
	r = send_new(c, ask, err);
	if (r == 0) {
		memcpy(c->memory.code, code, sizeof(code));
		note_error(c, refusals[3].text);
		fleet_client_save(c);
	}
	return r > 0 ? oak_fail(err, OAK_E_AGAIN, "%s", c->memory.error) : r;
}

/* Whatever it failed of, the disk or the facts: a host that is asked each second must not try each second. */
int fleet_client_send(struct fleet_client *c, const struct report_ask *ask, struct oak_error *err)
{
	int r = send_report(c, ask, err);

	if (r < 0 && fleet_client_may_send(c))
		fleet_client_pause(c, 0);
	return r;
}
