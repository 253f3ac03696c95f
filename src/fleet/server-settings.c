/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/server-settings.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/ini-text.h"
#include "base/words.h"
#include "fleet/hooks/address.h"
#include "fleet/ops/log.h"
#include "fleet/people/person.h"

#define SETTINGS_BYTES_MAX 65536
#define WANT_MAX           160
#define PORT_MAX           65535

enum key_kind {
	KEY_TEXT,
	KEY_SECONDS,
	KEY_NUMBER,
	KEY_WORD, /* bool: the second of two words is true */
	KEY_LEVEL /* of the log */
};

struct key {
	const char *name;
	enum key_kind kind;
	size_t offset;
	const char *fallback; /* NULL: not set */
	const char *below; /* KEY_TEXT: where only "data" is given, this below it is the default */
	uint32_t min, max;
	const char *words[2];
	const char *(*check)(const char *value); /* what it should be; NULL: it is fine */
};

/* Decimal digits alone, without a sign. */
static int number_parse(const char *text, size_t len, uint32_t *ret)
{
	uint32_t n = 0;

	if (len == 0 || len > 10)
		return -1;
	for (size_t i = 0; i < len; i++)
		if (!isdigit((unsigned char)text[i]) || __builtin_mul_overflow(n, 10u, &n) ||
		    __builtin_add_overflow(n, (uint32_t)(text[i] - '0'), &n))
			return -1;
	*ret = n;
	return 0;
}

static const char *check_listen(const char *value)
{
	static const char want[] = "an address and a port: 0.0.0.0:8443, 127.0.0.1:8080, [::]:8443";
	const char *colon = strrchr(value, ':');
	size_t len = colon ? (size_t)(colon - value) : 0;
	uint32_t port;

	if (len == 0 || number_parse(colon + 1, strlen(colon + 1), &port) < 0 || port > PORT_MAX)
		return want;
	if (value[0] == '[')
		return value[len - 1] == ']' &&
				       strspn(value + 1, "0123456789abcdefABCDEF:.") == len - 2
			       ? NULL
			       : want;
	return strspn(value, "0123456789.") == len ? NULL : want;
}

static const char *check_path(const char *value)
{
	return value[0] == '/' && !strpbrk(value, " \t") ? NULL : "an absolute path without blanks";
}

static const char *check_database(const char *value)
{
	static const char *const kinds[] = { "sqlite:/", "postgresql://", "postgres://" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(value, kinds[i], strlen(kinds[i])) == 0)
			return NULL;
	return "sqlite:/PATH or a URL that begins with postgresql://";
}

static const char *check_url(const char *value)
{
	static const char *const schemes[] = { "https://", "http://", "file:///" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(value, schemes[i], strlen(schemes[i])) == 0 &&
		    !strpbrk(value, " \t\"<>\\^`{|}"))
			return NULL;
	return "a URL that begins with https://, http:// or file:///";
}

static const char *check_addresses(const char *value)
{
	return strspn(value, "0123456789abcdefABCDEF:./ \t") == strlen(value)
		       ? NULL
		       : "addresses with blanks between, like 127.0.0.1 ::1 10.0.0.0/8";
}

/* The base of addresses: without a path, a query, a user. */
static const char *check_base(const char *value)
{
	size_t scheme = strncmp(value, "https://", 8) == 0  ? 8
			: strncmp(value, "http://", 7) == 0 ? 7
							    : 0;

	return scheme && value[scheme] && !strpbrk(value + scheme, "/?#@ \t\"<>\\^`{|}")
		       ? NULL
		       : "https://HOST[:PORT], without a path";
}

static const char *check_issuer(const char *value)
{
	bool loopback;
	struct oak_error err;

	return hook_url_check(value, &loopback, &err) == 0 && !strchr(value, '?')
		       ? NULL
		       : "a URL that begins with https:// (http:// to this machine alone)";
}

static const char *check_totp(const char *value)
{
	return strcmp(value, "no") == 0 || strcmp(value, "admin") == 0 || strcmp(value, "all") == 0
		       ? NULL
		       : "no, admin or all";
}

static const char *check_role(const char *value)
{
	enum person_role role;

	return strcmp(value, "none") == 0 || role_parse(value, &role)
		       ? NULL
		       : "none, viewer, operator, approver or admin";
}

/* Without it there would be no ID token. */
static const char *check_scopes(const char *value)
{
	return strncmp(value, "openid", 6) == 0 && (!value[6] || value[6] == ' ')
		       ? NULL
		       : "words with blanks between, the first one openid";
}

#define DAY 86400u

#define AT(member) offsetof(struct server_settings, member)
#define TEXT(key, member, fallback_text, below_data, check_fn)                          \
	{                                                                               \
		.name = (key), .kind = KEY_TEXT, .offset = AT(member),                  \
		.fallback = (fallback_text), .below = (below_data), .check = (check_fn) \
	}
#define SECONDS(key, member, fallback_text, least, most)                   \
	{                                                                  \
		.name = (key), .kind = KEY_SECONDS, .offset = AT(member),  \
		.fallback = (fallback_text), .min = (least), .max = (most) \
	}
