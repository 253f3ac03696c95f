/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/template.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 16u
#define STEPS_MAX (4u << 20) /* tags that are looked at: lists in lists in lists grow fast */
#define NAME_MAX_ 64u

struct render {
	const struct template_text *texts;
	const json_t *stack[DEPTH_MAX + 1]; /* the innermost last */
	size_t depth, nested, steps;
	struct buf *out;
	struct oak_error *err;
	const char *name; /* of the template, for messages */
};

struct tag {
	char kind; /* one of "#^/>!", or 'v' */
	char name[NAME_MAX_ + 1];
	const char *begin, *end; /* of the tag, with its braces */
};

struct span {
	const char *at, *end;
};

static int malformed(struct render *r, const char *what, const char *name)
{
	return oak_fail(r->err, OAK_E_FORMAT, "template %s: %s: \"%.64s\"", r->name, what, name);
}

static bool name_is_fine(const char *name)
{
	return name[0] && name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					    "0123456789_.-")] == '\0';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* What is between the braces: a kind, blanks, a name, blanks. */
static int read_name(struct render *r, struct span s, struct tag *tag)
{
	tag->kind = 'v';
	if (s.at < s.end && strchr("#^/>!", *s.at))
		tag->kind = *s.at++;
	while (s.at < s.end && is_blank(*s.at))
		s.at++;
	while (s.end > s.at && is_blank(s.end[-1]))
		s.end--;
	tag->name[0] = '\0';
	if (tag->kind == '!')
		return 0;
	if ((size_t)(s.end - s.at) > NAME_MAX_)
		return malformed(r, "a name is too long", "");
	memcpy(tag->name, s.at, (size_t)(s.end - s.at));
	tag->name[s.end - s.at] = '\0';
	return name_is_fine(tag->name) ? 0 : malformed(r, "this is no name", tag->name);
}

static const char *find_two(struct span s, char c)
{
	while (s.at < s.end) {
		s.at = memchr(s.at, c, (size_t)(s.end - s.at));
		if (!s.at)
			return NULL;
		if (s.at + 1 < s.end && s.at[1] == c)
			return s.at;
		s.at++;
	}
	return NULL;
}

/* 1: the next tag of @s; 0: there is none. */
static int next_tag(struct render *r, struct span s, struct tag *tag)
{
	const char *end;
	int n;

	tag->begin = find_two(s, '{');
	if (!tag->begin)
		return 0;
	if (++r->steps > STEPS_MAX)
		return oak_fail(r->err, OAK_E_TOOLARGE, "template %s: the page is too large",
				r->name);
	end = find_two((struct span){ tag->begin + 2, s.end }, '}');
	if (!end)
		return malformed(r, "a tag does not end", "{{");
	tag->end = end + 2;
	n = read_name(r, (struct span){ tag->begin + 2, end }, tag);
	return n < 0 ? n : 1;
}

static const json_t *member(const json_t *object, const char *name, size_t len)
{
	char key[NAME_MAX_ + 1];

	memcpy(key, name, len);
	key[len] = '\0';
	return json_object_get(object, key);
}

/* "a.b.c": "a" from the innermost object outwards, the others in what was found. */
static const json_t *look_up(const struct render *r, const char *name)
{
	size_t len = strcspn(name, ".");
	const json_t *found = NULL;

	if (strcmp(name, ".") == 0)
		return r->stack[r->depth];
	for (size_t i = r->depth + 1; i-- > 0 && !found;)
		found = member(r->stack[i], name, len);
	while (found && name[len]) {
		name += len + 1;
		len = strcspn(name, ".");
		found = member(found, name, len);
	}
	return found;
}

static bool is_yes(const json_t *v)
{
	if (!v || json_is_null(v) || json_is_false(v))
		return false;
	if (json_is_string(v))
		return json_string_length(v) > 0;
	if (json_is_integer(v))
		return json_integer_value(v) != 0;
	if (json_is_real(v))
		return json_real_value(v) < 0 || json_real_value(v) > 0;
	return !json_is_array(v) || json_array_size(v) > 0;
}

static int put(struct render *r, const char *data, size_t len)
{
	if (len > TEMPLATE_OUT_MAX || r->out->len > TEMPLATE_OUT_MAX - len)
		return oak_fail(r->err, OAK_E_TOOLARGE, "template %s: the page is too large",
				r->name);
	if (len && buf_add(r->out, data, len) < 0)
		return oak_fail(r->err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static const char *escape_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return "&#39;";
	}
}

static int put_escaped(struct render *r, const char *s)
{
	int n = 0;

	while (*s && n == 0) {
		size_t len = strcspn(s, "&<>\"'");

		n = put(r, s, len);
		s += len;
		if (*s && n == 0) {
			const char *e = escape_of(*s++);

			n = put(r, e, strlen(e));
		}
	}
	return n;
}

static bool ends_with(const struct buf *b, const char *end)
{
	size_t len = strlen(end);

	return b->len >= len && memcmp(b->data + b->len - len, end, len) == 0;
}

