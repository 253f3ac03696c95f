/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/fleet/decision.h"

#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "trust/canonical.h"
#include "trust/fleet/decision-priv.h"
#include "trust/fleet/members.h"
#include "trust/fleet/seal.h"
#include "trust/manifest.h"

#define LIST_MAX      4096 /* kernels of a rollout */
#define SHORT_MAX     64   /* tags, distributions */
#define OPEN_MAX      32
#define ROLLOUTS_MAX  256
#define SIGNATURES    8
#define WAIT_MAX_S    (UINT64_C(30) * 86400)
#define SERVER_KEYS   DECISION_KEYS_MAX
#define DISTRIBUTIONS "abcdefghijklmnopqrstuvwxyz0123456789._+~:-"

static const struct text_rule distribution = { DISTRIBUTIONS, 1, 127, "a distribution" };
static const struct text_rule tag_or_none = {
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~:=-", 0, 63, "a tag"
};

static int parse_where(const json_t *rollout, struct oak_error *err)
{
	const json_t *where = NULL, *list = NULL;
	int r = member_object(rollout, "where", &where, err);

	if (r == 0)
		r = member_words(where, "tags", &fleet_tag, SHORT_MAX, &list, err);
	if (r == 0)
		r = member_words(where, "kernels", &text_build_id, LIST_MAX, &list, err);
	if (r == 0)
		r = member_words(where, "distributions", &distribution, SHORT_MAX, &list, err);
	return r < 0 ? oak_context(err, "where") : 0;
}

static int parse_levels(const json_t *rollout, struct oak_error *err)
{
	json_t *levels = json_object_get(rollout, "levels"), *level;
	const char *build_id;

	if (!json_is_object(levels) || json_object_size(levels) > LIST_MAX)
		return oak_fail(err, OAK_E_FORMAT, "levels: not an object of 0 to %d", LIST_MAX);
	json_object_foreach(levels, build_id, level)
	{
		json_int_t n = json_integer_value(level);

		if (!text_follows(build_id, &text_build_id))
			return oak_fail(err, OAK_E_FORMAT, "levels: not %s", text_build_id.what);
		if (!json_is_integer(level) || n < 1 || n > (json_int_t)MANIFEST_LEVEL_MAX)
			return oak_fail(err, OAK_E_FORMAT, "levels: not a number from 1 to %u",
					MANIFEST_LEVEL_MAX);
	}
	return 0;
}

static int parse_open(const json_t *rollout, struct oak_error *err)
{
	const json_t *open = NULL, *each;
	const char *text = NULL;
	int r = member_objects(rollout, "open", OPEN_MAX, &open, err);
	size_t i;

	json_array_foreach(open, i, each)
	{
		if (r == 0)
			r = field_text(each, "tag", &tag_or_none, &text, err);
		if (r == 0)
			r = field_text(each, "below", &fleet_rollout_id, &text, err);
	}
	return r < 0 ? oak_context(err, "open") : 0;
}

static int parse_rollout(const json_t *rollout, struct oak_error *err)
{
	const char *text = NULL;
	char line[DECISION_TEXT_MAX];
	int r = field_text(rollout, "id", &fleet_rollout_id, &text, err);

	if (r == 0)
		r = member_line(rollout, "name", line, sizeof(line), err);
	if (r == 0)
		r = field_text(rollout, "state", &fleet_word, &text, err);
	if (r == 0)
		r = member_line(rollout, "why", line, sizeof(line), err);
	if (r == 0)
		r = parse_where(rollout, err);
	if (r == 0)
		r = parse_levels(rollout, err);
	if (r == 0)
		r = parse_open(rollout, err);
	if (r == 0 && !json_is_boolean(json_object_get(rollout, "take_back")))
		r = oak_fail(err, OAK_E_FORMAT, "take_back: not true or false");
	return r;
}

