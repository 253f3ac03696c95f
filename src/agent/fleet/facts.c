/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fleet/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/deed.h"
#include "agent/fleet/facts-priv.h"
#include "agent/fleet/os-name.h"
#include "agent/verdict.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "host/audit-result.h"
#include "host/container.h"
#include "host/plain.h"
#include "trust/date.h"
#include "trust/fleet/members.h"

#define DEED_MAX     (4u << 20)
#define TEXT_MAX     256
#define WITHHELD_MAX 8
#define STALLS_MAX   5
#define NAMES_MAX    256
#define LEVELS_MAX   64
#define TAGS_MAX     64

static void set(json_t *doc, const char *key, json_t *value)
{
	(void)json_object_set_new(doc, key, value);
}

static json_t *plain_json(const char *text)
{
	char plain[TEXT_MAX];

	plain_copy(plain, sizeof(plain), text);
	return json_string(plain);
}

/* The form that the server wants, or "unknown". */
static json_t *word_json(const char *text)
{
	return json_string(text_follows(text, &fleet_word) ? text : "unknown");
}

static json_t *kernel_json(const struct picture *p)
{
	const char *effective = picture_effective_version(p);
	char plain[64];

	plain_copy(plain, sizeof(plain), effective);
	return json_pack("{s:s, s:o, s:s, s:s}", "build_id", p->host.id.build_id, "release",
			 word_json(p->host.id.release), "arch", identity_arch(), "effective",
			 plain);
}

static const char *state_of(const struct picture *p)
{
	if (!p->level)
		return "none";
	if (p->state == LEVEL_APPLYING)
		return p->last_failed ? "stalled" : "applying";
	if (p->state == LEVEL_REVERTING)
		return "reverting";
	return p->settled ? "settled" : "soaking";
}

static json_t *level_json(const struct picture *p)
{
	json_t *doc = json_pack("{s:i, s:s}", "number", p->level ? (int)p->level->level : 0,
				"state", state_of(p));

	if (p->since)
		set(doc, "since", json_integer((json_int_t)p->since));
	return doc;
}

static json_t *withheld_json(const struct picture *p)
{
	json_t *list = json_array();

	for (size_t i = p->n_withheld; i-- > 0 && json_array_size(list) < WITHHELD_MAX;)
		(void)json_array_append_new(list, json_pack("{s:i, s:o}", "level",
							    (int)p->withheld[i].level, "why",
							    plain_json(p->withheld[i].why)));
	return list;
}

static json_t *tags_json(const struct settings *s)
{
	_cleanup_(freep) char *copy = strdup(s->tags ? s->tags : "");
	char *rest = copy, *word;
	json_t *list = json_array();

	while (copy && (word = strsep(&rest, " \t")))
		if (text_follows(word, &fleet_tag) && json_array_size(list) < TAGS_MAX)
			(void)json_array_append_new(list, json_string(word));
	return list;
}

static json_t *verdict_json(const struct picture *p, int64_t now_s)
{
	static const struct verdict_limits limits = VERDICT_LIMITS_OTHERWISE;
	static const char *const names[] = { "ok", "warning", "critical", "unknown" };
	_cleanup_(freep) struct verdict_report *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	verdict_of(p, &limits, now_s, v);
	return json_pack("{s:s, s:o}", "state", names[v->worst], "text",
			 plain_json(v->n ? v->findings[0].text : v->good));
}

static json_t *containers_json(int root, const struct picture *p)
{
	_cleanup_(container_list_free) struct container_list list = { 0 };
	json_t *doc = json_pack("{s:I}", "count", (json_int_t)p->containers);
	json_t *names = json_array();

	if (p->settings.report_containers == CONTAINERS_NAMED &&
	    container_list_read(root, &list, NULL) == 0) {
		for (size_t i = 0; i < list.n && i < NAMES_MAX; i++)
			if (!list.containers[i].vm[0])
				(void)json_array_append_new(names,
							    plain_json(list.containers[i].name));
		(void)json_object_set(doc, "names", names);
	}
	json_decref(names);
	return doc;
}

/* Since the boot; "12.34 5.67". */
static json_int_t uptime_s(int root)
{
	_cleanup_(freep) char *line = NULL;
	json_int_t n = 0;

	if (file_read_line(root, "proc/uptime", &line, NULL) < 0)
		return 0;
	for (const char *c = line; *c >= '0' && *c <= '9' && n < 10000000000; c++)
		n = 10 * n + (*c - '0');
	return n;
}

static json_t *boot_json(const struct picture *p)
{
	char hash[SHA256_HEX_MAX];

	sha256_hex(p->host.id.boot_id, strlen(p->host.id.boot_id), hash);
	hash[16] = '\0';
	return json_string(hash);
}

static json_t *os_json(int root)
{
	struct os_name os;
	json_t *doc = json_object();

	os_name_read(root, &os);
	if (os.id[0])
		set(doc, "id", json_string(os.id));
	if (os.version[0])
		set(doc, "version", json_string(os.version));
	return doc;
}

static void add_name(int root, json_t *doc)
{
	_cleanup_(freep) char *name = NULL;

	if (file_read_line(root, "proc/sys/kernel/hostname", &name, NULL) == 0)
		set(doc, "name", plain_json(name));
}

