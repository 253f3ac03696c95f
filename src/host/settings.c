/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/number.h"
#include "host/settings-keys.h"
#include "host/settings-value.h"
#include "host/vex/write.h"

#define CHANNEL_MAX 64

/* Each check returns what the value should be, or NULL where it is fine. */
static const char *check_repository(const char *value)
{
	static const char *const schemes[] = { "https://", "http://", "file:///", "/" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(value, schemes[i], strlen(schemes[i])) == 0 &&
		    !strpbrk(value, " \t\"<>\\^`{|}"))
			return NULL;
	return "a URL that begins with https://, http:// or file:///, or a directory";
}

static const char *check_channel(const char *value)
{
	size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-_.");

	return n == strlen(value) && n <= CHANNEL_MAX ? NULL
						      : "a word of a-z, 0-9, '-', '_' and '.'";
}

/* Blanks between; each is a repository. */
static const char *check_mirrors(const char *value)
{
	_cleanup_(freep) char *copy = strdup(value);
	char *rest = copy, *word;

	while (copy && (word = strsep(&rest, " \t")))
		if (*word && check_repository(word))
			return "URLs with blanks between, each as 'repository' takes it";
	return NULL;
}

static const char *check_ca(const char *value)
{
	return value[0] == '/' ? NULL : "the absolute path of a PEM file";
}

static const char *check_proxy(const char *value)
{
	static const char *const schemes[] = { "http://", "https://", "socks5://", "socks5h://" };

	if (strcmp(value, "none") == 0)
		return NULL;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(value, schemes[i], strlen(schemes[i])) == 0 &&
		    !strpbrk(value, " \t\"<>\\^`{|}"))
			return NULL;
	return "a URL that begins with http://, https://, socks5:// or socks5h://, or 'none'";
}

static const char *check_path(const char *value)
{
	return value[0] == '/' && !strpbrk(value, " \t") ? NULL : "an absolute path without blanks";
}

