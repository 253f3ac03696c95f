/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"

#define CHANNEL_MAX    64
#define LINE_MAX_BYTES (INI_MAX_LINE - 2) /* with the newline and NUL */

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

static const struct key {
	const char *name;
	size_t offset; /* of a char * in struct settings */
	const char *(*check)(const char *value);
} keys[] = {
	{ "repository", offsetof(struct settings, repository), check_repository },
	{ "mirrors", offsetof(struct settings, mirrors), check_mirrors },
	{ "channel", offsetof(struct settings, channel), check_channel },
	{ "ca", offsetof(struct settings, ca), check_ca },
	{ "proxy", offsetof(struct settings, proxy), check_proxy },
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

int settings_check(const char *key, const char *value, struct oak_error *err)
{
	const struct key *k = find_key(key, strlen(key));
	const char *want = k && value[0] ? k->check(value) : "not empty";

	return want ? oak_fail(err, OAK_E_USAGE, "%s '%s': must be %s", key, value, want) : 0;
}

/*
 * Messages repeat parts of a line: bytes that a terminal would obey have no place there. And inih
 * would take the rest of a longer line for a line of its own.
 */
static int check_text(const char *name, const uint8_t *p, size_t len, struct oak_error *err)
{
	unsigned line = 1, column = 0;

	for (size_t i = 0; i < len; i++) {
		if ((p[i] < ' ' && !isspace(p[i])) || p[i] == 0x7f)
			return oak_fail(err, OAK_E_FORMAT, "%s:%u: a control character", name, line);
		if (p[i] != '\n' && ++column > LINE_MAX_BYTES)
			return oak_fail(err, OAK_E_FORMAT, "%s:%u: longer than %d bytes", name,
					line, LINE_MAX_BYTES);
		if (p[i] == '\n') {
			line++;
			column = 0;
		}
	}
	return 0;
}

/* What inih's callback fills in; it is told of no line, so the first error is kept for later. */
struct taker {
	struct settings *s;
	struct oak_error *err;
	int r;
};

static int take_setting(struct taker *t, const char *section, const char *name, const char *value)
{
	const struct key *key = find_key(name, strlen(name));
	const char *want;

	if (section[0])
		return oak_fail(t->err, OAK_E_FORMAT, "unknown section [%.40s]", section);
	if (!key)
		return oak_fail(t->err, OAK_E_FORMAT, "unknown key '%.40s'", name);
	if (!value[0])
		return oak_fail(t->err, OAK_E_FORMAT, "%s: the value is missing", key->name);
	want = key->check(value);
	if (want)
		return oak_fail(t->err, OAK_E_FORMAT, "%s: '%.80s' must be %s", key->name, value,
				want);
	if (*key_slot(key, t->s))
		return oak_fail(t->err, OAK_E_FORMAT, "%s: given twice", key->name);
	*key_slot(key, t->s) = strdup(value);
	return *key_slot(key, t->s) ? 0 : oak_fail(t->err, OAK_E_NOMEM, "out of memory");
}

/* inih wants 0 for an error and answers with the line of the first. */
static int on_setting(void *user, const char *section, const char *name, const char *value)
{
	struct taker *t = user;

	if (t->r == 0)
		t->r = take_setting(t, section, name, value);
	return t->r == 0;
}

static int on_anything(void *user, const char *section, const char *name, const char *value)
{
	(void)user;
	(void)section;
	(void)name;
	(void)value;
	return 1;
}

int settings_parse(const char *name, const void *data, size_t len, struct settings *settings,
		   struct oak_error *err)
{
	struct taker t = { .s = settings, .err = err };
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = check_text(name, data, len, err), line;

	if (r < 0)
		return r;
	if (buf_add(&text, data, len) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* First without us, so that a line number is either inih's complaint or ours. */
	line = ini_parse_string(buf_str(&text), on_anything, NULL);
	if (line != 0)
		return oak_fail(err, OAK_E_FORMAT, "%s:%d: not \"key = value\"", name, line);
	line = ini_parse_string(buf_str(&text), on_setting, &t);
	return t.r < 0 ? oak_context(err, "%s:%d", name, line) : 0;
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
