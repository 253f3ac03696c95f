/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "trust/canonical.h"

#define BUILD_ID_HEX  40 /* GNU build-ids of kernels are SHA-1 sized */
#define SHA256_HEX    64
#define NAME_MAX_LEN  128
#define TITLE_MAX_LEN 512

static const char hex_digits[] = "0123456789abcdef";
static const char word_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "._+~:-";

/* How a string member must look. */
struct text_rule {
	const char *chars; /* NULL: any printable text */
	size_t min, max;
	const char *what; /* for the message: "not <what>" */
};
static const struct text_rule build_id_rule = { hex_digits, BUILD_ID_HEX, BUILD_ID_HEX,
						"40 hex digits" };
static const struct text_rule sha256_rule = { hex_digits, SHA256_HEX, SHA256_HEX, "64 hex digits" };
static const struct text_rule word_rule = { word_chars, 1, NAME_MAX_LEN, "a plain word" };
static const struct text_rule line_rule = { NULL, 1, TITLE_MAX_LEN, "a line of text" };
static const struct text_rule title_rule = { NULL, 0, TITLE_MAX_LEN, "a line of text" };

static bool is_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static int get_text(const json_t *object, const char *key, const struct text_rule *rule,
		    const char **ret, struct oak_error *err)
{
	const char *text = json_get_str(object, key);
	size_t len;

	if (!text)
		return oak_fail(err, OAK_E_FORMAT, "%s: missing, or not a string", key);
	len = strlen(text);
	if (len < rule->min || len > rule->max ||
	    (rule->chars ? strspn(text, rule->chars) != len : !is_line(text)))
		return oak_fail(err, OAK_E_FORMAT, "%s: not %s", key, rule->what);
	*ret = text;
	return 0;
}

/* null (or, where it may be left out, nothing) gives NULL. */
static int get_optional(const json_t *object, const char *key, const char **ret,
			struct oak_error *err)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_null(value)) {
		*ret = NULL;
		return 0;
	}
	return get_text(object, key, &title_rule, ret, err);
}

static int get_number(const json_t *object, const char *key, uint64_t min, uint64_t max,
		      uint64_t *ret, struct oak_error *err)
{
	const json_t *value = json_object_get(object, key);
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 0 || (uint64_t)n < min || (uint64_t)n > max)
		return oak_fail(err, OAK_E_FORMAT, "%s: not a number from %llu to %llu", key,
				(unsigned long long)min, (unsigned long long)max);
	*ret = (uint64_t)n;
	return 0;
}

/* A list of 1 (or 0 where @empty) to MANIFEST_LIST_MAX elements. */
static int get_list(const json_t *object, const char *key, bool empty, const json_t **ret,
		    size_t *ret_n, struct oak_error *err)
{
	const json_t *list = json_object_get(object, key);
	size_t n = json_array_size(list);

	if (!json_is_array(list) || n > MANIFEST_LIST_MAX || (n == 0 && !empty))
		return oak_fail(err, OAK_E_FORMAT, "%s: not a list of %d to %u", key, empty ? 0 : 1,
				MANIFEST_LIST_MAX);
	*ret = list;
	*ret_n = n;
	return 0;
}

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
	const char *address;
	uint64_t sympos;
	int r = get_text(json, "object", &word_rule, &ret->object, err);

	if (r == 0)
		r = get_text(json, "name", &word_rule, &ret->name, err);
	if (r == 0)
		r = get_number(json, "sympos", 0, UINT32_MAX, &sympos, err);
	if (r == 0)
		r = get_text(json, "address", &word_rule, &address, err);
	if (r == 0)
		r = get_text(json, "proof", &word_rule, &ret->proof, err);
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
	int r = get_list(json, "cve", true, &list, &n, err);

	if (r < 0)
		return r;
	ret->cve = calloc(n + 1, sizeof(const char *));
	if (!ret->cve)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		const char *id = json_string_value(json_array_get(list, i));

		if (!id || !*id || strlen(id) > NAME_MAX_LEN || strspn(id, word_chars) != strlen(id))
			return oak_fail(err, OAK_E_FORMAT, "cve: %zu: not a plain word", i);
		ret->cve[ret->n_cve++] = id;
	}
	return 0;
}

static int parse_functions(const json_t *json, struct manifest_fix *ret, struct oak_error *err)
{
	const json_t *list;
	size_t n;
	int r = get_list(json, "functions", true, &list, &n, err);

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
	int r = get_text(json, "id", &word_rule, &ret->id, err);

	if (r == 0)
		r = get_text(json, "title", &title_rule, &ret->title, err);
	if (r == 0)
		r = get_text(json, "patch_sha256", &sha256_rule, &ret->patch_sha256, err);
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
	int r = get_list(m->json, "fixes", false, &list, &n, err);

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
	int r = get_text(json, "name", &word_rule, &ret->name, err);

	if (r == 0)
		r = get_text(json, "build_id", &build_id_rule, &ret->build_id, err);
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
	r = get_list(m->json, "modules", true, &list, &n, err);
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
	int r = get_text(json, "rule", &word_rule, &ret->rule, err);

	if (r == 0)
		r = get_text(json, "symbol", &line_rule, &ret->symbol, err);
	if (r == 0)
		r = get_text(json, "why", &line_rule, &ret->why, err);
	if (r == 0)
		r = get_text(json, text, &line_rule, &ret->text, err);
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
	r = get_list(json, key, true, &list, &n, err);
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

static int parse_kernel(struct manifest *m, struct oak_error *err)
{
	const json_t *kernel = json_object_get(m->json, "kernel");
	const struct {
		const char *key;
		const struct text_rule *rule;
		const char **ret;
	} rows[] = {
		{ "build_id", &build_id_rule, &m->kernel.build_id },
		{ "release", &word_rule, &m->kernel.release },
		{ "arch", &word_rule, &m->kernel.arch },
		{ "distribution", &word_rule, &m->kernel.distribution },
		{ "package_version", &word_rule, &m->kernel.package_version },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = get_text(kernel, rows[i].key, rows[i].rule, rows[i].ret, err);

		if (r < 0)
			return oak_context(err, "kernel");
	}
	/* It becomes a directory of the target's path. */
	if (m->kernel.arch[0] == '.' || strlen(m->kernel.arch) > 32)
		return oak_fail(err, OAK_E_FORMAT, "kernel: arch: not the name of an architecture");
	return 0;
}

static int parse_module(struct manifest *m, struct oak_error *err)
{
	const json_t *module = json_object_get(m->json, "module");
	char want[32];
	int r = get_text(module, "name", &word_rule, &m->module.name, err);

	if (r == 0)
		r = get_number(module, "size", 1, MANIFEST_MODULE_MAX, &m->module.size, err);
	if (r == 0)
		r = get_text(module, "sha256", &sha256_rule, &m->module.sha256, err);
	if (r == 0)
		r = get_text(module, "vermagic", &title_rule, &m->module.vermagic, err);
	if (r == 0)
		r = get_optional(module, "signer", &m->module.signer, err);
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
	int r = get_number(m->json, "schema", MANIFEST_SCHEMA, MANIFEST_SCHEMA, &n, err);

	if (r == 0)
		r = get_number(m->json, "level", 1, MANIFEST_LEVEL_MAX, &n, err);
	if (r == 0)
		r = get_text(m->json, "replaces", &word_rule, &replaces, err);
	if (r == 0)
		r = get_text(m->json, "channel", &word_rule, &m->channel, err);
	if (r == 0)
		r = get_optional(m->json, "effective_version", &m->effective_version, err);
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
		r = parse_kernel(m, err);
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
