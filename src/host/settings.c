/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/settings.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"

#define VALUE_MAX   2048
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

static const struct key {
	const char *name;
	size_t offset; /* of a char * in struct settings */
	const char *(*check)(const char *value);
} keys[] = {
	{ "repository", offsetof(struct settings, repository), check_repository },
	{ "channel", offsetof(struct settings, channel), check_channel },
};

static const struct key *find_key(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i].name) == len && memcmp(keys[i].name, name, len) == 0)
			return &keys[i];
	return NULL;
}

static char **key_slot(const struct key *key, struct settings *s)
{
	return (char **)(void *)((char *)s + key->offset);
}

void settings_free(struct settings *s)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		free(*key_slot(&keys[i], s));
	*s = (struct settings){ 0 };
}

static const char *check_value(const struct key *key, const char *value)
{
	if (strlen(value) > VALUE_MAX)
		return "at most 2048 bytes";
	return key->check(value);
}

int settings_check(const char *key, const char *value, struct oak_error *err)
{
	const struct key *k = find_key(key, strlen(key));
	const char *want = k && value[0] ? check_value(k, value) : "not empty";

	return want ? oak_fail(err, OAK_E_USAGE, "%s '%s': must be %s", key, value, want) : 0;
}

static int parse_line(char *line, struct settings *s, struct oak_error *err)
{
	char *eq = strchr(line, '='), *value = eq;
	size_t len = eq ? (size_t)(eq - line) : 0;
	const struct key *key;
	const char *want;

	if (!eq)
		return oak_fail(err, OAK_E_FORMAT, "'%.40s' is not \"key = value\"", line);
	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	key = find_key(line, len);
	if (!key)
		return oak_fail(err, OAK_E_FORMAT, "unknown key '%.*s'", (int)(len < 40 ? len : 40),
				line);
	do {
		value++;
	} while (isspace((unsigned char)*value));
	if (!*value)
		return oak_fail(err, OAK_E_FORMAT, "%s: the value is missing", key->name);
	want = check_value(key, value);
	if (want)
		return oak_fail(err, OAK_E_FORMAT, "%s: '%.80s' must be %s", key->name, value, want);
	if (*key_slot(key, s))
		return oak_fail(err, OAK_E_FORMAT, "%s: given twice", key->name);
	*key_slot(key, s) = strdup(value);
	return *key_slot(key, s) ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* Messages repeat parts of a line: bytes that a terminal would obey have no place there. */
static bool line_is_text(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' && !isspace((unsigned char)line[i]))
			return false;
	return memchr(line, 0x7f, len) == NULL;
}

static int take_line(const char *p, size_t len, struct settings *s, struct oak_error *err)
{
	_cleanup_(freep) char *line = NULL;

	if (!line_is_text(p, len))
		return oak_fail(err, OAK_E_FORMAT, "a control character");
	while (len && isspace((unsigned char)p[len - 1]))
		len--;
	while (len && isspace((unsigned char)*p)) {
		p++;
		len--;
	}
	if (!len || *p == '#' || *p == ';')
		return 0;
	line = strndup(p, len);
	if (!line)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return parse_line(line, s, err);
}

int settings_parse(const char *name, const void *data, size_t len, struct settings *settings,
		   struct oak_error *err)
{
	const char *p = data, *end = len ? p + len : p;

	for (unsigned line = 1; p < end; line++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl : end) - p);
		int r = take_line(p, n, settings, err);

		if (r < 0)
			return oak_context(err, "%s:%u", name, line);
		p = nl ? nl + 1 : end;
	}
	return 0;
}

int settings_read(int root, struct settings *ret, struct oak_error *err)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(root, SETTINGS_PATH, SETTINGS_BYTES_MAX, &text, err);

	if (r == 0)
		r = settings_parse("/" SETTINGS_PATH, text.data, text.len, &s, err);
	else if (r == -OAK_E_NOTFOUND)
		r = 0;
	if (r < 0)
		return r;
	*ret = s;
	s = (struct settings){ 0 };
	return 0;
}
