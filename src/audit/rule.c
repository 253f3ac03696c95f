/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/rule.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/cmdline.h"
#include "host/plain.h"
#include "host/sysfs.h"

#define WORD_MAX 256

enum op {
	OP_NONE,
	OP_IS,
	OP_IS_NOT,
	OP_AT_LEAST,
	OP_AT_MOST,
	OP_CONTAINS,
	OP_LACKS,
};

struct term {
	char kind[16];
	char name[WORD_MAX];
	enum op op;
	char value[WORD_MAX];
};

static const struct {
	const char *text;
	enum op op;
} ops[] = {
	{ "!=", OP_IS_NOT }, { ">=", OP_AT_LEAST }, { "<=", OP_AT_MOST },
	{ "!~", OP_LACKS },  { "~", OP_CONTAINS },  { "=", OP_IS },
};

/* Splits "sysctl:kernel.sysrq<=1"; false where it is malformed. */
static bool parse_term(const char *text, size_t len, struct term *ret)
{
	char word[WORD_MAX], *colon, *op;

	*ret = (struct term){ .op = OP_NONE };
	if (len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	colon = strchr(word, ':');
	if (!colon || colon - word >= (ptrdiff_t)sizeof(ret->kind))
		return false;
	*colon++ = '\0';
	memcpy(ret->kind, word, (size_t)(colon - word));
	op = colon + strcspn(colon, "!<>=~");
	for (size_t i = 0; *op && i < sizeof(ops) / sizeof(ops[0]); i++) {
		size_t n = strlen(ops[i].text);

		if (strncmp(op, ops[i].text, n) != 0)
			continue;
		ret->op = ops[i].op;
		(void)snprintf(ret->value, sizeof(ret->value), "%s", op + n);
		break;
	}
	if (*op && ret->op == OP_NONE)
		return false;
	*op = '\0';
	(void)snprintf(ret->name, sizeof(ret->name), "%s", colon);
	return ret->name[0] != '\0';
}

/* What the place of a term holds. */
struct held {
	enum rule_answer answer; /* RULE_HOLDS: there is a value */
	struct rule_seen seen;
	char value[WORD_MAX]; /* as it is, for comparing */
};

static void held_config(const struct audit_context *ctx, const char *names, struct held *ret)
{
	const char *value = NULL, *found = names;
	int len = (int)strcspn(names, "/");

	(void)snprintf(ret->seen.file, sizeof(ret->seen.file), "%s",
		       ctx->config.path[0] ? ctx->config.path : "kernel configuration");
	if (!ctx->config.path[0]) {
		ret->answer = RULE_UNKNOWN;
		(void)snprintf(ret->seen.value, sizeof(ret->seen.value), "cannot be read");
		return;
	}
	for (const char *p = names; *p && !value; p += strcspn(p, "/"), p += *p == '/') {
		char name[WORD_MAX];
		int n = (int)strcspn(p, "/");

		(void)snprintf(name, sizeof(name), "%.*s", n, p);
		value = kconfig_get(&ctx->config, name);
		if (value) {
			found = p;
			len = n;
		}
	}
	(void)snprintf(ret->value, sizeof(ret->value), "%s", value ? value : "");
	if (!value)
		(void)snprintf(ret->seen.value, sizeof(ret->seen.value),
			       "CONFIG_%.*s: no such option", len, found);
	else if (strcmp(value, "n") == 0)
		(void)snprintf(ret->seen.value, sizeof(ret->seen.value), "CONFIG_%.*s is not set",
			       len, found);
	else
		(void)snprintf(ret->seen.value, sizeof(ret->seen.value), "CONFIG_%.*s=%.100s", len,
			       found, value);
}

static void held_file(const struct audit_context *ctx, const char *path, struct held *ret)
{
	int r = sysfs_read(ctx->root, path + (path[0] == '/'), ret->value, sizeof(ret->value));

	(void)snprintf(ret->seen.file, sizeof(ret->seen.file), "%s", path);
	if (r < 0) {
		ret->answer = r == -ENOENT || r == -ENOTDIR ? RULE_MISSING : RULE_UNKNOWN;
		(void)snprintf(ret->seen.value, sizeof(ret->seen.value), "%s",
			       ret->answer == RULE_MISSING ? "not in this kernel" : strerror(-r));
		return;
	}
	plain_copy(ret->seen.value, sizeof(ret->seen.value), ret->value[0] ? ret->value : "empty");
}

static void held_sysctl(const struct audit_context *ctx, const char *name, struct held *ret)
{
	char path[WORD_MAX + 16] = "/proc/sys/";
	size_t n = strlen(path);

	for (; *name && n + 1 < sizeof(path); name++)
		path[n++] = (char)(*name == '.' ? '/' : *name);
	path[n] = '\0';
	held_file(ctx, path, ret);
}

static void held_cmdline(const struct audit_context *ctx, const char *name, struct held *ret)
{
	char value[CMDLINE_VALUE_MAX];

	(void)snprintf(ret->seen.file, sizeof(ret->seen.file), "/proc/cmdline");
	if (!ctx->cmdline) {
		ret->answer = RULE_UNKNOWN;
		(void)snprintf(ret->seen.value, sizeof(ret->seen.value), "cannot be read");
	} else if (!cmdline_get(ctx->cmdline, name, value)) {
		(void)snprintf(ret->value, sizeof(ret->value), "absent");
		(void)snprintf(ret->seen.value, sizeof(ret->seen.value), "no %s", name);
	} else {
		char plain[CMDLINE_VALUE_MAX];

		memcpy(ret->value, value, sizeof(value));
		plain_copy(plain, sizeof(plain), value);
		(void)snprintf(ret->seen.value, sizeof(ret->seen.value), "%.100s%s%.100s", name,
			       value[0] ? "=" : "", plain);
	}
}

static const struct {
	const char *kind;
	void (*held)(const struct audit_context *ctx, const char *name, struct held *ret);
	const char *missing; /* what a value that is not there is, too */
} kinds[] = {
	{ "config", held_config, "n" },
	{ "sysctl", held_sysctl, NULL },
	{ "cmdline", held_cmdline, NULL },
	{ "file", held_file, NULL },
};

/* A decimal number with a sign; false for anything else. */
static bool number_of(const char *text, long long *ret)
{
	bool minus = *text == '-';
	long long n = 0;

	text += minus;
	if (!*text)
		return false;
	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *text - '0', &n))
			return false;
	*ret = minus ? -n : n;
	return !*text;
}

