/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "trust/fleet/members.h"
#include "trust/fleet/report.h"
#include "trust/manifest.h"

#define SEQUENCE_MAX ((uint64_t)1 << 53)
#define TAGS_MAX     64
#define WAIT_MAX_S   (UINT64_C(30) * 86400)

static int parse_grant(const json_t *json, struct answer_grant *ret, struct oak_error *err)
{
	uint64_t level = 0, for_s = 0;
	int r = member_text(json, "rollout", &fleet_rollout_id, ret->rollout, err);

	if (r == 0)
		r = field_number(json, "level", 1, MANIFEST_LEVEL_MAX, &level, err);
	if (r == 0)
		r = field_number(json, "for_s", 0, WAIT_MAX_S, &for_s, err);
	ret->level = (uint32_t)level;
	ret->for_s = (uint32_t)for_s;
	return r < 0 ? oak_context(err, "grants") : 0;
}

static int parse_refusal(const json_t *json, struct answer_refusal *ret, struct oak_error *err)
{
	uint64_t again_s = 0;
	int r = member_text(json, "rollout", &fleet_rollout_id, ret->rollout, err);

	if (r == 0)
		r = member_line(json, "why", ret->why, sizeof(ret->why), err);
	if (r == 0)
		r = member_number(json, "again_s", WAIT_MAX_S, 0, &again_s, err);
	ret->again_s = (uint32_t)again_s;
	return r < 0 ? oak_context(err, "refused") : 0;
}

static int parse_head(const json_t *root, struct answer *ret, struct oak_error *err)
{
	uint64_t n = 0;
	int r = field_number(root, "schema", 1, 1, &n, err);

	if (r == 0)
		r = member_text(root, "host", &fleet_host_id, ret->host, err);
	if (r == 0)
		r = field_number(root, "sequence", 1, SEQUENCE_MAX, &ret->sequence, err);
	if (r == 0)
		r = member_time(root, "time", &ret->time_s, err);
	if (r == 0)
		r = member_text(root, "ring", &fleet_word, ret->ring, err);
	if (r == 0)
		r = member_words(root, "tags", &fleet_tag, TAGS_MAX, &ret->tags, err);
	if (r == 0)
		r = field_number(root, "report_s", 1, WAIT_MAX_S, &n, err);
	ret->report_s = (uint32_t)n;
	return r;
}

static int parse(const json_t *root, struct answer *ret, struct oak_error *err)
{
	const json_t *grants = NULL, *refused = NULL, *each;
	int r = parse_head(root, ret, err);
	size_t i;

	if (r == 0)
		r = member_objects(root, "grants", REPORT_ASKS_MAX, &grants, err);
	if (r == 0)
		r = member_objects(root, "refused", REPORT_ASKS_MAX, &refused, err);
	if (r < 0)
		return r;
	ret->n_grants = json_array_size(grants);
	ret->n_refused = json_array_size(refused);
	json_array_foreach(grants, i, each) if (r == 0) r = parse_grant(each, &ret->grants[i], err);
	json_array_foreach(refused, i, each) if (r == 0)
		r = parse_refusal(each, &ret->refused[i], err);
	return r;
}

int answer_parse(const void *data, size_t len, struct answer *ret, struct oak_error *err)
{
	struct answer a = { .sequence = 0 };
	int r = json_parse(data, len, REPORT_BYTES_MAX, "answer", &a.json, err);

	if (r < 0)
		return r;
	r = parse(a.json, &a, err);
	if (r < 0) {
		json_decref(a.json);
		return oak_context(err, "answer");
	}
	*ret = a;
	return 0;
}

static json_t *grants_json(const struct answer *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->n_grants; i++)
		if (json_array_append_new(list, json_pack("{s:s, s:i, s:i}", "rollout",
							  a->grants[i].rollout, "level",
							  (int)a->grants[i].level, "for_s",
							  (int)a->grants[i].for_s)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *refused_json(const struct answer *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->n_refused; i++)
		if (json_array_append_new(list,
					  json_pack("{s:s, s:s, s:i}", "rollout",
						    a->refused[i].rollout, "why", a->refused[i].why,
						    "again_s", (int)a->refused[i].again_s)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* What was written is read: no answer leaves the server that a host would refuse. */
static int check(const char *text, struct oak_error *err)
{
	struct answer back = { .sequence = 0 };
	int r = answer_parse(text, strlen(text), &back, err);

	if (r == 0)
		answer_clear(&back);
	return r;
}

int answer_write(const struct answer *a, char **ret, struct oak_error *err)
{
	/* json_incref() wants non-const; only the reference count changes. */
	json_t *tags = a->tags ? json_incref((json_t *)(uintptr_t)a->tags) : json_array();
	_cleanup_(json_decrefp) json_t *json =
		json_pack("{s:i, s:s, s:I, s:I, s:s, s:o, s:i, s:o, s:o}", "schema", 1, "host",
			  a->host, "sequence", (json_int_t)a->sequence, "time",
			  (json_int_t)a->time_s, "ring", a->ring, "tags", tags, "report_s",
			  (int)a->report_s, "grants", grants_json(a), "refused", refused_json(a));
	_cleanup_(freep) char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	int r;

	if (!text)
		return oak_fail(err, json ? OAK_E_NOMEM : OAK_E_FORMAT,
				"the answer cannot be written");
	r = check(text, err);
	if (r == 0)
		*ret = take_ptr(text);
	return r;
}

void answer_clear(struct answer *a)
{
	json_decref(a->json);
	*a = (struct answer){ .sequence = 0 };
}
