/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decision: which one is taken, and which one stays. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/fleet/client.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/plain.h"
#include "trust/fleet/seal.h"

/* With one key at a time, so that it is known whose signature it was. */
static int verify(const struct fleet_client *c, const struct buf *text, struct decision **ret,
		  char signer[SEAL_KEY_HEX_MAX], struct oak_error *err)
{
	int r = oak_fail(err, OAK_E_TRUST, "no key of the server is known");

	for (size_t i = 0; i < c->home.n_keys; i++) {
		const struct tuf_key *key = c->home.keys[i];
		const struct decision_trust trust = { &key, 1, c->home.ring };

		r = decision_parse(text->data, text->len, &trust, ret, err);
		if (r == 0)
			return seal_key_hex(key, signer, err);
		if (r != -OAK_E_TRUST)
			return r;
	}
	return r;
}

/* It was verified when it came; the keys that are known now may be newer ones. */
void fleet_decision_load(struct fleet_client *c)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	struct decision_trust trust = { .n_keys = 1, .ring = c->home.ring };

	if (!c->memory.signer[0] || seal_key_parse(c->memory.signer, &key, NULL) < 0 ||
	    file_read(c->root, FLEET_DECISION, DECISION_BYTES_MAX, &text, NULL) < 0)
		return;
	trust.keys = (const struct tuf_key *const *)&key;
	if (decision_parse(text.data, text.len, &trust, &c->decision, NULL) < 0)
		c->decision = NULL;
}

static void note_decision(struct fleet_client *c)
{
	const struct decision *d = c->decision;

	c->memory.version = decision_version(d);
	c->memory.issued_s = decision_issued_s(d);
	c->memory.expires_s = decision_expires_s(d);
	c->memory.poll_s = decision_poll_s(d);
	c->memory.report_s = decision_report_s(d);
}

static bool same_keys(const struct fleet_home *h, const struct tuf_key *const *keys, size_t n)
{
	if (h->n_keys != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!tuf_key_same(h->keys[i], keys[i]))
			return false;
	return true;
}

/* From now on these are the server's: it says so itself, with one that was known. */
static int take_keys(struct fleet_client *c, struct oak_error *err)
{
	size_t n;
	const struct tuf_key *const *keys = decision_keys(c->decision, &n);
	struct fleet_home *h = &c->home;
	char hex[SEAL_KEY_HEX_MAX];
	int r = 0;

	if (same_keys(h, keys, n))
		return 0;
	for (size_t i = 0; i < FLEET_KEYS_MAX; i++) {
		tuf_key_free(h->keys[i]);
		h->keys[i] = NULL;
	}
	h->n_keys = n;
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = seal_key_hex(keys[i], hex, err);
		if (r == 0)
			r = seal_key_parse(hex, &h->keys[i], err);
	}
	return r < 0 ? r : fleet_home_write(c->root, h, err);
}

static int check_age(const struct fleet_client *c, const struct decision *d, struct oak_error *err)
{
	if (decision_version(d) < c->memory.version)
		return oak_fail(err, OAK_E_TRUST,
				"decision: version %" PRIu64 " is older than %" PRIu64
				", which this host has seen: it is not taken",
				decision_version(d), c->memory.version);
	if (decision_expires_s(d) <= (int64_t)time(NULL))
		return oak_fail(err, OAK_E_TRUST, "decision: it has expired");
	return 0;
}

/* The file first: a crash in between leaves one that is fetched again. */
static int take(struct fleet_client *c, const struct http_reply *reply, struct oak_error *err)
{
	_cleanup_(decision_freep) struct decision *d = NULL;
	char signer[SEAL_KEY_HEX_MAX];
	int r = verify(c, &reply->body, &d, signer, err);

	if (r == 0)
		r = check_age(c, d, err);
	if (r == 0)
		r = file_write(c->root, FLEET_DECISION, reply->body.data, reply->body.len, 0600,
			       err);
	if (r < 0)
		return r;
	decision_free(c->decision);
	c->decision = take_ptr(d);
	memcpy(c->memory.signer, signer, sizeof(signer));
	memcpy(c->memory.etag, reply->etag, sizeof(c->memory.etag));
	note_decision(c);
	r = fleet_memory_write(c->root, &c->memory, err);
	return r < 0 ? r : take_keys(c, err);
}

static int take_reply(struct fleet_client *c, const struct http_reply *reply, struct oak_error *err)
{
	if (reply->status == 200)
		return take(c, reply, err);
	if (reply->status == 304 && c->decision) {
		note_decision(c);
		return 0;
	}
	if (reply->status == 429 || reply->status >= 500)
		fleet_client_pause(c, reply->retry_s);
	return oak_fail(err, OAK_E_AGAIN, "%s: the decision: HTTP %u", c->home.server,
			reply->status);
}

static int fetch(struct fleet_client *c, struct oak_error *err)
{
	_cleanup_(http_reply_clear) struct http_reply reply = { .status = 0 };
	char url[FLEET_TEXT_MAX + 128], etag[FLEET_TEXT_MAX + 32];
	struct http_call call = { .method = "GET", .url = url, .max = DECISION_BYTES_MAX };
	int r;

	(void)snprintf(url, sizeof(url), "%s/v1/decisions/%s.json", c->home.server, c->home.ring);
	(void)snprintf(etag, sizeof(etag), "If-None-Match: %s", c->memory.etag);
	if (c->decision && c->memory.etag[0])
		call.headers[0] = etag;
	r = http_call(c->http, &call, &reply, err);
	if (r == -OAK_E_AGAIN)
		fleet_client_pause(c, 0);
	return r < 0 ? r : take_reply(c, &reply, err);
}

void fleet_decision_fetch(struct fleet_client *c)
{
	struct oak_error err = { .code = OAK_OK };

	if (fetch(c, &err) < 0) {
		plain_copy(c->memory.error, sizeof(c->memory.error), err.msg);
		return;
	}
	if (fleet_client_is_open(c))
		c->memory.heard_s = (int64_t)time(NULL);
}
