/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "trust/canonical.h"
#include "trust/fields.h"

static const char hex_digits[] = "0123456789abcdef";

/* "0x" and 1 to 16 lower-case hex digits. */
static int parse_address(const char *text, uint64_t *ret)
{
	uint64_t n = 0;
	size_t len;

	if (strncmp(text, "0x", 2) != 0)
		return -EINVAL;
	text += 2;
	len = strlen(text);
	if (len < 1 || len > 16 || strspn(text, hex_digits) != len)
		return -EINVAL;
	for (; *text; text++)
		n = n << 4 | (uint64_t)(strchr(hex_digits, *text) - hex_digits);
	*ret = n;
	return 0;
}

static int parse_function(const json_t *json, struct manifest_function *ret, struct oak_error *err)
{
	const char *address = "";
	uint64_t sympos = 0;
	int r = field_text(json, "object", &text_word, &ret->object, err);

	if (r == 0)
		r = field_text(json, "name", &text_word, &ret->name, err);
	if (r == 0)
		r = field_number(json, "sympos", 0, UINT32_MAX, &sympos, err);
	if (r == 0)
		r = field_text(json, "address", &text_word, &address, err);
	if (r == 0)
		r = field_text(json, "proof", &text_word, &ret->proof, err);
	if (r < 0)
		return r;
	if (parse_address(address, &ret->address) < 0)
		return oak_fail(err, OAK_E_FORMAT, "address: not like 0xffffffff81000000");
	ret->sympos = (uint32_t)sympos;
	return 0;
}

static int parse_cves(const json_t *json, struct manifest_fix *ret, struct oak_error *err)
{
	const json_t *list;
	size_t n;
	int r = field_list(json, "cve", true, MANIFEST_LIST_MAX, &list, &n, err);

	if (r < 0)
		return r;
	ret->cve = calloc(n + 1, sizeof(const char *));
	if (!ret->cve)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		const char *id = json_string_value(json_array_get(list, i));

		if (!id || !text_follows(id, &text_word))
			return oak_fail(err, OAK_E_FORMAT, "cve: %zu: not a plain word", i);
		ret->cve[ret->n_cve++] = id;
	}
	return 0;
}

static int parse_functions(const json_t *json, struct manifest_fix *ret, struct oak_error *err)
{
	const json_t *list;
	size_t n;
	int r = field_list(json, "functions", true, MANIFEST_LIST_MAX, &list, &n, err);

	if (r < 0)
		return r;
	ret->functions = calloc(n + 1, sizeof(*ret->functions));
	if (!ret->functions)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		r = parse_function(json_array_get(list, i), &ret->functions[i], err);
		if (r < 0)
			return oak_context(err, "functions: %zu", i);
		ret->n_functions++;
	}
	return 0;
}

static int parse_fix(const json_t *json, struct manifest_fix *ret, struct oak_error *err)
{
	int r = field_text(json, "id", &text_word, &ret->id, err);

	if (r == 0)
		r = field_text(json, "title", &text_title, &ret->title, err);
	if (r == 0)
		r = field_text(json, "patch_sha256", &text_sha256, &ret->patch_sha256, err);
	if (r == 0)
		r = field_severity(json, "severity", &ret->severity, err);
	if (r == 0)
		r = parse_cves(json, ret, err);
	if (r == 0)
		r = parse_functions(json, ret, err);
	return r;
}

static int parse_fixes(struct manifest *m, struct oak_error *err)
{
	const json_t *list;
	size_t n;
	int r = field_list(m->json, "fixes", false, MANIFEST_LIST_MAX, &list, &n, err);

	if (r < 0)
		return r;
	m->fixes = calloc(n, sizeof(*m->fixes));
	if (!m->fixes)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		/* Counted first, so that manifest_free() frees what a failure leaves. */
		m->n_fixes++;
		r = parse_fix(json_array_get(list, i), &m->fixes[i], err);
		if (r < 0)
			return oak_context(err, "fixes: %zu", i);
	}
	return 0;
}

