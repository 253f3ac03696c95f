/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/validator.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"

#define MAGIC     "oakum-validator 1"
#define BYTES_MAX 4096

/* The next line, its newline overwritten; NULL: there is none. */
static char *next_line(char **at)
{
	char *line = *at, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return line;
}

static bool copy(const char *line, char *ret, size_t size)
{
	if (!line || strlen(line) >= size)
		return false;
	memcpy(ret, line, strlen(line) + 1);
	return true;
}

static bool is_line(char **at, const char *want)
{
	const char *line = next_line(at);

	return line && strcmp(line, want) == 0;
}

bool validator_load(int dirfd, const char *url, const struct buf *timestamp,
		    struct fetch_validator *ret)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct fetch_validator v = { .etag = "" };
	char hex[SHA256_HEX_MAX], *at;

	*ret = v;
	if (dirfd < 0 || !url || file_read(dirfd, VALIDATOR_FILE, BYTES_MAX, &text, NULL) < 0 ||
	    buf_add(&text, "", 1) < 0)
		return false;
	sha256_hex(timestamp->data, timestamp->len, hex);
	at = (char *)text.data;
	if (!is_line(&at, MAGIC) || !is_line(&at, hex) || !is_line(&at, url) ||
	    !copy(next_line(&at), v.etag, sizeof(v.etag)) ||
	    !copy(next_line(&at), v.modified, sizeof(v.modified)))
		return false;
	*ret = v;
	return true;
}

/* A line break or a control in a header would change the lines, and later the request. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

void validator_store(int dirfd, const char *url, const struct buf *timestamp,
		     const struct fetch_validator *v)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char hex[SHA256_HEX_MAX];

	if (dirfd < 0 || !url || !is_plain(url) || !is_plain(v->etag) || !is_plain(v->modified))
		return;
	sha256_hex(timestamp->data, timestamp->len, hex);
	if (buf_printf(&text, "%s\n%s\n%s\n%s\n%s\n", MAGIC, hex, url, v->etag, v->modified) == 0 &&
	    file_write(dirfd, VALIDATOR_FILE, text.data, text.len, 0644, NULL) < 0)
		return;
}
