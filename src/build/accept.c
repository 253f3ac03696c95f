/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/accept.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* One line of UTF-8, which is all that jansson makes a string of. */
static bool is_line(const char *text)
{
	json_t *string = json_string(text);

	json_decref(string);
	if (!string || strlen(text) > ACCEPT_REASON_MAX)
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static int check_rule(const char *text, const struct rule *rule, struct oak_error *err)
{
	if (!rule)
		return oak_fail(err, OAK_E_USAGE,
				"--accept %s: no such rule; 'oakum-build rules' lists them", text);
	if (rule->warning)
		return oak_fail(err, OAK_E_USAGE,
				"--accept %s: '%s' only warns; there is nothing to accept", text,
				rule->id);
	if (!rule->risk)
		return oak_fail(err, OAK_E_USAGE,
				"--accept %s: '%s' cannot be accepted, for the module would be wrong "
				"whatever the reason; %s",
				text, rule->id, rule->advice);
	return 0;
}

int accept_parse(const char *text, struct acceptance *ret, struct oak_error *err)
{
	const char *colon = strchr(text, ':'), *equals = colon ? strchr(colon, '=') : NULL;
	const struct rule *rule;
	int r;

	if (!equals || colon == text || equals == colon + 1)
		return oak_fail(err, OAK_E_USAGE, "--accept %s: not RULE:SYMBOL=REASON", text);
	rule = rule_find(text, (size_t)(colon - text));
	r = check_rule(text, rule, err);
	if (r < 0)
		return r;
	if (strspn(equals + 1, " ") == strlen(equals + 1))
		return oak_fail(err, OAK_E_USAGE,
				"--accept %s: a reason is missing; the manifest keeps it", text);
	if (!is_line(equals + 1))
		return oak_fail(err, OAK_E_USAGE,
				"--accept %.*s: the reason is not a line of at most %d bytes",
				(int)(equals - text), text, ACCEPT_REASON_MAX);
	*ret = (struct acceptance){ rule, colon + 1, equals + 1, (size_t)(equals - colon - 1) };
	return 0;
}

static bool is_meant(const struct acceptance *a, const struct finding *f)
{
	return a->rule == f->rule && strlen(f->symbol) == a->symbol_len &&
	       strncmp(a->symbol, f->symbol, a->symbol_len) == 0;
}

/* Several findings may have one rule and symbol: a static variable's in two objects. */
static int apply_one(const struct acceptance *a, struct findings *from, struct findings *accepted,
		     bool *ret_any, struct oak_error *err)
{
	size_t n = 0;
	int r = 0;

	*ret_any = false;
	for (size_t i = 0; r == 0 && i < from->n; i++) {
		struct finding *f = &from->v[i];

		if (!is_meant(a, f)) {
			from->v[n++] = *f;
			continue;
		}
		f->reason = a->reason;
		*ret_any = true;
		r = finding_copy(accepted, f, err);
	}
	from->n = n;
	return r;
}

int accept_apply(const char *const *texts, size_t n, struct findings *from,
		 struct findings *accepted, const char **ret_stale, struct oak_error *err)
{
	for (size_t i = 0; i < n; i++) {
		struct acceptance a;
		bool any = false;
		int r = accept_parse(texts[i], &a, err);

		if (r == 0)
			r = apply_one(&a, from, accepted, &any, err);
		if (r < 0)
			return r;
		if (!any) {
			*ret_stale = texts[i];
			return 1;
		}
	}
	return 0;
}