#define NUMBER(key, member, fallback_text, least, most)                    \
	{                                                                  \
		.name = (key), .kind = KEY_NUMBER, .offset = AT(member),   \
		.fallback = (fallback_text), .min = (least), .max = (most) \
	}
#define WORD(key, member, fallback_text, no, yes)                      \
	{                                                              \
		.name = (key), .kind = KEY_WORD, .offset = AT(member), \
		.fallback = (fallback_text), .words = {                \
			(no),                                          \
			(yes)                                          \
		}                                                      \
	}

#define DATA "/var/lib/oakum-server"

static const struct key keys[] = {
	TEXT("listen", listen, "[::]:8443", NULL, check_listen),
	WORD("tls", plain, "on", "on", "off"),
	TEXT("certificate", certificate, DATA "/tls.pem", "/tls.pem", check_path),
	TEXT("key", key, DATA "/tls.key", "/tls.key", check_path),
	TEXT("proxies", proxies, NULL, NULL, check_addresses),
	TEXT("data", data, DATA, NULL, check_path),
	TEXT("database", database, "sqlite:" DATA "/fleet.db", "/fleet.db", check_database),
	TEXT("repository", repository, NULL, NULL, check_path),
	TEXT("repository-url", repository_url, NULL, NULL, check_url),
	NUMBER("threads", threads, "0", 0, 64),
	NUMBER("workers", workers, "0", 0, 64),
	NUMBER("connections", connections, "0", 0, 1000000),
	SECONDS("poll", poll_s, "1h", 1, 7 * DAY),
	SECONDS("report", report_s, "4h", 1, 7 * DAY),
	SECONDS("silence", silence_s, "24h", 2, 365 * DAY),
	SECONDS("decision", decision_s, "48h", 10, 90 * DAY),
	NUMBER("history", history_days, "90", 1, 3650),
	WORD("unmanaged", unmanaged_free, "hold", "hold", "free"),
	WORD("metrics", metrics_open, "token", "token", "open"),
	TEXT("url", url, NULL, NULL, check_base),
	TEXT("require-totp", require_totp, "no", NULL, check_totp),
	TEXT("oidc-issuer", oidc.issuer, NULL, NULL, check_issuer),
	TEXT("oidc-client", oidc.client, NULL, NULL, NULL),
	TEXT("oidc-secret-file", oidc.secret_file, NULL, NULL, check_path),
	TEXT("oidc-scopes", oidc.scopes, "openid profile", NULL, check_scopes),
	TEXT("oidc-ca", oidc.ca, NULL, NULL, check_path),
	TEXT("oidc-name", oidc.name_claim, "preferred_username", NULL, NULL),
	TEXT("oidc-roles", oidc.role_claim, "groups", NULL, NULL),
	TEXT("oidc-viewer", oidc.groups[ROLE_VIEWER], NULL, NULL, NULL),
	TEXT("oidc-operator", oidc.groups[ROLE_OPERATOR], NULL, NULL, NULL),
	TEXT("oidc-approver", oidc.groups[ROLE_APPROVER], NULL, NULL, NULL),
	TEXT("oidc-admin", oidc.groups[ROLE_ADMIN], NULL, NULL, NULL),
	TEXT("oidc-default-role", oidc.role, "none", NULL, check_role),
	{ .name = "log", .kind = KEY_LEVEL, .offset = AT(log), .fallback = "notice" },
};
#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static void *slot(const struct key *k, struct server_settings *s)
{
	return (char *)s + k->offset;
}

static int take_text(const struct key *k, void *at, const char *value, char want[WANT_MAX])
{
	const char *should = k->check ? k->check(value) : NULL;
	char *copy;

	if (should) {
		(void)snprintf(want, WANT_MAX, "%s", should);
		return -OAK_E_USAGE;
	}
	copy = strdup(value);
	if (!copy)
		return -OAK_E_NOMEM;
	free(*(char **)at);
	*(char **)at = copy;
	return 0;
}

static int take_seconds(const struct key *k, void *at, const char *value, char want[WANT_MAX])
{
	uint32_t n;

	if (duration_parse(value, &n) < 0 || n < k->min || n > k->max) {
		(void)snprintf(want, WANT_MAX, "a number and s, m, h or d, from %us to %ud", k->min,
			       k->max / DAY);
		return -OAK_E_USAGE;
	}
	*(uint32_t *)at = n;
	return 0;
}

static int take_number(const struct key *k, void *at, const char *value, char want[WANT_MAX])
{
	uint32_t n;

	if (number_parse(value, strlen(value), &n) < 0 || n < k->min || n > k->max) {
		(void)snprintf(want, WANT_MAX, "a number from %u to %u", k->min, k->max);
		return -OAK_E_USAGE;
	}
	*(uint32_t *)at = n;
	return 0;
}

static int take_word(const struct key *k, void *at, const char *value, char want[WANT_MAX])
{
	bool yes = strcmp(value, k->words[1]) == 0;

	if (!yes && strcmp(value, k->words[0]) != 0) {
		(void)snprintf(want, WANT_MAX, "%s or %s", k->words[0], k->words[1]);
		return -OAK_E_USAGE;
	}
	*(bool *)at = yes;
	return 0;
}

