/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kbuild-parse: the assignments of one Makefile that name objects or folders. */
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "trust/cve/kbuild-map.h"

#define SYMBOL       "CONFIG_"
#define SYMBOL_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
#define SPACE        " \t"

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

void kbuild_lines_free(struct kbuild_lines *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].base);
		free(l->v[i].condition);
		free(l->v[i].values);
	}
	free(l->v);
	*l = (struct kbuild_lines){ 0 };
}

/* One logical line without its comment: lines that end with a backslash are joined. */
static const char *logical_line(const char *at, const char *end, struct buf *ret)
{
	bool comment = false;

	ret->len = 0;
	for (; at < end && *at != '\n'; at++) {
		if (*at == '\\' && at + 1 < end && at[1] == '\n') {
			at++;
			if (buf_add(ret, " ", 1) < 0)
				return NULL;
			continue;
		}
		comment = comment || *at == '#';
		if (!comment && *at != '\0' && buf_add(ret, *at == '\r' ? " " : at, 1) < 0)
			return NULL;
	}
	return at < end ? at + 1 : end;
}

/* Behind the parenthesis that closes the one at @at; the end of the text where none does. */
static const char *behind_parenthesis(const char *at)
{
	unsigned depth = 0;

	for (; *at; at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')' && --depth == 0)
			return at + 1;
	}
	return at;
}

static int add_word(struct buf *ret, const char *prefix, size_t prefix_len, const char *word,
		    size_t len)
{
	if (ret->len && buf_add(ret, " ", 1) < 0)
		return -1;
	return buf_add(ret, prefix, prefix_len) < 0 || buf_add(ret, word, len) < 0 ? -1 : 0;
}

/* "$(a-y)" and "$(FILES)" stay; what else is called or named in $() is not known. */
static bool is_reference(const char *word, size_t len)
{
	return len > 3 && word[0] == '$' && word[len - 1] == ')' &&
	       strspn(word + 2, SYMBOL_CHARS "-") == len - 3;
}

static bool names_object(const char *word, size_t len)
{
	if (memchr(word, '$', len))
		return is_reference(word, len);
	return (len > 2 && word[len - 2] == '.' && word[len - 1] == 'o') ||
	       (len > 1 && word[len - 1] == '/');
}

static size_t word_length(const char *at)
{
	const char *start = at;

	while (*at && *at != ' ' && *at != '\t' && *at != ')')
		at = *at == '$' && at[1] == '(' ? behind_parenthesis(at + 1) : at + 1;
	return (size_t)(at - start);
}

/* Words with one space between; $(addprefix P, a b) is "Pa Pb". */
static int read_values(const char *at, struct buf *ret)
{
	static const char call[] = "$(addprefix ";
	const char *prefix = "";
	size_t prefix_len = 0, len;

	for (at += strspn(at, SPACE); *at; at += strspn(at, SPACE)) {
		if (*at == ')') {
			prefix_len = 0;
			at++;
			continue;
		}
		if (strncmp(at, call, sizeof(call) - 1) == 0) {
			prefix = at + sizeof(call) - 1;
			prefix += strspn(prefix, SPACE);
			prefix_len = strcspn(prefix, ",$) \t");
			at = prefix + prefix_len;
			if (*at != ',') /* a prefix that is not known, and so are its words */
				return 0;
			at++;
			continue;
		}
		len = word_length(at);
		if (names_object(at, len) && add_word(ret, prefix, prefix_len, at, len) < 0)
			return -1;
		at += len;
	}
	return 0;
}

/* The symbol in "$(CONFIG_A)"; "?" where it is more than that: "$(subst m,y,$(CONFIG_A))". */
static char *condition_of(const char *text, size_t len)
{
	_cleanup_(freep) char *copy = strndup(text, len);
	const char *symbol = copy ? strstr(copy, SYMBOL) : NULL;

	if (!copy)
		return NULL;
	if (strcmp(copy, "objs") == 0)
		return strdup("y");
	if (strcmp(copy, "y") == 0 || strcmp(copy, "m") == 0)
		return take_ptr(copy);
	if (!symbol || symbol != copy + 2 || strcmp(symbol + strspn(symbol, SYMBOL_CHARS), ")") != 0)
		return strdup("?");
	return strndup(symbol, strspn(symbol, SYMBOL_CHARS));
}

/* Where the base of a variable's name ends: "a-objs", "a-y", "a-$(CONFIG_A)"; all of "FILES". */
static size_t base_length(const char *name, size_t len)
{
	static const char *const ends[] = { "-y", "-m", "-objs" };
	const char *call = memmem(name, len, "-$(", 3);

	if (call)
		return (size_t)(call - name);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i]);

		if (len > end && memcmp(name + len - end, ends[i], end) == 0)
			return len - end;
	}
	return len;
}

static int add_line(struct kbuild_lines *l, const char *name, size_t len, const char *values,
		    struct oak_error *err)
{
	size_t base = base_length(name, len);
	struct kbuild_line line = { 0 };
	void *more;

	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;

		more = reallocarray(l->v, cap, sizeof(*l->v));
		if (!more)
			return out_of_memory(err);
		l->v = more;
		l->cap = cap;
	}
	line.base = strndup(name, base);
	line.condition = base == len ? strdup("y") : condition_of(name + base + 1, len - base - 1);
	line.values = strdup(values);
	l->v[l->n++] = line;
	return line.base && line.condition && line.values ? 0 : out_of_memory(err);
}

static int read_line(struct kbuild_lines *l, const char *text, struct buf *values,
		     struct oak_error *err)
{
	const char *equals = strchr(text, '=');
	size_t len;

	if (!equals || text[0] == '\t')
		return 0;
	text += strspn(text, SPACE);
	len = (size_t)(equals - text);
	while (len && strchr(SPACE "+:?", text[len - 1]))
		len--;
	if (len == 0 || (memchr(text, ' ', len) && !memmem(text, len, "$(", 2)))
		return 0;
	values->len = 0;
	if (read_values(equals + 1, values) < 0)
		return out_of_memory(err);
	return values->len ? add_line(l, text, len, buf_str(values), err) : 0;
}

int kbuild_parse(const char *text, size_t len, struct kbuild_lines *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf line = { 0 }, values = { 0 };
	const char *at = text, *end = text + len;
	struct kbuild_lines lines = { 0 };
	int r = 0;

	while (at < end && r == 0) {
		at = logical_line(at, end, &line);
		r = at ? read_line(&lines, line.len ? buf_str(&line) : "", &values, err)
		       : out_of_memory(err);
	}
	if (r < 0) {
		kbuild_lines_free(&lines);
		return r;
	}
	*ret = lines;
	return 0;
}