/* A file below /usr/share/zoneinfo. */
static const char *check_timezone(const char *value)
{
	static const char chars[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

	return value[0] != '/' && strspn(value, chars) == strlen(value)
		       ? NULL
		       : "a zone like Europe/Berlin, or 'system'";
}

static const char *check_words(const char *value)
{
	for (; *value; value++)
		if (!isalnum((unsigned char)*value) && !strchr("._+~:=- \t", *value))
			return "words of letters, digits and ._+~:=- with blanks between";
	return NULL;
}

static const char *check_vex(const char *value)
{
	static const char blanks[] = " \t";
	char word[16];

	for (value += strspn(value, blanks); *value; value += strspn(value, blanks)) {
		size_t len = strcspn(value, blanks);

		(void)snprintf(word, sizeof(word), "%.*s", (int)(len < 15 ? len : 15), value);
		if (vex_format_parse(word) == VEX_FORMATS)
			return "openvex, csaf, cyclonedx or oval with blanks between, or 'none'";
		value += len;
	}
	return NULL;
}

static const char *const apply_words[] = { "automatic", "report", NULL };
static const char *const boot_words[] = { "cache", "network", "off", NULL };
static const char *const reboot_words[] = { "keep", "clear", NULL };
static const char *const cves_words[] = { "yes", "no", NULL };
static const char *const yes_words[] = { "yes", "no", NULL };
static const char *const containers_words[] = { "yes", "names", "no", NULL };

#define MINUTE 60u
#define HOUR   3600u
#define DAY    86400u

#define AT(member) offsetof(struct settings, member)
#define TEXT(key, fallback_text, unset_word, check_fn)                                          \
	{                                                                                       \
		.name = #key, .kind = KEY_TEXT, .offset = AT(key), .fallback = (fallback_text), \
		.unset = (unset_word), .check = (check_fn)                                      \
	}
#define DURATION(key, member, fallback_text, least, most)                  \
	{                                                                  \
		.name = (key), .kind = KEY_DURATION, .offset = AT(member), \
		.fallback = (fallback_text), .min = (least), .max = (most) \
	}
#define WORD(key, member, fallback_text, names)                        \
	{                                                              \
		.name = (key), .kind = KEY_WORD, .offset = AT(member), \
		.fallback = (fallback_text), .words = (names)          \
	}

const struct settings_key settings_keys[] = {
	TEXT(repository, NULL, NULL, check_repository),
	TEXT(mirrors, NULL, "none", check_mirrors),
	TEXT(channel, NULL, NULL, check_channel),
	TEXT(ca, NULL, NULL, check_ca),
	TEXT(proxy, NULL, NULL, check_proxy),
	TEXT(tags, NULL, "none", check_words),
	WORD("cves", cves, "yes", cves_words),
	DURATION("poll", poll_s, "1h", 5 * MINUTE, 7 * DAY),
	DURATION("jitter", jitter_s, "10m", 0, 7 * DAY),
	WORD("apply", apply, "automatic", apply_words),
	DURATION("delay", delay_s, "0", 0, 365 * DAY),
	{ .name = "pin", .kind = KEY_PIN, .offset = AT(pin), .fallback = "none" },
	{ .name = "windows", .kind = KEY_WINDOWS, .offset = AT(windows), .fallback = "any" },
	TEXT(timezone, NULL, "system", check_timezone),
	WORD("severity", severity, "low", severity_names),
	TEXT(skip, NULL, "none", check_words),
	WORD("boot", boot, "cache", boot_words),
	{ .name = "pressure",
	  .kind = KEY_NUMBER,
	  .offset = AT(pressure),
	  .fallback = "60",
	  .max = 100 },
	DURATION("deadline", deadline_s, "5m", 10, HOUR),
	DURATION("retry", retry_s, "15m", 10, DAY),
	DURATION("soak", soak_s, "10m", 0, DAY),
	TEXT(health, NULL, "none", check_path),
	DURATION("health-interval", health_interval_s, "30s", 1, HOUR),
	TEXT(hooks, "/etc/oakum/hooks", "none", check_path),
	DURATION("hook-timeout", hook_timeout_s, "1m", 1, HOUR),
	TEXT(textfile, "/var/lib/prometheus/node-exporter", "none", check_path),
	TEXT(vex, "openvex", "none", check_vex),
	WORD("reboot-required", reboot, "keep", reboot_words),
	DURATION("fleet-patience", fleet_patience_s, "14d", 0, 365 * DAY),
	WORD("fleet-take-back", fleet_take_back, "yes", yes_words),
	WORD("report-name", report_name, "yes", yes_words),
	WORD("report-cves", report_cves, "yes", yes_words),
	WORD("report-containers", report_containers, "yes", containers_words),
	WORD("report-stalls", report_stalls, "yes", yes_words),
	WORD("report-audit", report_audit, "yes", yes_words),
};
const size_t n_settings_keys = sizeof(settings_keys) / sizeof(settings_keys[0]);

size_t settings_key(const char *name)
{
	size_t i = 0;

	while (i < n_settings_keys && strcmp(settings_keys[i].name, name) != 0)
		i++;
	return i;
}

void *settings_slot(const struct settings_key *key, struct settings *s)
{
	return (char *)s + key->offset;
}

static int take_text(const struct settings_key *key, struct settings *s, const char *value,
		     char want[KEY_WANT_MAX])
{
	char **slot = settings_slot(key, s), *copy = NULL;

	if (!key->unset || strcmp(value, key->unset) != 0) {
		const char *bad = key->check(value);

		if (bad) {
			(void)snprintf(want, KEY_WANT_MAX, "%s", bad);
			return -OAK_E_USAGE;
		}
		copy = strdup(value);
		if (!copy)
			return -OAK_E_NOMEM;
	}
	free(*slot);
	*slot = copy;
	return 0;
}

static int take_duration(const struct settings_key *key, struct settings *s, const char *value,
			 char want[KEY_WANT_MAX])
{
	char min[VALUE_TEXT_MAX], max[VALUE_TEXT_MAX];
	uint32_t n;

	if (duration_parse(value, &n) < 0 || n < key->min || n > key->max) {
		duration_format(key->min, min);
		duration_format(key->max, max);
		(void)snprintf(want, KEY_WANT_MAX, "a time of %s to %s: a number and s, m, h or d",
			       min, max);
		return -OAK_E_USAGE;
	}
	*(uint32_t *)settings_slot(key, s) = n;
	return 0;
}

static int take_number(const struct settings_key *key, struct settings *s, const char *value,
		       char want[KEY_WANT_MAX])
{
	uint32_t n;

	if (number_parse_u32(value, &n) < 0 || n < key->min || n > key->max) {
		(void)snprintf(want, KEY_WANT_MAX, "a number of %u to %u", key->min, key->max);
		return -OAK_E_USAGE;
	}
	*(uint32_t *)settings_slot(key, s) = n;
	return 0;
}

static int take_word(const struct settings_key *key, struct settings *s, const char *value,
		     char want[KEY_WANT_MAX])
{
	size_t len = 0;

	for (uint32_t i = 0; key->words[i]; i++)
		if (strcmp(key->words[i], value) == 0) {
			*(uint32_t *)settings_slot(key, s) = i;
			return 0;
		}
	for (size_t i = 0; key->words[i] && len < KEY_WANT_MAX; i++)
		len += (size_t)snprintf(want + len, KEY_WANT_MAX - len, "%s'%s'",
					i == 0              ? ""
					: key->words[i + 1] ? ", "
							    : " or ",
					key->words[i]);
	return -OAK_E_USAGE;
}

static int take_pin(const struct settings_key *key, struct settings *s, const char *value,
		    char want[KEY_WANT_MAX])
{
	if (pin_parse(value, settings_slot(key, s)) == 0)
		return 0;
	(void)snprintf(want, KEY_WANT_MAX, "a level, a day like 2026-11-01, or 'none'");
	return -OAK_E_USAGE;
}

static int take_windows(const struct settings_key *key, struct settings *s, const char *value,
			char want[KEY_WANT_MAX])
{
	struct time_window v[SETTINGS_WINDOWS_MAX] = { 0 };

	(void)key;
	if (windows_parse(value, v, sizeof(v) / sizeof(v[0]), &s->n_windows) == 0) {
		memcpy(s->windows, v, sizeof(v));
		return 0;
	}
	(void)snprintf(want, KEY_WANT_MAX,
		       "'any', or like Mon-Fri 22:00-04:00; Sat,Sun 00:00-24:00 (at most %d)",
		       SETTINGS_WINDOWS_MAX);
	return -OAK_E_USAGE;
}

int settings_take(const struct settings_key *key, struct settings *s, const char *value,
		  char want[KEY_WANT_MAX])
{
	static int (*const takers[])(const struct settings_key *key, struct settings *s,
				     const char *value, char want[KEY_WANT_MAX]) = {
		[KEY_TEXT] = take_text,     [KEY_DURATION] = take_duration,
		[KEY_NUMBER] = take_number, [KEY_WORD] = take_word,
		[KEY_PIN] = take_pin,       [KEY_WINDOWS] = take_windows,
	};

	return takers[key->kind](key, s, value, want);
}

int settings_init(struct settings *ret, struct oak_error *err)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	char want[KEY_WANT_MAX];

	for (size_t i = 0; i < n_settings_keys; i++) {
		const struct settings_key *key = &settings_keys[i];

		/* Defaults follow their own rules: a test reads the example file. */
		if (key->fallback && settings_take(key, &s, key->fallback, want) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	*ret = s;
	s = (struct settings){ 0 };
	return 0;
}

void settings_free(struct settings *s)
{
	for (size_t i = 0; i < n_settings_keys; i++)
		if (settings_keys[i].kind == KEY_TEXT)
			free(*(char **)settings_slot(&settings_keys[i], s));
	*s = (struct settings){ 0 };
}

int settings_check(const char *key, const char *value, struct oak_error *err)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	size_t i = settings_key(key);
	char want[KEY_WANT_MAX];
	int r;

	if (i == n_settings_keys)
		return oak_fail(err, OAK_E_USAGE, "unknown key '%.40s'", key);
	if (!value[0])
		return oak_fail(err, OAK_E_USAGE, "%s '': must be not empty", key);
	r = settings_take(&settings_keys[i], &s, value, want);
	if (r == -OAK_E_NOMEM)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r < 0 ? oak_fail(err, OAK_E_USAGE, "%s '%s': must be %s", key, value, want) : 0;
}

bool settings_lists(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (list && *list) {
		size_t n = strcspn(list, " \t");

		if (n == len && len && memcmp(list, word, n) == 0)
			return true;
		list += n + strspn(list + n, " \t");
	}
	return false;
}