static int take_level(const struct key *k, void *at, const char *value, char want[WANT_MAX])
{
	static const struct {
		const char *word;
		enum log_level level;
	} levels[] = { { "error", LOG_LEVEL_ERROR },
		       { "warning", LOG_LEVEL_WARNING },
		       { "notice", LOG_LEVEL_NOTICE },
		       { "info", LOG_LEVEL_INFO } };

	(void)k;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(levels[i].word, value) == 0) {
			*(uint32_t *)at = (uint32_t)levels[i].level;
			return 0;
		}
	(void)snprintf(want, WANT_MAX, "error, warning, notice or info");
	return -OAK_E_USAGE;
}

static int take_value(const struct key *k, struct server_settings *s, const char *value,
		      char want[WANT_MAX])
{
	static int (*const takers[])(const struct key *k, void *at, const char *value,
				     char want[WANT_MAX]) = {
		[KEY_TEXT] = take_text, [KEY_SECONDS] = take_seconds, [KEY_NUMBER] = take_number,
		[KEY_WORD] = take_word, [KEY_LEVEL] = take_level,
	};

	return takers[k->kind](k, slot(k, s), value, want);
}

int server_settings_init(struct server_settings *ret, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	char want[WANT_MAX];

	/* The table's own defaults are fine: a test reads the example file. */
	for (size_t i = 0; i < N_KEYS; i++)
		if (keys[i].fallback && take_value(&keys[i], &s, keys[i].fallback, want) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = s;
	s = (struct server_settings){ 0 };
	return 0;
}

struct taker {
	struct server_settings *s;
	bool seen[N_KEYS];
};

static size_t key_find(const char *name)
{
	size_t i = 0;

	while (i < N_KEYS && strcmp(keys[i].name, name) != 0)
		i++;
	return i;
}

static int take_setting(void *ctx, const char *name, const char *value, struct oak_error *err)
{
	struct taker *t = ctx;
	size_t i = key_find(name);
	char want[WANT_MAX];
	int r;

	if (i == N_KEYS)
		return oak_fail(err, OAK_E_FORMAT, "unknown key '%.40s'", name);
	if (!value[0])
		return oak_fail(err, OAK_E_FORMAT, "%s: the value is missing", name);
	if (t->seen[i])
		return oak_fail(err, OAK_E_FORMAT, "%s: given twice", name);
	r = take_value(&keys[i], t->s, value, want);
	if (r == -OAK_E_NOMEM)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* A password may stand in the URL of a database. */
	if (r < 0 && keys[i].offset == AT(database))
		return oak_fail(err, OAK_E_FORMAT, "%s: must be %s", name, want);
	if (r < 0)
		return oak_fail(err, OAK_E_FORMAT, "%s: '%.80s' must be %s", name, value, want);
	t->seen[i] = true;
	return 0;
}

/* What lies below the data directory goes with it, unless the file says where it is. */
static int follow_data(struct taker *t, struct oak_error *err)
{
	if (!t->seen[key_find("data")])
		return 0;
	for (size_t i = 0; i < N_KEYS; i++) {
		_cleanup_(buf_free) struct buf text = { 0 };
		char **at = slot(&keys[i], t->s);

		if (!keys[i].below || t->seen[i])
			continue;
		if (buf_printf(&text, "%s%s%s", keys[i].offset == AT(database) ? "sqlite:" : "",
			       t->s->data, keys[i].below) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		free(*at);
		*at = (char *)buf_take(&text, NULL);
	}
	return 0;
}

int server_settings_parse(const char *name, const void *data, size_t len, struct server_settings *s,
			  struct oak_error *err)
{
	struct taker t = { .s = s };
	int r = ini_text_parse(name, data, len, take_setting, &t, err);

	if (r == 0 && s->silence_s && s->report_s >= s->silence_s)
		r = oak_fail(err, OAK_E_FORMAT,
			     "%s: silence must be longer than report: every host would be silent",
			     name);
	if (r == 0 && s->oidc.issuer && (!s->oidc.client || !s->url))
		r = oak_fail(err, OAK_E_FORMAT, "%s: oidc-issuer wants oidc-client and url as well",
			     name);
	return r < 0 ? r : follow_data(&t, err);
}

int server_settings_read(const char *path, struct server_settings *ret, struct oak_error *err)
{
	_cleanup_(server_settings_free) struct server_settings s = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(AT_FDCWD, path, SETTINGS_BYTES_MAX, &text, err);

	if (r == 0)
		r = server_settings_init(&s, err);
	if (r == 0)
		r = server_settings_parse(path, text.data, text.len, &s, err);
	if (r < 0)
		return r;
	*ret = s;
	s = (struct server_settings){ 0 };
	return 0;
}

void server_settings_free(struct server_settings *s)
{
	for (size_t i = 0; i < N_KEYS; i++)
		if (keys[i].kind == KEY_TEXT)
			free(*(char **)slot(&keys[i], s));
	*s = (struct server_settings){ 0 };
}
