/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/status.h"

#include "cli/oakum.h"
#include "host/host.h"
#include "trust/date.h"

static json_t *time_json(int64_t s)
{
	char date[DATE_TEXT_MAX];

	if (!s)
		return json_null();
	date_format(s, date);
	return json_string(date);
}

/* Text of others need not be UTF-8; then it is left out. */
static json_t *text_json(const char *text)
{
	json_t *j = text && text[0] ? json_string(text) : NULL;

	return j ? j : json_null();
}

static json_t *functions_json(const struct livepatch *p)
{
	json_t *list = json_array();

	for (size_t i = 0; list && p && i < p->n_functions; i++)
		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:i}", "object",
							    p->functions[i].object, "name",
							    p->functions[i].name, "sympos",
							    (int)p->functions[i].sympos));
	return list;
}

static json_t *foreign_json(const struct host *h)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < h->patches.n; i++)
		if (!h->patches.patches[i].level)
			(void)json_array_append_new(list, json_string(h->patches.patches[i].name));
	return list;
}

static json_t *withheld_json(const struct picture *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_withheld; i++) {
		const struct picture_withheld *w = &p->withheld[i];
		json_t *cves = json_array();

		for (size_t k = 0; k < w->n_cves; k++)
			(void)json_array_append_new(cves, json_string(w->cves[k]));
		(void)json_array_append_new(list, json_pack("{s:I, s:o, s:o, s:o}", "level",
							    (json_int_t)w->level, "why",
							    text_json(w->why), "until",
							    time_json(w->until), "cves", cves));
	}
	return list;
}

static json_t *quarantine_json(const struct picture *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_quarantine; i++)
		(void)json_array_append_new(list, json_pack("{s:I, s:o, s:o}", "level",
							    (json_int_t)p->quarantine[i].level,
							    "since", time_json(p->quarantine[i].at),
							    "why", text_json(p->quarantine[i].why)));
	return list;
}

static json_t *verdict_json(const struct verdict_report *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n; i++)
		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "id",
							    v->findings[i].id, "verdict",
							    verdict_name(v->findings[i].verdict),
							    "text", text_json(v->findings[i].text)));
	return json_pack("{s:s, s:o}", "verdict", verdict_name(v->worst), "findings", list);
}

static void set(json_t *doc, const char *key, json_t *value)
{
	(void)json_object_set_new(doc, key, value);
}

/* What is the kernel's, as ever. */
static void add_kernel(json_t *doc, const struct picture *p)
{
	const struct livepatch *l = p->level;
	const struct manifest *m = p->manifest;

	set(doc, "kernel", oakum_json_kernel(&p->host));
	set(doc, "level", l ? json_integer(l->level) : json_null());
	set(doc, "state", json_string(level_state_name(p->state)));
	set(doc, "enabled", json_boolean(l && l->enabled));
	set(doc, "transition", json_boolean(l && l->transition));
	set(doc, "functions", functions_json(l));
	set(doc, "complete", m ? json_boolean(p->complete) : json_null());
	set(doc, "channel", m ? json_string(m->channel) : json_null());
	set(doc, "fixes", m ? oakum_json_fixes(m) : json_array());
	set(doc, "cves", m ? oakum_json_cves(m) : json_array());
	set(doc, "foreign", foreign_json(&p->host));
	set(doc, "effective_version", text_json(picture_effective_version(p)));
}

static void add_level(json_t *doc, const struct picture *p)
{
	set(doc, "since", time_json(p->since));
	set(doc, "settled", json_boolean(p->settled));
	set(doc, "soak_until", time_json(p->soak_until));
	set(doc, "withheld", withheld_json(p));
	set(doc, "quarantine", quarantine_json(p));
	set(doc, "reverted_by_hand",
	    p->reverted_by_hand ? json_integer(p->reverted_by_hand) : json_null());
	set(doc, "containers",
	    json_pack("{s:I, s:I}", "running", (json_int_t)p->containers, "unbroken",
		      (json_int_t)p->containers_unbroken));
}

static json_t *held_json(const struct picture_fleet *f)
{
	if (!f->held_level)
		return json_null();
	return json_pack("{s:i, s:o, s:o}", "level", (int)f->held_level, "since",
			 time_json(f->held_since), "why", text_json(f->held_why));
}

/* null: no fleet's server knows this host. */
static json_t *fleet_json(const struct picture *p)
{
	const struct picture_fleet *f = &p->fleet;

	if (!f->server[0] && !f->broken)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "server",
			 text_json(f->server), "host", text_json(f->host), "ring",
			 text_json(f->ring), "heard", time_json(f->heard), "issued",
			 time_json(f->issued), "expires", time_json(f->expires), "reported",
			 time_json(f->reported), "held", held_json(f), "alone", f->alone, "refused",
			 text_json(f->code), "error", text_json(f->error));
}

static void add_agent(json_t *doc, const struct picture *p)
{
	set(doc, "agent", json_pack("{s:b}", "running", p->agent_runs));
	set(doc, "switch",
	    json_pack("{s:b, s:o}", "off", p->switched_off, "by", text_json(p->switched)));
	set(doc, "check",
	    json_pack("{s:o, s:o, s:o, s:o, s:b}", "answered", time_json(p->checked), "tried",
		      time_json(p->tried), "error", text_json(p->check_error), "newest",
		      p->newest ? json_integer(p->newest) : json_null(), "no_level", p->no_level));
	set(doc, "trust_expires", time_json(p->trust_expires));
	set(doc, "cve_database",
	    json_pack("{s:o, s:I, s:o, s:o}", "as_of", time_json(p->cve_as_of), "records",
		      (json_int_t)p->cve_records, "checked", time_json(p->cve_checked), "error",
		      text_json(p->cve_error)));
	set(doc, "mitigations", p->mitigations ? json_incref(p->mitigations) : json_array());
	set(doc, "last",
	    json_pack("{s:o, s:b}", "text", text_json(p->last_result), "failed", p->last_failed));
	set(doc, "next",
	    json_pack("{s:o, s:o}", "text", text_json(p->next), "at", time_json(p->next_at)));
	set(doc, "fleet", fleet_json(p));
	set(doc, "settings_error", text_json(p->settings_error));
	set(doc, "reboot", text_json(p->reboot));
	set(doc, "counts",
	    json_pack("{s:I, s:I, s:I}", "applied", (json_int_t)p->applies, "failed",
		      (json_int_t)p->failures, "reverted", (json_int_t)p->reverts));
}

json_t *status_json(const struct status_view *v)
{
	json_t *doc = json_object();

	if (!doc)
		return NULL;
	add_kernel(doc, v->p);
	add_level(doc, v->p);
	add_agent(doc, v->p);
	set(doc, "health", verdict_json(v->verdict));
	return doc;
}