static bool is_one_of(const char *value, const char *list)
{
	size_t len = strlen(value);

	for (const char *p = list;; p++) {
		size_t n = strcspn(p, ",");

		if (n == len && strncmp(p, value, n) == 0)
			return true;
		p += n;
		if (!*p)
			return false;
	}
}

static bool compare(const char *value, const char *otherwise, const struct term *t)
{
	long long have, want;
	bool is = is_one_of(value, t->value) || (otherwise && is_one_of(otherwise, t->value));

	switch (t->op) {
	case OP_NONE:
		return strcmp(value, "absent") != 0;
	case OP_IS:
		return is;
	case OP_IS_NOT:
		return !is_one_of(value, t->value);
	case OP_CONTAINS:
		return strstr(value, t->value) != NULL;
	case OP_LACKS:
		return !strstr(value, t->value);
	case OP_AT_LEAST:
	case OP_AT_MOST:
	default:
		if (!number_of(value, &have) || !number_of(t->value, &want))
			return false;
		return t->op == OP_AT_LEAST ? have >= want : have <= want;
	}
}

static enum rule_answer evaluate_term(const struct audit_context *ctx, const struct term *t,
				      struct rule_seen *ret)
{
	struct held held = { .answer = RULE_HOLDS };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, t->kind) != 0)
			continue;
		kinds[i].held(ctx, t->name, &held);
		*ret = held.seen;
		if (held.answer != RULE_HOLDS)
			return held.answer;
		return compare(held.value, held.value[0] ? NULL : kinds[i].missing, t)
			       ? RULE_HOLDS
			       : RULE_BROKEN;
	}
	/* No rule is so: rule_is_valid(). */
	*ret = (struct rule_seen){ .answer = RULE_UNKNOWN };
	return RULE_UNKNOWN;
}

/* Once, also where several ways ask for it. */
static void add_seen(struct rule_result *ret, const struct rule_seen *seen)
{
	for (size_t i = 0; i < ret->n_seen; i++)
		if (strcmp(ret->seen[i].file, seen->file) == 0 &&
		    strcmp(ret->seen[i].value, seen->value) == 0)
			return;
	if (ret->n_seen < RULE_TERMS_MAX)
		ret->seen[ret->n_seen++] = *seen;
}

