/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/node/status.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "trust/canonical.h"
#include "trust/fleet/members.h"

enum kind {
	WORD,   /* NODE_WORD_MAX */
	TEXT,   /* NODE_TEXT_MAX */
	NUMBER, /* uint32_t */
	TIME,   /* int64_t */
	TRUTH,  /* bool */
	VERDICT,
};

/* Every member that is not a list: what is written can be read, because both follow this table. */
struct member {
	const char *key;
	enum kind kind;
	size_t at;
};

#define STATUS(key, kind, field)                               \
	{                                                      \
		key, kind, offsetof(struct node_status, field) \
	}
static const struct member status_members[] = {
	STATUS("boot", WORD, boot),
	STATUS("build_id", WORD, build_id),
	STATUS("release", WORD, release),
	STATUS("effective_version", WORD, effective),
	STATUS("state", WORD, state),
	STATUS("agent", NUMBER, agent),
	STATUS("level", NUMBER, level),
	STATUS("newest", NUMBER, newest),
	STATUS("no_level", TRUTH, no_level),
	STATUS("checked", TIME, checked_s),
	STATUS("settled", TRUTH, settled),
	STATUS("switched_off", TRUTH, switched_off),
	STATUS("withdrawn", TRUTH, withdrawn),
	STATUS("withheld", NUMBER, withheld),
	STATUS("quarantined", NUMBER, quarantined),
	STATUS("cves", NUMBER, cves),
	STATUS("reboot", TRUTH, reboot),
	STATUS("reboot_why", TEXT, reboot_why),
	STATUS("verdict", VERDICT, verdict),
	STATUS("good", TEXT, good),
	{ NULL, WORD, 0 },
};

#define FINDING(key, kind, field)                               \
	{                                                       \
		key, kind, offsetof(struct node_finding, field) \
	}
static const struct member finding_members[] = {
	FINDING("id", WORD, id),
	FINDING("verdict", VERDICT, verdict),
	FINDING("text", TEXT, text),
	{ NULL, WORD, 0 },
};

#define DEED(key, kind, field)                               \
	{                                                    \
		key, kind, offsetof(struct node_deed, field) \
	}
static const struct member deed_members[] = {
	DEED("at", TIME, at_s), DEED("level", NUMBER, level), DEED("step", WORD, step),
	DEED("by", WORD, by),   DEED("why", TEXT, why),       { NULL, WORD, 0 },
};

static const char *const verdict_names[NODE_VERDICTS] = { "ok", "unknown", "warning", "critical" };

const char *node_verdict_name(enum node_verdict v)
{
	return verdict_names[v];
}

/* Text of others need not be UTF-8; then it is left empty. */
static json_t *text_json(const char *text)
{
	json_t *j = json_string(text);

	return j ? j : json_string("");
}

static json_t *value_of(const struct member *m, const void *from)
{
	const char *at = (const char *)from + m->at;
	int64_t time_s;
	uint32_t n;
	bool truth;
	enum node_verdict v;

	switch (m->kind) {
	case NUMBER:
		memcpy(&n, at, sizeof(n));
		return json_integer(n);
	case TIME:
		memcpy(&time_s, at, sizeof(time_s));
		return json_integer(time_s);
	case TRUTH:
		memcpy(&truth, at, sizeof(truth));
		return json_boolean(truth);
	case VERDICT:
		memcpy(&v, at, sizeof(v));
		return json_string(verdict_names[v]);
	case WORD:
	case TEXT:
		break;
	}
	return text_json(at);
}

static json_t *object_of(const struct member *members, const void *from)
{
	_cleanup_(json_decrefp) json_t *o = json_object();

	for (const struct member *m = members; o && m->key; m++)
		if (json_object_set_new(o, m->key, value_of(m, from)) < 0)
			return NULL;
	return take_ptr(o);
}

static json_t *document(const struct node_status *s)
{
	_cleanup_(json_decrefp) json_t *doc = object_of(status_members, s);
	json_t *findings = json_array(), *deeds = json_array();
	bool good = doc && json_object_set_new(doc, "schema", json_integer(1)) == 0;

	good = doc && json_object_set_new(doc, "findings", findings) == 0 && good;
	good = doc && json_object_set_new(doc, "deeds", deeds) == 0 && good;
	for (size_t i = 0; good && i < s->n_findings; i++)
		good = json_array_append_new(findings,
					     object_of(finding_members, &s->findings[i])) == 0;
	for (size_t i = 0; good && i < s->n_deeds; i++)
		good = json_array_append_new(deeds, object_of(deed_members, &s->deeds[i])) == 0;
	return good ? take_ptr(doc) : NULL;
}

