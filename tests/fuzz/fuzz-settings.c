/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is accepted is accepted again, and means the same, when it is written anew. */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "host/settings-value.h"
#include "host/settings.h"

static void check_same(const char *a, const char *b)
{
	FUZZ_CHECK(!a == !b);
	if (a && b)
		FUZZ_CHECK(strcmp(a, b) == 0);
}

static void check_windows(const struct settings *s)
{
	struct time_window v[SETTINGS_WINDOWS_MAX];
	_cleanup_(buf_free) struct buf text = { 0 };
	size_t n;

	FUZZ_CHECK(windows_format(s->windows, s->n_windows, &text) == 0);
	FUZZ_CHECK(windows_parse(buf_str(&text), v, sizeof(v) / sizeof(v[0]), &n) == 0 &&
		   n == s->n_windows);
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(v[i].days == s->windows[i].days && v[i].from == s->windows[i].from &&
			   v[i].to == s->windows[i].to);
}

/* Every value has a JSON form; of a URL no user is in it. */
static void check_json(const struct settings *s)
{
	_cleanup_(json_decrefp) json_t *json = settings_json(s);
	const char *url;

	FUZZ_CHECK(json);
	url = json_string_value(json_object_get(json, "repository"));
	FUZZ_CHECK(!url || !strstr(url, "://") || !strchr(url, '@'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(settings_free) struct settings s = { 0 }, again = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	char value[VALUE_TEXT_MAX];
	struct oak_error err;
	int r = 0;

	if (settings_parse("oakum.conf", data, size, &s, &err) < 0) {
		FUZZ_CHECK(strncmp(err.msg, "oakum.conf:", 11) == 0);
		return 0;
	}
	/* Without spaces: the line may be as long as lines can be. */
	if (s.repository)
		r = buf_printf(&text, "repository=%s\n", s.repository);
	if (s.channel)
		r |= buf_printf(&text, "channel=%s\n", s.channel);
	if (s.skip)
		r |= buf_printf(&text, "skip=%s\n", s.skip);
	duration_format(s.delay_s, value);
	r |= buf_printf(&text, "delay=%s\n", value);
	pin_format(&s.pin, value);
	r |= buf_printf(&text, "pin=%s\n", value);
	FUZZ_CHECK(r == 0);
	FUZZ_CHECK(settings_parse("oakum.conf", text.data, text.len, &again, &err) == 0);
	check_same(s.repository, again.repository);
	check_same(s.channel, again.channel);
	check_same(s.skip, again.skip);
	FUZZ_CHECK(s.delay_s == again.delay_s && s.pin.level == again.pin.level &&
		   s.pin.until_s == again.pin.until_s);
	check_windows(&s);
	check_json(&s);
	return 0;
}