/* What came of the last deed: its own report (agent/deed.h), which root wrote. */
static json_t *read_deed(int root)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	json_t *doc = NULL;

	if (file_read(root, DEED_REPORT_PATH, DEED_MAX, &text, NULL) < 0 ||
	    json_parse(text.data, text.len, DEED_MAX, "report.json", &doc, NULL) < 0)
		return NULL;
	return doc;
}

static json_t *stalls_json(const json_t *deed)
{
	const json_t *tasks = json_object_get(json_object_get(deed, "stall"), "tasks"), *task;
	json_t *list = json_array();
	size_t i;

	json_array_foreach(tasks, i, task)
	{
		const json_t *container = json_object_get(task, "container");
		const char *function = json_get_str(task, "function");
		json_t *one;

		if (i == STALLS_MAX)
			break;
		one = json_pack("{s:o, s:o}", "task", plain_json(json_get_str(task, "comm")), "why",
				plain_json(function ? function : "has not switched"));
		if (json_get_str(container, "name"))
			set(one, "container", plain_json(json_get_str(container, "name")));
		(void)json_array_append_new(list, one);
	}
	return list;
}

/* A level that could not be begun has not failed: what holds it goes away. */
static void add_deed(json_t *local, const json_t *deed)
{
	const json_t *impact = json_object_get(deed, "impact"), *level;
	const char *stage = json_get_str(deed, "stage"), *time = json_get_str(deed, "time");
	const char *message = json_get_str(json_object_get(deed, "error"), "message");
	double transition = json_number_value(json_object_get(deed, "transition_ms"));
	double gap = json_number_value(json_object_get(impact, "gap_ms"));
	int64_t at = 0;

	level = json_object_get(deed, "level");
	if (!json_is_integer(level) || json_integer_value(level) < 1 || !time ||
	    date_parse(time, &at) < 0)
		return;
	if (message && stage && strcmp(stage, "kernel") == 0)
		set(local, "failed",
		    json_pack("{s:I, s:o, s:I}", "level", json_integer_value(level), "why",
			      plain_json(message), "at", (json_int_t)at));
	set(local, "impact_level", json_integer(json_integer_value(level)));
	set(local, "transition_ms",
	    json_integer(transition > 0 && transition < 4e9 ? (json_int_t)transition : 0));
	set(local, "gap_us", json_integer(gap > 0 && gap < 4e6 ? (json_int_t)(gap * 1000) : 0));
}

static json_t *local_json(const struct picture *p, const json_t *deed)
{
	json_t *local = json_object(), *list = json_array();

	for (size_t i = 0; i < p->n_quarantine; i++)
		(void)json_array_append_new(list, json_pack("{s:i, s:o}", "level",
							    (int)p->quarantine[i].level, "why",
							    plain_json(p->quarantine[i].why)));
	set(local, "quarantine", list);
	set(local, "switched", plain_json(p->switched));
	add_deed(local, deed);
	return local;
}

static json_t *quarantined_json(const struct picture *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_quarantine && i < LEVELS_MAX; i++)
		(void)json_array_append_new(list, json_integer(p->quarantine[i].level));
	return list;
}

/* Of the last month; one whose day is to come was made under another clock. */
static void add_audit(int root, int64_t now_s, json_t *doc)
{
	struct audit_result a;

	if (audit_result_read(root, &a, NULL) < 0 || a.at_s > now_s ||
	    now_s - a.at_s > AUDIT_RESULT_OLD_S)
		return;
	set(doc, "audit",
	    json_pack("{s:I, s:I}", "score", (json_int_t)a.score, "failed", (json_int_t)a.failed));
}

static void add_allowed(int root, const struct picture *p, const json_t *deed, int64_t now_s,
			json_t *doc)
{
	const struct settings *s = &p->settings;
	json_t *cves = s->report_cves == SETTINGS_YES ? fleet_facts_cves(root) : NULL;

	/* Settings that cannot be read allow nothing. */
	if (p->settings_error[0]) {
		json_decref(cves);
		return;
	}
	if (s->report_name == SETTINGS_YES)
		add_name(root, doc);
	if (cves)
		set(doc, "cves", cves);
	if (s->report_containers != CONTAINERS_SECRET)
		set(doc, "containers", containers_json(root, p));
	if (s->report_stalls == SETTINGS_YES)
		set(doc, "stalls", stalls_json(deed));
	if (s->report_audit == SETTINGS_YES)
		add_audit(root, now_s, doc);
}

json_t *fleet_facts(int root, const struct picture *p, int64_t now_s)
{
	_cleanup_(json_decrefp) json_t *deed = read_deed(root);
	json_t *doc = json_object();

	set(doc, "agent", json_string(OAK_VERSION));
	set(doc, "boot", boot_json(p));
	set(doc, "uptime_s", json_integer(uptime_s(root)));
	set(doc, "kernel", kernel_json(p));
	set(doc, "os", os_json(root));
	set(doc, "tags", tags_json(&p->settings));
	set(doc, "level", level_json(p));
	set(doc, "newest", json_integer(p->newest));
	set(doc, "withheld", withheld_json(p));
	set(doc, "quarantined", quarantined_json(p));
	set(doc, "verdict", verdict_json(p, now_s));
	add_allowed(root, p, deed, now_s, doc);
	set(doc, "local", local_json(p, deed));
	return doc;
}

int fleet_facts_write(int root, const struct picture *p, int64_t now_s, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = fleet_facts(root, p, now_s);
	_cleanup_(freep) char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(root, FACTS_PATH, text, strlen(text), 0600, err);
}
