/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source: SARIF 2.1.0, OASIS Standard, sections 3.19 (tool component), 3.27 (result). */
#include "audit/report.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define URI_MAX 2048

/* What a check's findings are at worst; services that show SARIF read it. */
static const struct {
	const char *level;
	const char *score; /* "security-severity", as of CVSS */
} severities[AUDIT_SEVERITIES] = {
	[AUDIT_LOW] = { "note", "2.0" },
	[AUDIT_MEDIUM] = { "warning", "5.0" },
	[AUDIT_HIGH] = { "error", "8.0" },
	[AUDIT_CRITICAL] = { "error", "9.5" },
};

static const char *const kinds[AUDIT_VERDICTS] = {
	[AUDIT_FAIL] = "fail",          [AUDIT_WARN] = "fail",
	[AUDIT_CONFLICT] = "review",    [AUDIT_UNKNOWN] = "open",
	[AUDIT_INFO] = "informational", [AUDIT_INAPPLICABLE] = "notApplicable",
	[AUDIT_PASS] = "pass",
};

static json_t *text_json(const char *text)
{
	return json_pack("{s:s}", "text", text);
}

static json_t *rule_json(const struct audit_table *t, const struct audit_check *c)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:{s:s}, s:{s:s, s:[s]}}", "id", c->id,
			 "shortDescription", text_json(c->title), "fullDescription",
			 text_json(c->why), "help", text_json(c->fix ? c->fix : c->manual),
			 "defaultConfiguration", "level", severities[c->severity].level,
			 "properties", "security-severity", severities[c->severity].score, "tags",
			 t->group);
}

/* A level is for what failed; a warning is not an error, however grave its check. */
static const char *level_of(const struct finding *f)
{
	if (f->verdict == AUDIT_FAIL)
		return severities[f->check->severity].level;
	if (f->verdict == AUDIT_WARN)
		return f->check->severity >= AUDIT_MEDIUM ? "warning" : "note";
	return "none";
}

/* "file:///etc/docker/daemon.json" */
static void uri_of(const char *path, char ret[URI_MAX])
{
	size_t n = (size_t)snprintf(ret, URI_MAX, "file://");

	for (; *path && n + 4 < URI_MAX; path++) {
		unsigned char c = (unsigned char)*path;

		if (isalnum(c) || strchr("-._~/", c))
			ret[n++] = (char)c;
		else
			n += (size_t)snprintf(ret + n, 4, "%%%02X", c);
	}
	ret[n] = '\0';
}

static json_t *locations_json(const struct finding *f)
{
	json_t *location = json_object();

	if (f->n_seen && f->seen[0].file[0] == '/') {
		char uri[URI_MAX];

		uri_of(f->seen[0].file, uri);
		(void)json_object_set_new(location, "physicalLocation",
					  json_pack("{s:{s:s}}", "artifactLocation", "uri", uri));
	}
	(void)json_object_set_new(location, "logicalLocations",
				  json_pack("[{s:s, s:s}]", "fullyQualifiedName", f->subject,
					    "kind", "resource"));
	return json_pack("[o]", location);
}

static json_t *message_json(const struct finding *f)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = buf_printf(&b, "%s: %s", f->subject, f->check->title);

	for (size_t i = 0; r == 0 && i < f->n_seen; i++)
		r = buf_printf(&b, "\n%s: %s", f->seen[i].file, f->seen[i].value);
	return r == 0 ? text_json(buf_str(&b)) : NULL;
}

static json_t *result_json(const struct finding *f, size_t rule)
{
	json_t *j = json_pack("{s:s, s:I, s:s, s:s, s:o, s:o, s:{s:s+++}}", "ruleId", f->check->id,
			      "ruleIndex", (json_int_t)rule, "kind", kinds[f->verdict], "level",
			      level_of(f), "message", message_json(f), "locations",
			      locations_json(f), "partialFingerprints", "oakum/v1", f->check->id,
			      " ", f->subject, "");

	if (j && f->accepted)
		(void)json_object_set_new(j, "suppressions",
					  json_pack("[{s:s, s:s}]", "kind", "external",
						    "justification", f->accepted));
	return j;
}

static size_t rule_index(const struct finding *f)
{
	size_t n = 0;

	for (size_t i = 0; audit_tables[i] != f->table; i++)
		n += audit_tables[i]->n;
	return n + (size_t)(f->check - f->table->rows);
}

static json_t *tool_json(void)
{
	json_t *rules = json_array();

	for (size_t i = 0; audit_tables[i]->n; i++)
		for (size_t k = 0; k < audit_tables[i]->n; k++)
			(void)json_array_append_new(rules, rule_json(audit_tables[i],
								     &audit_tables[i]->rows[k]));
	return json_pack("{s:{s:s, s:s, s:o}}", "driver", "name", "oakum audit", "version",
			 OAK_VERSION, "rules", rules);
}

int report_sarif(const struct audit *a, report_out *out, void *ctx, struct oak_error *err)
{
	int r = out(ctx,
		    "{\n  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
		    "  \"version\": \"2.1.0\",\n  \"runs\": [{\"columnKind\": "
		    "\"unicodeCodePoints\",\n  \"tool\": ",
		    err);

	if (r == 0)
		r = report_value(tool_json(), out, ctx, err);
	if (r == 0)
		r = out(ctx, ",\n  \"results\": [", err);
	for (size_t i = 0; r == 0 && i < a->n; i++) {
		const struct finding *f = &a->findings[i];

		r = out(ctx, i ? ",\n    " : "\n    ", err);
		if (r == 0)
			r = report_value(result_json(f, rule_index(f)), out, ctx, err);
	}
	return r == 0 ? out(ctx, "\n  ]}]\n}\n", err) : r;
}