static int parse_rollouts(const json_t *body, struct decision *d, struct oak_error *err)
{
	const json_t *each;
	int r = member_objects(body, "rollouts", ROLLOUTS_MAX, &d->rollouts, err);
	size_t i;

	json_array_foreach(d->rollouts, i, each) if (r == 0) r = parse_rollout(each, err);
	return r < 0 ? oak_context(err, "rollouts") : 0;
}

static int parse_keys(const json_t *body, struct decision *d, struct oak_error *err)
{
	const json_t *list = NULL, *each;
	int r = member_words(body, "keys", &fleet_key, SERVER_KEYS, &list, err);
	size_t i;

	if (r == 0 && json_array_size(list) == 0)
		r = oak_fail(err, OAK_E_FORMAT, "keys: none");
	json_array_foreach(list, i, each)
	{
		if (r == 0)
			r = seal_key_parse(json_string_value(each), &d->keys[i], err);
		if (r == 0)
			d->n_keys = i + 1;
	}
	return r;
}

static int parse_stop(const json_t *body, struct decision *d, struct oak_error *err)
{
	const json_t *stop = json_object_get(body, "stop");
	int r;

	if (!stop || json_is_null(stop))
		return 0;
	if (!json_is_object(stop))
		return oak_fail(err, OAK_E_FORMAT, "stop: not an object");
	r = member_line(stop, "why", d->stop, sizeof(d->stop), err);
	d->stopped = true;
	return r < 0 ? oak_context(err, "stop") : 0;
}

static int parse_pace(const json_t *body, struct decision *d, struct oak_error *err)
{
	uint64_t poll_s = 0, report_s = 0;
	int r = field_number(body, "poll_s", 1, WAIT_MAX_S, &poll_s, err);

	if (r == 0)
		r = field_number(body, "report_s", 1, WAIT_MAX_S, &report_s, err);
	d->poll_s = (uint32_t)poll_s;
	d->report_s = (uint32_t)report_s;
	return r;
}

static int parse_unmanaged(const json_t *body, struct decision *d, struct oak_error *err)
{
	const char *text = json_get_str(body, "unmanaged");

	if (!text || (strcmp(text, "hold") != 0 && strcmp(text, "free") != 0))
		return oak_fail(err, OAK_E_FORMAT, "unmanaged: not hold or free");
	d->free = strcmp(text, "free") == 0;
	return 0;
}

static int parse_body(const json_t *body, struct decision *d, struct oak_error *err)
{
	const char *type = json_get_str(body, "_type");
	uint64_t schema;
	int r = type && strcmp(type, "decision") == 0
			? 0
			: oak_fail(err, OAK_E_FORMAT, "_type: not 'decision'");

	if (r == 0)
		r = field_number(body, "schema", 1, 1, &schema, err);
	if (r == 0)
		r = member_text(body, "ring", &fleet_word, d->ring, err);
	if (r == 0)
		r = field_number(body, "version", 1, CANONICAL_INTEGER_MAX, &d->version, err);
	if (r == 0)
		r = member_time(body, "issued", &d->issued_s, err);
	if (r == 0)
		r = member_time(body, "expires", &d->expires_s, err);
	if (r == 0)
		r = parse_keys(body, d, err);
	if (r == 0)
		r = parse_pace(body, d, err);
	if (r == 0)
		r = parse_stop(body, d, err);
	if (r == 0)
		r = parse_unmanaged(body, d, err);
	return r < 0 ? r : parse_rollouts(body, d, err);
}

static bool is_signed(const struct buf *text, const json_t *signatures,
		      const struct decision_trust *trust)
{
	const json_t *each;
	size_t i;

	json_array_foreach(signatures, i,
			   each) for (size_t k = 0; k < trust->n_keys;
				      k++) if (seal_fits(SEAL_DECISION, trust->keys[k], text->data,
							 text->len,
							 json_get_str(each, "sig"))) return true;
	return false;
}

