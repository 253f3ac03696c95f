/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/view.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "fleet/web/page.h"

#define NOTHING "\u2013"

const char *view_str(const json_t *object, const char *name)
{
	const char *text = json_get_str(object, name);

	return text ? text : "";
}

int64_t view_int(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

void view_set(json_t *object, const char *name, json_t *value, bool *bad)
{
	if (json_object_set_new(object, name, value) < 0)
		*bad = true;
}

static const struct {
	const char *word, *tone;
} tones[] = {
	{ "ok", "good" },        { "settled", "good" },   { "well", "good" },
	{ "completed", "good" }, { "warning", "warn" },   { "soaking", "busy" },
	{ "applying", "busy" },  { "reverting", "warn" }, { "applied", "busy" },
	{ "granted", "busy" },   { "running", "busy" },   { "paused", "warn" },
	{ "critical", "bad" },   { "stalled", "bad" },    { "failed", "bad" },
	{ "halted", "bad" },     { "silent", "warn" },    { "held", "warn" },
};

static const char *const severities[] = { "critical", "high", "medium", "low" };

const char *view_tone(const char *word)
{
	for (size_t i = 0; i < sizeof(tones) / sizeof(tones[0]); i++)
		if (!strcmp(tones[i].word, word))
			return tones[i].tone;
	return "off";
}

const char *view_severity(const char *severity)
{
	for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
		if (!strcmp(severities[i], severity))
			return severities[i];
	return "unknown";
}

json_t *view_badge(const char *word)
{
	return word[0] ? web_badge(view_tone(word), word) : json_null();
}

json_t *view_query(const char *path, const char *name, const char *value)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	if (buf_add_str(&b, path) || web_add_query(&b, name, value))
		return NULL;
	return json_string(buf_str(&b));
}

/* As a value of a query is encoded, so may a part of a path be. */
json_t *view_path(const char *path, const char *part)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	if (web_add_query(&b, "x", part))
		return NULL;
	return json_sprintf("%s/%s", path, b.len ? buf_str(&b) + strlen("?x=") : "");
}

json_t *view_ago(int64_t at_s, int64_t now_s)
{
	char text[WEB_TEXT];

	return json_string(web_ago(at_s, now_s, text));
}

json_t *view_time(int64_t at_s)
{
	char text[WEB_TEXT];

	return json_string(at_s ? web_time(at_s, text) : NOTHING);
}

json_t *view_count(int64_t n)
{
	char text[WEB_TEXT];

	return json_string(web_count(n, text));
}

json_t *view_number(const json_t *n)
{
	return json_is_integer(n) ? view_count(json_integer_value(n)) : json_string(NOTHING);
}

json_t *view_micros(int64_t us)
{
	if (us < 1000)
		return json_sprintf("%" PRId64 " \u00b5s", us);
	if (us < 1000000)
		return json_sprintf("%" PRId64 ".%" PRId64 " ms", us / 1000, us % 1000 / 100);
	return json_sprintf("%" PRId64 ".%" PRId64 " s", us / 1000000, us % 1000000 / 100000);
}