static int parse_object(const json_t *json, struct manifest_object *ret, struct oak_error *err)
{
	int r = field_text(json, "name", &text_word, &ret->name, err);

	if (r == 0)
		r = field_text(json, "build_id", &text_build_id, &ret->build_id, err);
	/* It becomes a directory of /sys/module. */
	if (r == 0 && ret->name[0] == '.')
		r = oak_fail(err, OAK_E_FORMAT, "name: not the name of a module");
	return r;
}

static int parse_objects(struct manifest *m, struct oak_error *err)
{
	const json_t *list;
	size_t n;
	int r;

	if (!json_object_get(m->json, "modules"))
		return 0;
	r = field_list(m->json, "modules", true, MANIFEST_LIST_MAX, &list, &n, err);
	if (r < 0)
		return r;
	m->modules = calloc(n + 1, sizeof(*m->modules));
	if (!m->modules)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (; m->n_modules < n; m->n_modules++) {
		r = parse_object(json_array_get(list, m->n_modules), &m->modules[m->n_modules], err);
		if (r < 0)
			return oak_context(err, "modules: %zu", m->n_modules);
	}
	return 0;
}

/* @text is the member that @ret->text comes from. */
static int parse_finding(const json_t *json, const char *text, struct manifest_finding *ret,
			 struct oak_error *err)
{
	int r = field_text(json, "rule", &text_word, &ret->rule, err);

	if (r == 0)
		r = field_text(json, "symbol", &text_line, &ret->symbol, err);
	if (r == 0)
		r = field_text(json, "why", &text_line, &ret->why, err);
	if (r == 0)
		r = field_text(json, text, &text_line, &ret->text, err);
	return r;
}

/* Levels that were made before have none. */
static int parse_findings(const json_t *json, const char *key, const char *text,
			  struct manifest_finding **ret, size_t *ret_n, struct oak_error *err)
{
	const json_t *list;
	size_t n;
	int r;

	if (!json_object_get(json, key))
		return 0;
	r = field_list(json, key, true, MANIFEST_LIST_MAX, &list, &n, err);
	if (r < 0)
		return r;
	*ret = calloc(n + 1, sizeof(**ret));
	if (!*ret)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (; *ret_n < n; ++*ret_n) {
		r = parse_finding(json_array_get(list, *ret_n), text, &(*ret)[*ret_n], err);
		if (r < 0)
			return oak_context(err, "%s: %zu", key, *ret_n);
	}
	return 0;
}

static int parse_all_findings(struct manifest *m, struct oak_error *err)
{
	int r = parse_findings(m->json, "accepted", "reason", &m->accepted, &m->n_accepted, err);

	return r < 0 ? r
		     : parse_findings(m->json, "warnings", "advice", &m->warnings, &m->n_warnings,
				      err);
}

int manifest_kernel_parse(const json_t *kernel, struct manifest_kernel *ret, struct oak_error *err)
{
	const struct {
		const char *key;
		const struct text_rule *rule;
		const char **ret;
	} rows[] = {
		{ "build_id", &text_build_id, &ret->build_id },
		{ "release", &text_word, &ret->release },
		{ "arch", &text_word, &ret->arch },
		{ "distribution", &text_word, &ret->distribution },
		{ "package_version", &text_word, &ret->package_version },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = field_text(kernel, rows[i].key, rows[i].rule, rows[i].ret, err);

		if (r < 0)
			return oak_context(err, "kernel");
	}
	/* It becomes a directory of the target's path. */
	if (ret->arch[0] == '.' || strlen(ret->arch) > 32)
		return oak_fail(err, OAK_E_FORMAT, "kernel: arch: not the name of an architecture");
	return 0;
}