static int check_signed(const json_t *root, const struct decision_trust *trust,
			struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	const json_t *signatures = NULL, *each;
	const char *hex = NULL;
	int r = field_list(root, "signatures", false, SIGNATURES, &signatures, &(size_t){ 0 }, err);
	size_t i;

	json_array_foreach(signatures, i, each)
	{
		if (r == 0)
			r = field_text(each, "key", &fleet_key, &hex, err);
		if (r == 0)
			r = field_text(each, "sig", &fleet_seal, &hex, err);
	}
	if (r < 0)
		return oak_context(err, "signatures");
	r = canonical_json(json_object_get(root, "signed"), &text, err);
	if (r < 0)
		return r;
	return is_signed(&text, signatures, trust)
		       ? 0
		       : oak_fail(err, OAK_E_TRUST, "no good signature of a key that is known");
}

static int parse(const struct decision_trust *trust, struct decision *d, struct oak_error *err)
{
	const json_t *body = json_object_get(d->json, "signed");
	int r;

	if (!json_is_object(body))
		return oak_fail(err, OAK_E_FORMAT, "signed: not an object");
	r = check_signed(d->json, trust, err);
	if (r == 0)
		r = parse_body(body, d, err);
	if (r == 0 && trust->ring && strcmp(d->ring, trust->ring) != 0)
		r = oak_fail(err, OAK_E_TRUST, "it is for ring %s, this host is in ring %s",
			     d->ring, trust->ring);
	return r;
}

int decision_parse(const void *data, size_t len, const struct decision_trust *trust,
		   struct decision **ret, struct oak_error *err)
{
	_cleanup_(decision_freep) struct decision *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = json_parse(data, len, DECISION_BYTES_MAX, "decision", &d->json, err);
	if (r < 0)
		return r;
	r = parse(trust, d, err);
	if (r < 0)
		return oak_context(err, "decision");
	*ret = take_ptr(d);
	return 0;
}

void decision_free(struct decision *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < SERVER_KEYS; i++)
		tuf_key_free(d->keys[i]);
	json_decref(d->json);
	free(d);
}

uint64_t decision_version(const struct decision *d)
{
	return d->version;
}

int64_t decision_issued_s(const struct decision *d)
{
	return d->issued_s;
}

int64_t decision_expires_s(const struct decision *d)
{
	return d->expires_s;
}

uint32_t decision_poll_s(const struct decision *d)
{
	return d->poll_s;
}

uint32_t decision_report_s(const struct decision *d)
{
	return d->report_s;
}

const char *decision_stop(const struct decision *d)
{
	return d->stopped ? d->stop : NULL;
}

const struct tuf_key *const *decision_keys(const struct decision *d, size_t *ret_n)
{
	*ret_n = d->n_keys;
	return (const struct tuf_key *const *)d->keys;
}

/* What was signed is read: no decision is published that hosts would refuse. */
static int check(const char *text, const json_t *body, const struct tuf_key *key,
		 struct oak_error *err)
{
	const struct decision_trust trust = { .keys = &key,
					      .n_keys = 1,
					      .ring = json_get_str(body, "ring") };
	_cleanup_(decision_freep) struct decision *d = NULL;

	return decision_parse(text, strlen(text), &trust, &d, err);
}

int decision_sign(const json_t *body, const struct tuf_key *key, char **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	_cleanup_(buf_free) struct buf canonical = { 0 };
	_cleanup_(freep) char *text = NULL;
	char sig[SEAL_HEX_MAX], hex[SEAL_KEY_HEX_MAX];
	int r = canonical_json(body, &canonical, err);

	if (r == 0)
		r = seal_key_hex(key, hex, err);
	if (r == 0)
		r = seal_make(SEAL_DECISION, key, canonical.data, canonical.len, sig, err);
	if (r < 0)
		return r;
	json = json_pack("{s:O, s:[{s:s, s:s}]}", "signed", (json_t *)(uintptr_t)body, "signatures",
			 "key", hex, "sig", sig);
	text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = check(text, body, key, err);
	if (r == 0)
		*ret = take_ptr(text);
	return r;
}
