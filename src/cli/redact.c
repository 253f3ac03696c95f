/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

/* Parts of names of keys, lower case. */
static const char *const secret_words[] = {
	"pass",       "secret",        "token",  "apikey", "api_key", "api-key",
	"credential", "authorization", "cookie", "psk",    "private",
};

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static bool is_secret(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(secret_words) / sizeof(secret_words[0]); i++) {
		size_t n = strlen(secret_words[i]);

		for (size_t k = 0; k + n <= len; k++)
			if (strncasecmp(name + k, secret_words[i], n) == 0)
				return true;
	}
	return false;
}

/* Where the value that begins at @at ends: with its word, of which a part may be quoted, or the line. */
static size_t value_end(const char *line, size_t len, size_t at, char sign)
{
	char quote = '\0';
	size_t end;

	if (sign == ':' || at >= len || isspace((unsigned char)line[at]))
		return len;
	for (end = at; end < len; end++) {
		char c = line[end];

		if (quote && c == quote)
			quote = '\0';
		else if (quote)
			continue;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (isspace((unsigned char)c) || c == '&')
			break;
	}
	return end;
}

/*
 * The first name of a secret with '=' or ':' behind it, perhaps in quotes, from @from on. False
 * where there is none; else its value is @ret_at to @ret_end.
 */
static bool find_secret(const char *line, size_t len, size_t from, size_t *ret_at, size_t *ret_end)
{
	for (size_t i = from; i < len;) {
		size_t begin = i, end;

		while (i < len && is_name(line[i]))
			i++;
		end = i;
		if (end == begin) {
			i++;
			continue;
		}
		while (i < len && (line[i] == ' ' || line[i] == '\t' || line[i] == '"'))
			i++;
		if (i >= len || (line[i] != '=' && line[i] != ':') ||
		    !is_secret(line + begin, end - begin)) {
			i = end;
			continue;
		}
		*ret_at = i + 1;
		*ret_end = value_end(line, len, i + 1, line[i]);
		return true;
	}
	return false;
}

static int add_without_values(const char *line, size_t len, struct buf *ret)
{
	size_t from = 0, at, end;
	int r = 0;

	while (r == 0 && find_secret(line, len, from, &at, &end)) {
		r = buf_add(ret, line + from, at - from);
		if (r == 0)
			r = buf_add_str(ret, REDACTED);
		from = end;
	}
	return r == 0 ? buf_add(ret, line + from, len - from) : r;
}

static size_t url_length(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && !isspace((unsigned char)p[n]) && !strchr("\"'<>", p[n]))
		n++;
	return n;
}

/* What stands behind "://": without user, password and query. A password may hold '/'. */
static int add_url(const char *p, size_t len, struct buf *ret)
{
	const char *user = memrchr(p, '@', len);
	size_t begin = user ? (size_t)(user - p) : 0;
	const char *query = memchr(p + begin, '?', len - begin);
	size_t end = query ? (size_t)(query - p) : len;
	int r = user ? buf_add_str(ret, REDACTED) : 0;

	if (r == 0)
		r = buf_add(ret, p + begin, end - begin);
	return r == 0 && query ? buf_add_str(ret, "?" REDACTED) : r;
}

static int add_without_users(const char *line, size_t len, struct buf *ret)
{
	size_t from = 0;
	int r = 0;

	while (r == 0) {
		const char *url = memmem(line + from, len - from, "://", 3);
		size_t at, n;

		if (!url)
			return buf_add(ret, line + from, len - from);
		at = (size_t)(url - line) + 3;
		n = url_length(line + at, len - at);
		r = buf_add(ret, line + from, at - from);
		if (r == 0)
			r = add_url(line + at, n, ret);
		from = at + n;
	}
	return r;
}

static int add_line(const char *line, size_t len, struct buf *ret)
{
	_cleanup_(buf_free) struct buf part = { 0 };
	int r = add_without_users(line, len, &part);

	if (r == 0)
		r = add_without_values(buf_str(&part), part.len, ret);
	return r == 0 ? buf_add(ret, "\n", 1) : r;
}

static bool has(const char *line, size_t len, const char *part)
{
	return memmem(line, len, part, strlen(part)) != NULL;
}

int redact(const void *text, size_t len, struct buf *ret)
{
	_cleanup_(buf_free) struct buf copy = { 0 };
	bool in_key = false;
	int r = buf_add(&copy, text, len);

	for (size_t i = 0; r == 0 && i < copy.len; i++)
		if (!copy.data[i])
			copy.data[i] = '?';
	for (size_t at = 0; r == 0 && at < copy.len;) {
		const char *line = buf_str(&copy) + at;
		size_t n = strcspn(line, "\n");

		if (has(line, n, "-----BEGIN") && has(line, n, "PRIVATE KEY")) {
			in_key = true;
			r = buf_add_str(ret, REDACTED "\n");
		}
		if (!in_key)
			r = add_line(line, n, ret);
		else if (has(line, n, "-----END"))
			in_key = false;
		at += n + 1;
	}
	return r;
}