static int parse_module(struct manifest *m, struct oak_error *err)
{
	const json_t *module = json_object_get(m->json, "module");
	char want[32];
	int r = field_text(module, "name", &text_word, &m->module.name, err);

	if (r == 0)
		r = field_number(module, "size", 1, MANIFEST_MODULE_MAX, &m->module.size, err);
	if (r == 0)
		r = field_text(module, "sha256", &text_sha256, &m->module.sha256, err);
	if (r == 0)
		r = field_text(module, "vermagic", &text_title, &m->module.vermagic, err);
	if (r == 0)
		r = field_optional(module, "signer", &m->module.signer, err);
	if (r < 0)
		return oak_context(err, "module");
	(void)snprintf(want, sizeof(want), "oakum_%u", m->level);
	if (strcmp(m->module.name, want) != 0)
		return oak_fail(err, OAK_E_FORMAT, "module: name: '%s' is not '%s'", m->module.name,
				want);
	return 0;
}

/* A level always replaces every earlier one: that is what makes levels cumulative. */
static int parse_level(struct manifest *m, struct oak_error *err)
{
	const char *replaces;
	uint64_t n;
	int r = field_number(m->json, "schema", MANIFEST_SCHEMA, MANIFEST_SCHEMA, &n, err);

	if (r == 0)
		r = field_number(m->json, "level", 1, MANIFEST_LEVEL_MAX, &n, err);
	if (r == 0)
		r = field_text(m->json, "replaces", &text_word, &replaces, err);
	if (r == 0)
		r = field_text(m->json, "channel", &text_word, &m->channel, err);
	if (r == 0)
		r = field_optional(m->json, "effective_version", &m->effective_version, err);
	if (r < 0)
		return r;
	if (strcmp(replaces, "all") != 0)
		return oak_fail(err, OAK_E_FORMAT, "replaces: not 'all'");
	m->level = (uint32_t)n;
	return 0;
}

static int parse_withdrawn(struct manifest *m, struct oak_error *err)
{
	const json_t *withdrawn = json_object_get(m->json, "withdrawn");

	if (withdrawn && !json_is_null(withdrawn) && !json_is_object(withdrawn))
		return oak_fail(err, OAK_E_FORMAT, "withdrawn: neither null nor an object");
	m->withdrawn = json_is_object(withdrawn);
	return 0;
}

/* It will be signed as a part of targets.json, so it must have a canonical form. */
static int check_canonical(const json_t *json, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf canonical = { 0 };

	return canonical_json(json, &canonical, err);
}

int manifest_from_json(const json_t *json, const char *what, struct manifest **ret,
		       struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* json_incref() wants non-const; only the reference count changes. */
	m->json = json_incref((json_t *)(uintptr_t)json);
	if (!json_is_object(json))
		return oak_fail(err, OAK_E_FORMAT, "%s: not an object", what);
	r = check_canonical(json, err);
	if (r == 0)
		r = parse_level(m, err);
	if (r == 0)
		r = manifest_kernel_parse(json_object_get(json, "kernel"), &m->kernel, err);
	if (r == 0)
		r = parse_module(m, err);
	if (r == 0)
		r = parse_objects(m, err);
	if (r == 0)
		r = parse_fixes(m, err);
	if (r == 0)
		r = parse_all_findings(m, err);
	if (r == 0)
		r = parse_withdrawn(m, err);
	if (r < 0)
		return oak_context(err, "%s", what);
	*ret = take_ptr(m);
	return 0;
}

int manifest_parse(const void *data, size_t len, const char *what, struct manifest **ret,
		   struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	int r = json_parse(data, len, MANIFEST_BYTES_MAX, what, &json, err);

	return r < 0 ? r : manifest_from_json(json, what, ret, err);
}

void manifest_level_path(const struct manifest *m, char ret[MANIFEST_PATH_MAX])
{
	(void)snprintf(ret, MANIFEST_PATH_MAX, "kernels/%s/%s/%u/%s.ko.zst", m->kernel.arch,
		       m->kernel.build_id, m->level, m->module.name);
}

void manifest_free(struct manifest *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n_fixes; i++) {
		free(m->fixes[i].cve);
		free(m->fixes[i].functions);
	}
	free(m->fixes);
	free(m->modules);
	free(m->accepted);
	free(m->warnings);
	json_decref(m->json);
	free(m);
}