/*
 * A link that begins with a value leads to a place of ours: "javascript:", "https:" and "//host" become "#". The
 * same behind a slash that the template has.
 */
static bool leads_away(const struct render *r, const char *value)
{
	static const char *const links[] = { " href=\"", " src=\"", " action=\"", " formaction=\"" };
	bool begins = false, slash = ends_with(r->out, "=\"/");

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		begins = begins || ends_with(r->out, links[i]);
	if (slash)
		return value[0] == '/' || value[0] == '\\';
	if (!begins || value[0] == '?' || value[0] == '#' || !value[0])
		return false;
	return value[0] != '/' || value[1] == '/' || value[1] == '\\';
}

static int put_value(struct render *r, const json_t *v)
{
	char text[40];

	if (json_is_string(v) && leads_away(r, json_string_value(v)))
		return put(r, "#", 1);
	if (json_is_string(v))
		return put_escaped(r, json_string_value(v));
	if (json_is_integer(v))
		(void)snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(v));
	else if (json_is_real(v))
		(void)snprintf(text, sizeof(text), "%.6g", json_real_value(v));
	else
		(void)snprintf(text, sizeof(text), "%s", json_is_true(v) ? "true" : "");
	return put(r, text, strlen(text));
}

/* The end of the section that @open begins; @ret is what is within it. */
static int find_end(struct render *r, struct span s, const struct tag *open, struct span *ret,
		    const char **ret_after)
{
	size_t open_now = 1;
	struct tag tag;

	ret->at = s.at;
	for (;;) {
		int n = next_tag(r, s, &tag);

		if (n < 0)
			return n;
		if (n == 0)
			return malformed(r, "a section does not end", open->name);
		s.at = tag.end;
		if (tag.kind == '#' || tag.kind == '^')
			open_now++;
		if (tag.kind != '/' || --open_now)
			continue;
		if (strcmp(tag.name, open->name) != 0)
			return malformed(r, "a section ends that was not begun", tag.name);
		ret->end = tag.begin;
		*ret_after = tag.end;
		return 0;
	}
}

static int render_span(struct render *r, struct span s);

static int render_with(struct render *r, struct span s, const json_t *v)
{
	int n;

	if (r->depth == DEPTH_MAX)
		return oak_fail(r->err, OAK_E_TOOLARGE, "template %s: too deep", r->name);
	r->stack[++r->depth] = v;
	n = render_span(r, s);
	r->depth--;
	return n;
}

static int render_section(struct render *r, struct span s, const json_t *v)
{
	const json_t *item;
	size_t i;
	int n = 0;

	if (!json_is_array(v))
		return render_with(r, s, v);
	json_array_foreach(v, i, item)
	{
		n = render_with(r, s, item);
		if (n < 0)
			return n;
		r->steps++;
	}
	return n;
}

static const char *find_text(const struct render *r, const char *name)
{
	for (const struct template_text *t = r->texts; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t->text;
	return NULL;
}

static int render_named(struct render *r, const char *name)
{
	const char *text = find_text(r, name), *before = r->name;
	int n;

	if (!text)
		return oak_fail(r->err, OAK_E_NOTFOUND, "there is no template \"%.64s\"", name);
	if (r->nested == DEPTH_MAX)
		return oak_fail(r->err, OAK_E_TOOLARGE, "template %s: too deep", r->name);
	r->nested++;
	r->name = name;
	n = render_span(r, (struct span){ text, text + strlen(text) });
	r->name = before;
	r->nested--;
	return n;
}

/* A tag that begins something; @s begins behind it, and is moved behind what it began. */
static int render_tag(struct render *r, struct span *s, const struct tag *tag)
{
	const json_t *v = look_up(r, tag->name);
	struct span within = { 0 };
	int n;

	if (tag->kind == '!')
		return 0;
	if (tag->kind == '>')
		return render_named(r, tag->name);
	if (tag->kind == 'v')
		return put_value(r, v);
	if (tag->kind == '/')
		return malformed(r, "a section ends that was not begun", tag->name);
	n = find_end(r, *s, tag, &within, &s->at);
	if (n < 0 || is_yes(v) != (tag->kind == '#'))
		return n;
	return tag->kind == '#' ? render_section(r, within, v) : render_span(r, within);
}

static int render_span(struct render *r, struct span s)
{
	struct tag tag;
	int n;

	while ((n = next_tag(r, s, &tag)) > 0) {
		n = put(r, s.at, (size_t)(tag.begin - s.at));
		s.at = tag.end;
		if (n == 0)
			n = render_tag(r, &s, &tag);
		if (n < 0)
			return n;
	}
	return n < 0 ? n : put(r, s.at, (size_t)(s.end - s.at));
}

int template_render(const struct template_text *texts, const char *name, const json_t *document,
		    struct buf *out, struct oak_error *err)
{
	struct render r = { .texts = texts, .stack = { document }, .out = out, .err = err };

	r.name = name;
	return render_named(&r, name);
}
