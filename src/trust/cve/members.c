/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/members.h"

#include <string.h>

static void skip_space(struct members *m)
{
	while (m->at < m->end &&
	       (*m->at == ' ' || *m->at == '\t' || *m->at == '\n' || *m->at == '\r'))
		m->at++;
}

static int ends_early(struct oak_error *err)
{
	return oak_fail(err, OAK_E_FORMAT, "the document ends early, or is no JSON");
}

/* Behind the closing quote of the string that begins at @at. */
static int skip_string(struct members *m, struct oak_error *err)
{
	for (m->at++; m->at < m->end; m->at++) {
		if (*m->at == '"') {
			m->at++;
			return 0;
		}
		if (*m->at == '\\')
			m->at++;
	}
	m->at = m->end;
	return ends_early(err);
}

/* Behind a value: a string, all up to the bracket that closes it, or a word. */
static int skip_value(struct members *m, struct oak_error *err)
{
	unsigned depth = 0;
	int r;

	while (m->at < m->end) {
		char c = *m->at;

		if (depth == 0 && (c == ',' || c == m->close))
			return 0;
		if (c == '"') {
			r = skip_string(m, err);
			if (r < 0)
				return r;
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth > 0)
			depth--;
		else if (c == '}' || c == ']')
			return ends_early(err);
		if (depth > MEMBERS_DEPTH_MAX)
			return oak_fail(err, OAK_E_FORMAT, "more than %u brackets in each other",
					MEMBERS_DEPTH_MAX);
		m->at++;
	}
	return ends_early(err);
}

static int read_key(struct members *m, struct member *ret, struct oak_error *err)
{
	const char *start = m->at + 1;
	size_t len;
	int r;

	if (m->at == m->end || *m->at != '"')
		return ends_early(err);
	r = skip_string(m, err);
	if (r < 0)
		return r;
	len = (size_t)(m->at - 1 - start);
	if (len >= sizeof(ret->key))
		len = sizeof(ret->key) - 1;
	memcpy(ret->key, start, len);
	ret->key[len] = '\0';
	skip_space(m);
	if (m->at == m->end || *m->at != ':')
		return ends_early(err);
	m->at++;
	return 0;
}

int members_begin(struct members *m, const char *data, size_t len, char open, struct oak_error *err)
{
	*m = (struct members){
		.at = data, .end = data + len, .close = open == '{' ? '}' : ']', .first = true
	};
	skip_space(m);
	if (m->at == m->end || *m->at != open)
		return oak_fail(err, OAK_E_FORMAT, "'%c' expected", open);
	m->at++;
	return 0;
}

static int finish(struct members *m, struct oak_error *err)
{
	m->at++;
	m->done = true;
	skip_space(m);
	return m->at == m->end ? 0 : oak_fail(err, OAK_E_FORMAT, "something stands behind the end");
}

int members_next(struct members *m, struct member *ret, struct oak_error *err)
{
	int r;

	if (m->done)
		return 0;
	skip_space(m);
	if (m->at < m->end && *m->at == m->close)
		return m->first ? finish(m, err) : ends_early(err);
	ret->key[0] = '\0';
	r = m->close == '}' ? read_key(m, ret, err) : 0;
	if (r < 0)
		return r;
	skip_space(m);
	ret->value = m->at;
	r = skip_value(m, err);
	if (r < 0)
		return r;
	ret->len = (size_t)(m->at - ret->value);
	if (ret->len == 0)
		return ends_early(err);
	m->first = false;
	if (*m->at == ',') {
		m->at++;
		return 1;
	}
	/* The last one: what is behind is looked at when it is asked for the next. */
	m->first = true;
	return 1;
}
