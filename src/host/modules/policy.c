/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static int add(struct module_policy *p, struct policy_rule rule, struct word name,
	       struct word value, struct oak_error *err)
{
	if (p->n == POLICY_RULES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u rules", POLICY_RULES_MAX);
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 64;
		struct policy_rule *v = reallocarray(p->rules, cap, sizeof(*v));

		if (!v)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		p->rules = v;
		p->cap = cap;
	}
	rule.name = strndup(name.p, name.len);
	rule.value = strndup(value.p, value.len);
	p->rules[p->n++] = rule;
	return rule.name && rule.value ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* A command that loads nothing: the usual ways to say so. */
static bool does_nothing(struct word command)
{
	static const char *const commands[] = {
		"/bin/false", "/bin/true", "/usr/bin/false", "/usr/bin/true", "false", "true", ":"
	};
	struct word first, more;

	if (!word_next(&command, &first))
		return false;
	if (word_next(&command, &more) && more.p[0] != '#')
		return false;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (word_is(first, commands[i]))
			return true;
	return false;
}

static struct word trim(struct word w)
{
	while (w.len && (w.p[0] == ' ' || w.p[0] == '\t')) {
		w.p++;
		w.len--;
	}
	return w;
}

/* "pre: a b post: c": is there any name? Without "pre:" or "post:" there is none. */
static bool names_module(struct word softdep)
{
	bool listed = false;
	struct word w;

	while (word_next(&softdep, &w)) {
		if (listed && !word_is(w, "pre:") && !word_is(w, "post:"))
			return true;
		listed |= word_is(w, "pre:") || word_is(w, "post:");
	}
	return false;
}

static int parse_line(struct module_policy *p, struct word line, const char *file,
		      struct oak_error *err)
{
	struct policy_rule rule = { .file = file };
	struct word what, name, value = { "", 0 };

	if (!word_next(&line, &what) || !word_next(&line, &name))
		return 0;
	if (word_is(what, "blacklist")) {
		rule.kind = POLICY_BLACKLIST;
	} else if (word_is(what, "install")) {
		value = trim(line);
		if (!value.len)
			return 0;
		rule.kind = POLICY_INSTALL;
		rule.nothing = does_nothing(value);
	} else if (word_is(what, "softdep")) {
		value = trim(line);
		rule.kind = POLICY_SOFTDEP;
		rule.nothing = !names_module(value);
	} else if (word_is(what, "alias")) {
		if (!word_next(&line, &value))
			return 0;
		rule.kind = POLICY_ALIAS;
	} else {
		return 0;
	}
	return add(p, rule, name, value, err);
}

/* A backslash before the end of a line joins it to the next. */
static char *join(const char *text)
{
	char *joined = strdup(text), *to = joined;

	for (const char *from = joined; from && *from;) {
		if (from[0] == '\\' && from[1] == '\n')
			from += 2;
		else
			*to++ = *from++;
	}
	if (joined)
		*to = '\0';
	return joined;
}

int policy_parse(struct module_policy *p, const char *text, const char *file, struct oak_error *err)
{
	_cleanup_(freep) char *joined = join(text);
	const char *at = joined;
	struct word line;
	int r = 0;

	if (!joined)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	while (r == 0 && word_line(&at, &line))
		if (line.len && line.p[0] != '#')
			r = parse_line(p, line, file, err);
	return r;
}

static int add_names(struct module_policy *p, struct word list, enum policy_kind kind,
		     struct oak_error *err)
{
	const struct policy_rule rule = { .kind = kind, .file = "proc/cmdline" };
	struct word name;
	int r = 0;

	while (r == 0 && word_split(&list, ',', &name))
		if (name.len)
			r = add(p, rule, name, (struct word){ "", 0 }, err);
	return r;
}

int policy_parse_cmdline(struct module_policy *p, const char *text, struct oak_error *err)
{
	struct word line = { text, strcspn(text, "\n") }, w;
	int r = 0;

	while (r == 0 && word_next(&line, &w)) {
		static const char refused[] = "module_blacklist=", listed[] = "modprobe.blacklist=";

		if (word_starts(w, refused))
			r = add_names(p,
				      (struct word){ w.p + sizeof(refused) - 1,
						     w.len - sizeof(refused) + 1 },
				      POLICY_REFUSED, err);
		else if (word_starts(w, listed))
			r = add_names(p,
				      (struct word){ w.p + sizeof(listed) - 1,
						     w.len - sizeof(listed) + 1 },
				      POLICY_BLACKLIST, err);
	}
	return r;
}

void policy_free(struct module_policy *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->rules[i].name);
		free(p->rules[i].value);
	}
	free(p->rules);
	for (size_t i = 0; i < p->n_files; i++)
		free(p->files[i]);
	free((void *)p->files);
	*p = (struct module_policy){ 0 };
}

const struct policy_rule *policy_find(const struct module_policy *p, enum policy_kind kind,
				      const char *module)
{
	bool by_pattern = kind == POLICY_INSTALL || kind == POLICY_SOFTDEP;

	/* kmod takes patterns for these two, and names for the rest. */
	for (size_t i = 0; i < p->n; i++)
		if (p->rules[i].kind == kind &&
		    (by_pattern ? alias_matches(p->rules[i].name, module)
				: alias_equal(p->rules[i].name, module)))
			return &p->rules[i];
	return NULL;
}

const struct policy_rule *policy_alias_next(const struct module_policy *p, const char *alias,
					    size_t *at)
{
	while (*at < p->n) {
		const struct policy_rule *rule = &p->rules[(*at)++];

		if (rule->kind == POLICY_ALIAS && alias_matches(rule->name, alias))
			return rule;
	}
	return NULL;
}

const char *policy_userns_name(enum policy_userns u)
{
	static const char *const names[] = {
		[USERNS_NONE] = "none",
		[USERNS_RESTRICTED] = "restricted",
		[USERNS_FREE] = "free",
	};

	return names[u];
}