int node_status_write(const struct node_status *s, struct buf *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = document(s);
	_cleanup_(freep) char *text = doc ? json_text(doc) : NULL;

	if (!text || buf_add_str(ret, text) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int read_verdict(const json_t *o, const char *key, enum node_verdict *ret,
			struct oak_error *err)
{
	const char *word = json_get_str(o, key);

	for (int i = 0; word && i < NODE_VERDICTS; i++)
		if (strcmp(word, verdict_names[i]) == 0) {
			*ret = (enum node_verdict)i;
			return 0;
		}
	return oak_fail(err, OAK_E_FORMAT, "%s: not one of ok, unknown, warning, critical", key);
}

static int read_truth(const json_t *o, const char *key, bool *ret, struct oak_error *err)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_boolean(v))
		return oak_fail(err, OAK_E_FORMAT, "%s: must be true or false", key);
	*ret = json_is_true(v);
	return 0;
}

static int read_member(const struct member *m, const json_t *o, void *to, struct oak_error *err)
{
	char *at = (char *)to + m->at;
	uint64_t number = 0;
	uint32_t n;
	int64_t time_s;
	bool truth = false;
	enum node_verdict v = NODE_UNKNOWN;
	int r;

	switch (m->kind) {
	case NUMBER:
		r = member_number(o, m->key, UINT32_MAX, 0, &number, err);
		n = (uint32_t)number;
		memcpy(at, &n, sizeof(n));
		return r;
	case TIME:
		r = member_number(o, m->key, CANONICAL_INTEGER_MAX, 0, &number, err);
		time_s = (int64_t)number;
		memcpy(at, &time_s, sizeof(time_s));
		return r;
	case TRUTH:
		r = read_truth(o, m->key, &truth, err);
		memcpy(at, &truth, sizeof(truth));
		return r;
	case VERDICT:
		r = read_verdict(o, m->key, &v, err);
		memcpy(at, &v, sizeof(v));
		return r;
	case WORD:
	case TEXT:
		break;
	}
	return member_line(o, m->key, at, m->kind == WORD ? NODE_WORD_MAX : NODE_TEXT_MAX, err);
}

static int read_object(const struct member *members, const json_t *o, void *to,
		       struct oak_error *err)
{
	int r = 0;

	for (const struct member *m = members; r == 0 && m->key; m++)
		r = read_member(m, o, to, err);
	return r;
}

/* A list of objects of one kind. */
struct list {
	const char *key;
	const struct member *members;
	void *to;
	size_t size, max;
};

static int read_list(const json_t *doc, const struct list *l, size_t *ret_n, struct oak_error *err)
{
	const json_t *array = NULL, *o;
	size_t i;
	int r = member_objects(doc, l->key, l->max, &array, err);

	json_array_foreach(array, i, o)
	{
		if (r == 0)
			r = read_object(l->members, o, (char *)l->to + i * l->size, err);
	}
	if (r == 0)
		*ret_n = json_array_size(array);
	return r < 0 ? oak_context(err, "%s", l->key) : 0;
}

int node_status_parse(const void *data, size_t len, struct node_status *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	_cleanup_(freep) struct node_status *s = calloc(1, sizeof(*s));
	struct list findings = { "findings", finding_members, NULL, sizeof(s->findings[0]),
				 NODE_FINDINGS_MAX };
	struct list deeds = { "deeds", deed_members, NULL, sizeof(s->deeds[0]), NODE_DEEDS_MAX };
	int r = s ? json_parse(data, len, NODE_STATUS_BYTES_MAX, "node.json", &doc, err)
		  : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r < 0)
		return r;
	findings.to = s->findings;
	deeds.to = s->deeds;
	if (!json_is_object(doc) || json_integer_value(json_object_get(doc, "schema")) != 1)
		r = oak_fail(err, OAK_E_FORMAT, "schema: not 1; this oakum-node is too old or new");
	if (r == 0)
		r = read_object(status_members, doc, s, err);
	if (r == 0)
		r = read_list(doc, &findings, &s->n_findings, err);
	if (r == 0)
		r = read_list(doc, &deeds, &s->n_deeds, err);
	if (r < 0)
		return oak_context(err, "node.json");
	*ret = *s;
	return 0;
}
