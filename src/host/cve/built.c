/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cve/built.h"

#include <stdlib.h>
#include <string.h>

#include "trust/cve/version.h"

#define ARCH      "x86"
#define NAME_MAX_ 128
#define STEM_MAX  512

static int by_text(const void *key, const void *at)
{
	return strcmp(key, *(const char *const *)at);
}

static const char *find(const struct words *w, const char *text)
{
	const char **at = w->n ? bsearch(text, w->v, w->n, sizeof(const char *), by_text) : NULL;

	return at ? *at : NULL;
}

void built_module_name(const char *module, char *ret, size_t size)
{
	const char *slash = strrchr(module, '/');
	size_t n = 0;

	for (module = slash ? slash + 1 : module; *module && n + 1 < size; module++)
		ret[n++] = *module;
	ret[n] = '\0';
	for (char *at = ret; *at; at++)
		if (*at == '-')
			*at = '_';
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* What no kernel for any machine is made of. */
static bool is_no_kernel(const char *file)
{
	static const char *const folders[] = { "Documentation/", "tools/", "scripts/", "LICENSES/",
					       "samples/" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (begins(file, folders[i]))
			return true;
	return false;
}

static bool is_other_machine(const char *file)
{
	if (begins(file, "drivers/s390/"))
		return true;
	return begins(file, "arch/") && strchr(file + 5, '/') && !begins(file, "arch/" ARCH "/");
}

enum file_kind {
	KIND_CODE,
	KIND_BESIDE, /* a header or a Makefile that belongs to the code of its folder */
	KIND_SHARED, /* a header that anybody may include, or something else */
};

static bool ends(const char *text, const char *with)
{
	size_t n = strlen(text), m = strlen(with);

	return n >= m && strcmp(text + n - m, with) == 0;
}

static enum file_kind kind_of(const char *file)
{
	const char *name = strrchr(file, '/');

	if (ends(file, ".c") || ends(file, ".S") || ends(file, ".rs"))
		return KIND_CODE;
	if (begins(file, "include/") || strstr(file, "/include/"))
		return KIND_SHARED;
	name = name ? name + 1 : file;
	return ends(file, ".h") || begins(name, "Kconfig") || begins(name, "Makefile")
		       ? KIND_BESIDE
		       : KIND_SHARED;
}

/* 'y', 'm' or 'n'; '?' where it is not known. */
static char value_of(const struct built *b, const char *condition)
{
	const char *at;

	if (strcmp(condition, "m") == 0)
		return 'm';
	if (!begins(condition, "CONFIG_"))
		return '?';
	at = find(&b->config, condition);
	if (!at)
		return 'n';
	return at[strlen(at) + 1];
}

bool built_is_unset(const struct built *b, const char *symbol)
{
	return b->config_known && value_of(b, symbol) == 'n';
}

/* A module by its path: is it loaded, or can it be? */
static struct built_why module_state(const struct built *b, const char *module)
{
	char name[NAME_MAX_];
	struct built_why why = { .module = module };

	built_module_name(module, name, sizeof(name));
	if (!b->loaded_known)
		why.state = BUILT_UNKNOWN;
	else if (find(&b->loaded, name))
		why.state = BUILT_YES;
	else if (b->all_blocked || find(&b->blocked, name))
		why.state = BUILT_UNLOADABLE;
	else
		why.state = BUILT_UNLOADED;
	return why;
}

static struct built_why by_rule(const struct built *b, const struct cve_db *db,
				const struct cve_file_rule *rule)
{
	struct built_why why = { .state = BUILT_YES };
	bool unsure = false;

	for (uint32_t i = 0; i < rule->n_conditions; i++) {
		const char *condition = cve_db_text(db, db->conditions[rule->conditions + i]);
		char value = value_of(b, condition);

		unsure = unsure || value == '?';
		if (value != 'n')
			continue;
		why.state = BUILT_NO;
		why.symbol = condition;
		return why;
	}
	if (!unsure && rule->module && rule->n_conditions &&
	    value_of(b, cve_db_text(db, db->conditions[rule->conditions])) == 'm')
		why = module_state(b, cve_db_text(db, rule->module));
	/* A module that should be on the disk and is not: the Makefile was not understood. */
	if (unsure || (why.module && b->on_disk.n && !find(&b->on_disk, why.module)))
		why.state = BUILT_UNKNOWN;
	return why;
}

/* Of several places where the code is, the one that counts: what runs before what might. */
static bool outweighs(const struct built_why *a, const struct built_why *b)
{
	static const int ranks[] = {
		[BUILT_NO] = 0,      [BUILT_UNLOADABLE] = 1, [BUILT_UNLOADED] = 2,
		[BUILT_UNKNOWN] = 3, [BUILT_YES] = 4,
	};

	return ranks[a->state] > ranks[b->state];
}

/* A module, or a part of the kernel that could be one, has the name of its only file. */
static struct built_why by_name(const struct built *b, const char *file)
{
	struct built_why why = { .state = BUILT_UNKNOWN };
	const char *dot = strrchr(file, '.'), *module;
	char stem[STEM_MAX];

	if (!dot || (size_t)(dot - file) >= sizeof(stem))
		return why;
	memcpy(stem, file, (size_t)(dot - file));
	stem[dot - file] = '\0';
	module = find(&b->on_disk, stem);
	if (module)
		return module_state(b, module);
	if (find(&b->builtin, stem))
		why.state = BUILT_YES;
	return why;
}

/* Nowhere by all rules, but its module is there: the same. */
static bool is_contradicted(const struct built *b, const struct cve_db *db,
			    const struct cve_file_path *path)
{
	for (uint32_t i = 0; i < path->n_rules; i++) {
		const struct cve_file_rule *rule = &db->rules[path->rules + i];
		const char *module = cve_db_text(db, rule->module);

		if (rule->module && rule->n_conditions &&
		    value_of(b, cve_db_text(db, db->conditions[rule->conditions])) == 'n' &&
		    (find(&b->on_disk, module) || find(&b->builtin, module)))
			return true;
	}
	return false;
}

struct built_why built_file(const struct built *b, const struct cve_db *db,
			    const struct cve_file_path *path)
{
	const char *file = cve_db_text(db, path->name);
	struct built_why why = { .state = BUILT_NO };

	if (is_no_kernel(file) || is_other_machine(file)) {
		why.file = file;
		return why;
	}
	if (!b->config_known || path->n_rules == 0 ||
	    !cve_version_same_branch(db->header->kbuild, b->upstream)) {
		why = by_name(b, file);
		why.file = file;
		return why;
	}
	for (uint32_t i = 0; i < path->n_rules; i++) {
		struct built_why one = by_rule(b, db, &db->rules[path->rules + i]);

		if (i == 0 || outweighs(&one, &why))
			why = one;
	}
	if (why.state == BUILT_NO && is_contradicted(b, db, path))
		why = (struct built_why){ .state = BUILT_UNKNOWN };
	why.file = file;
	return why;
}

/* Do both lie in one folder, or one in a folder below the other's? */
static bool are_near(const char *a, const char *b)
{
	const char *slash_a = strrchr(a, '/'), *slash_b = strrchr(b, '/');
	size_t len_a = slash_a ? (size_t)(slash_a - a) + 1 : 0;
	size_t len_b = slash_b ? (size_t)(slash_b - b) + 1 : 0;
	size_t len = len_a < len_b ? len_a : len_b;

	return len > 0 && memcmp(a, b, len) == 0;
}

static bool has_code_near(const struct cve_db *db, const struct cve_file_record *r, const char *file)
{
	for (uint32_t i = 0; i < r->n_files; i++) {
		const char *other = cve_db_text(db, cve_db_path(db, r, i)->name);

		if (kind_of(other) == KIND_CODE && are_near(file, other))
			return true;
	}
	return false;
}

struct built_why built_record(const struct built *b, const struct cve_db *db,
			      const struct cve_file_record *r)
{
	struct built_why all = { .state = BUILT_UNKNOWN };
	bool any = false;

	for (uint32_t i = 0; i < r->n_files; i++) {
		const struct cve_file_path *path = cve_db_path(db, r, i);
		const char *file = cve_db_text(db, path->name);
		struct built_why one = built_file(b, db, path);

		if (one.state != BUILT_NO && kind_of(file) == KIND_BESIDE &&
		    has_code_near(db, r, file))
			continue;
		if (one.state != BUILT_NO && kind_of(file) != KIND_CODE)
			one = (struct built_why){ .state = BUILT_UNKNOWN, .file = file };
		if (!any || outweighs(&one, &all))
			all = one;
		any = true;
	}
	return all;
}