static void drop_missing(struct rule_result *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < ret->n_seen; i++)
		if (ret->seen[i].answer != RULE_MISSING)
			ret->seen[n++] = ret->seen[i];
	ret->n_seen = n;
}

/* All terms of a way; those that hold are seen where @holding, else those that do not. */
static enum rule_answer evaluate_way(const struct audit_context *ctx, const char *way, size_t len,
				     bool holding, struct rule_result *ret)
{
	enum rule_answer worst = RULE_HOLDS;

	for (size_t at = 0; at < len;) {
		size_t n = strcspn(way + at, " ");
		enum rule_answer answer;
		struct rule_seen seen;
		struct term t;

		if (n > len - at)
			n = len - at;
		if (!parse_term(way + at, n, &t))
			t.kind[0] = '\0';
		answer = evaluate_term(ctx, &t, &seen);
		worst = answer > worst ? answer : worst;
		seen.answer = answer;
		if ((answer == RULE_HOLDS) == holding)
			add_seen(ret, &seen);
		at += n + 1;
	}
	return worst;
}

/* The length of the way at @rule; @ret_next: of the one after it, or NULL. */
static size_t way_length(const char *rule, const char **ret_next)
{
	const char *bar = strstr(rule, " | ");

	*ret_next = bar ? bar + 3 : NULL;
	return bar ? (size_t)(bar - rule) : strlen(rule);
}

void rule_evaluate(const struct audit_context *ctx, const char *rule, struct rule_result *ret)
{
	bool unknown = false, missing = true;
	const char *next;

	ret->n_seen = 0;
	for (const char *way = rule; way; way = next) {
		size_t len = way_length(way, &next);
		enum rule_answer answer = evaluate_way(ctx, way, len, false, ret);

		if (answer == RULE_HOLDS) {
			ret->n_seen = 0;
			(void)evaluate_way(ctx, way, len, true, ret);
			ret->answer = RULE_HOLDS;
			return;
		}
		unknown = unknown || answer == RULE_UNKNOWN;
		missing = missing && answer == RULE_MISSING;
	}
	if (missing) {
		ret->answer = RULE_MISSING;
		return;
	}
	drop_missing(ret);
	ret->answer = unknown ? RULE_UNKNOWN : RULE_BROKEN;
}

bool rule_is_valid(const char *rule)
{
	size_t terms = 0;
	const char *next;

	for (const char *way = rule; way; way = next) {
		size_t len = way_length(way, &next);

		if (!len)
			return false;
		for (size_t at = 0; at < len; terms++) {
			size_t n = strcspn(way + at, " ");
			bool known = false;
			struct term t;

			n = n > len - at ? len - at : n;
			if (!parse_term(way + at, n, &t))
				return false;
			for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
				known = known || strcmp(kinds[i].kind, t.kind) == 0;
			if (!known || (t.op == OP_NONE && strcmp(t.kind, "cmdline") != 0))
				return false;
			at += n + 1;
		}
	}
	return terms > 0 && terms <= RULE_TERMS_MAX;
}

void rule_run(struct audit *a, const struct audit_check *c)
{
	static const enum audit_verdict verdicts[] = {
		[RULE_HOLDS] = AUDIT_PASS,
		[RULE_MISSING] = AUDIT_INAPPLICABLE,
		[RULE_UNKNOWN] = AUDIT_UNKNOWN,
	};
	enum audit_verdict v = c->otherwise;
	struct rule_result result;
	struct finding *f;

	if (c->since && audit_kernel_is_before(&a->ctx, c->since)) {
		f = audit_find(a, c, "host", AUDIT_INAPPLICABLE);
		audit_sawf(a, f, "/proc/sys/kernel/osrelease", "%s; Linux %s brought it",
			   a->ctx.id.release, c->since);
		return;
	}
	rule_evaluate(&a->ctx, c->rule, &result);
	/* Advice that conflicts stays so: both ways are worth a word. */
	if (result.answer != RULE_BROKEN && (v != AUDIT_CONFLICT || result.answer != RULE_HOLDS))
		v = verdicts[result.answer];
	f = audit_find(a, c, "host", v);
	for (size_t i = 0; i < result.n_seen; i++)
		audit_saw(a, f, result.seen[i].file, result.seen[i].value);
}
