/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/http-head.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct text {
	const char *p;
	size_t len;
};

static bool is_word(struct text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.p, word, t.len) == 0;
}

static struct text trim(struct text t)
{
	while (t.len && (*t.p == ' ' || *t.p == '\t')) {
		t.p++;
		t.len--;
	}
	while (t.len && (t.p[t.len - 1] == ' ' || t.p[t.len - 1] == '\t'))
		t.len--;
	return t;
}

static int parse_number(struct text t, uint64_t *ret)
{
	uint64_t n = 0;

	if (!t.len)
		return -EINVAL;
	for (size_t i = 0; i < t.len; i++)
		if (t.p[i] < '0' || t.p[i] > '9' || __builtin_mul_overflow(n, 10u, &n) ||
		    __builtin_add_overflow(n, (unsigned)(t.p[i] - '0'), &n))
			return -EINVAL;
	*ret = n;
	return 0;
}

/* "HTTP/1.1 200 OK" */
static int parse_status(struct text line, struct http_head *ret)
{
	uint64_t status;

	if (line.len < 12 || strncmp(line.p, "HTTP/1.", 7) != 0 || line.p[8] != ' ' ||
	    (line.p[7] != '0' && line.p[7] != '1') || (line.len > 12 && line.p[12] != ' '))
		return -EINVAL;
	if (parse_number((struct text){ line.p + 9, 3 }, &status) < 0)
		return -EINVAL;
	/* Interim answers and redirects are more than one answer; 204 has no length. */
	if (status < 200 || status == 204 || (status >= 300 && status < 400) || status > 599)
		return -EINVAL;
	ret->status = (unsigned)status;
	ret->keep = line.p[7] == '1';
	return 0;
}

static int parse_field(struct text line, struct http_head *ret, bool *has_length)
{
	const char *colon = memchr(line.p, ':', line.len);
	struct text name, value;

	/* A line that begins with a blank continues the one before (obsolete). */
	if (!colon || line.p[0] == ' ' || line.p[0] == '\t')
		return -EINVAL;
	name = (struct text){ line.p, (size_t)(colon - line.p) };
	value = trim((struct text){ colon + 1, line.len - name.len - 1 });
	if (is_word(name, "Transfer-Encoding") || is_word(name, "Content-Encoding"))
		return -EINVAL;
	if (is_word(name, "Connection")) {
		if (is_word(value, "close"))
			ret->keep = false;
		return 0;
	}
	if (!is_word(name, "Content-Length"))
		return 0;
	/* Two lengths are how one answer is made to look like two. */
	if (*has_length)
		return -EINVAL;
	*has_length = true;
	return parse_number(value, &ret->length);
}

int http_head_parse(const void *data, size_t len, struct http_head *ret)
{
	const char *p = data, *end = len ? memmem(data, len, "\r\n\r\n", 4) : NULL;
	struct http_head head = { 0 };
	bool has_length = false;

	if (!end)
		return len < HTTP_HEAD_MAX ? -EAGAIN : -EINVAL;
	head.len = (size_t)(end - p) + 4;
	if (head.len > HTTP_HEAD_MAX)
		return -EINVAL;
	for (bool first = true; p < end + 2; first = false) {
		const char *eol = memmem(p, (size_t)(end + 2 - p), "\r\n", 2);
		struct text line = { p, (size_t)(eol - p) };
		int r = first ? parse_status(line, &head) : parse_field(line, &head, &has_length);

		if (r < 0)
			return r;
		p = eol + 2;
	}
	if (!has_length)
		return -EINVAL;
	*ret = head;
	return 0;
}
