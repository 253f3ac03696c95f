/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/hooks/format.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/hooks/message.h"

#define EVENT_MAX (1u << 20)

static json_t *as_event(const json_t *event)
{
	return json_deep_copy(event);
}

/* As code: nothing within it is markup. What would end the code becomes what looks like it. */
static int put_code(struct buf *b, const char *value)
{
	static const struct {
		char c;
		const char *as;
	} escapes[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '`', "'" } };
	int r = buf_add_str(b, "`");

	for (; r == 0 && *value; value++) {
		const char *as = NULL;

		for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
			if (escapes[i].c == *value)
				as = escapes[i].as;
		r = buf_add(b, as ? as : value, as ? strlen(as) : 1);
	}
	return r ? r : buf_add_str(b, "`");
}

static json_t *as_slack(const json_t *event)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct hook_message m;
	int r;

	hook_message(event, &m);
	r = buf_printf(&b, "*Oakum: %s*", m.title);
	for (size_t i = 0; r == 0 && i < m.n; i++) {
		r = buf_printf(&b, "\n%s: ", m.facts[i].label);
		if (r == 0)
			r = put_code(&b, m.facts[i].value);
	}
	return r ? NULL : json_pack("{s:s%}", "text", buf_str(&b), b.len);
}

static json_t *run_of(const char *text, bool strong)
{
	return json_pack("{s:s, s:s, s:s}", "type", "TextRun", "text", text, "weight",
			 strong ? "Bolder" : "Default");
}

static int add_fact(json_t *body, const struct hook_fact *fact)
{
	json_t *block = json_pack("{s:s, s:s, s:[o, o, o]}", "type", "RichTextBlock", "spacing",
				  "None", "inlines", run_of(fact->label, true), run_of(": ", true),
				  run_of(fact->value, false));

	return block ? json_array_append_new(body, block) : -1;
}

static json_t *as_teams(const json_t *event)
{
	static const char *const colors[] = {
		[HOOK_PLAIN] = "Default", [HOOK_GOOD] = "Good", [HOOK_LOOK] = "Warning", [HOOK_BAD] = "Attention"
	};
	_cleanup_(json_decrefp) json_t *body = NULL;
	struct hook_message m;

	hook_message(event, &m);
	body = json_pack("[{s:s, s:s+, s:s, s:s, s:b}]", "type", "TextBlock", "text",
			 "Oakum: ", m.title, "weight", "Bolder", "color", colors[m.mood], "wrap",
			 1);
	for (size_t i = 0; body && i < m.n; i++)
		if (add_fact(body, &m.facts[i]) < 0)
			return NULL;
	return json_pack("{s:s, s:[{s:s, s:n, s:{s:s, s:s, s:s, s:O}}]}", "type", "message",
			 "attachments", "contentType", "application/vnd.microsoft.card.adaptive",
			 "contentUrl", "content", "$schema",
			 "http://adaptivecards.io/schemas/adaptive-card.json", "type",
			 "AdaptiveCard", "version", "1.2", "body", body);
}

static const struct {
	const char *name;
	json_t *(*body)(const json_t *event);
} formats[] = {
	{ "event", as_event },
	{ "slack", as_slack },
	{ "teams", as_teams },
};

bool hook_format_known(const char *format)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, format) == 0)
			return true;
	return false;
}

int hook_body(const char *format, const char *event, char **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL, *body = NULL;
	char *text;
	int r = json_parse(event, strlen(event), EVENT_MAX, "event", &doc, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, format) == 0)
			body = formats[i].body(doc);
	if (!hook_format_known(format))
		return oak_fail(err, OAK_E_FORMAT, "format: must be " HOOK_FORMATS);
	text = body ? json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = text;
	return 0;
}
