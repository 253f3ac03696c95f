/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/delegation.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"

#define PATTERN_MAX       1024 /* bytes, as a target's path */
#define PATTERN_STARS     16   /* of one pattern: matching takes time that grows with them */
#define PREFIX_PREFIX_MAX (ROLE_NAME_MAX - 16) /* room for '-' and a bin */

/* A name that could be taken for a file of the root's own roles would replace it on disk. */
static bool is_top_level(const char *name)
{
	static const char *const top[] = { "root", "timestamp", "snapshot", "targets" };

	for (size_t i = 0; i < sizeof(top) / sizeof(top[0]); i++)
		if (strcmp(name, top[i]) == 0)
			return true;
	return false;
}

/* @seen: the names so far, as the members of an object. */
static int check_name(json_t *seen, const char *name, struct oak_error *err)
{
	if (!name || !*name || strlen(name) >= ROLE_NAME_MAX)
		return oak_fail(err, OAK_E_FORMAT, "a role's name is not 1 to %d bytes long",
				ROLE_NAME_MAX - 1);
	if (is_top_level(name))
		return oak_fail(err, OAK_E_FORMAT, "a role may not be called '%s'", name);
	if (json_object_get(seen, name))
		return oak_fail(err, OAK_E_FORMAT, "role '%s' is given twice", name);
	return json_object_set_new(seen, name, json_true()) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

static bool is_pattern(const char *text)
{
	size_t stars = 0;

	if (!text || strlen(text) >= PATTERN_MAX)
		return false;
	for (const char *p = text; *p; p++)
		stars += *p == '*';
	return stars <= PATTERN_STARS;
}

static bool is_prefix(const char *text)
{
	return text && strlen(text) <= 64 && strspn(text, "0123456789abcdef") == strlen(text);
}

static int check_list(const json_t *list, const char *what, bool (*is_good)(const char *text),
		      struct oak_error *err)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!is_good(json_string_value(json_array_get(list, i))))
			return oak_fail(err, OAK_E_FORMAT, "%s: one is not usable", what);
	return json_is_array(list) ? 0 : oak_fail(err, OAK_E_FORMAT, "%s: not a list", what);
}

/* Exactly one of "paths" and "path_hash_prefixes". */
static int parse_patterns(const json_t *object, struct delegated_role *role, struct oak_error *err)
{
	role->paths = json_object_get(object, "paths");
	role->prefixes = json_object_get(object, "path_hash_prefixes");
	if (!role->paths == !role->prefixes)
		return oak_fail(err, OAK_E_FORMAT,
				"not exactly one of \"paths\" and \"path_hash_prefixes\"");
	return role->paths ? check_list(role->paths, "paths", is_pattern, err)
			   : check_list(role->prefixes, "path_hash_prefixes", is_prefix, err);
}

static int parse_role(const json_t *object, struct delegations *d, json_t *seen,
		      struct oak_error *err)
{
	const char *name = json_get_str(object, "name");
	const json_t *terminating = json_object_get(object, "terminating");
	struct delegated_role *role = &d->roles[d->n];
	int r = check_name(seen, name, err);

	if (r < 0)
		return r;
	*role = (struct delegated_role){ .name = name, .terminating = json_is_true(terminating) };
	d->n++; /* counted now, so that delegations_free() frees it too */
	if (!json_is_boolean(terminating))
		r = oak_fail(err, OAK_E_FORMAT, "terminating: not true or false");
	if (r == 0)
		r = signers_parse(object, &d->keys, &role->signers, err);
	if (r == 0)
		r = parse_patterns(object, role, err);
	return r < 0 ? oak_context(err, "role '%s'", name) : 0;
}

static int parse_roles(const json_t *list, struct delegations *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *seen = json_object();
	size_t n = json_array_size(list);

	if (!json_is_array(list) || n > DELEGATED_ROLES_MAX)
		return oak_fail(err, OAK_E_FORMAT, "roles: not a list of at most %d",
				DELEGATED_ROLES_MAX);
	ret->roles = calloc(n + 1, sizeof(struct delegated_role));
	if (!ret->roles || !seen)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		int r = parse_role(json_array_get(list, i), ret, seen, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_succinct(const json_t *object, struct delegations *ret, struct oak_error *err)
{
	const json_t *bits = json_object_get(object, "bit_length");
	const char *prefix = json_get_str(object, "name_prefix");

	if (!json_is_integer(bits) || json_integer_value(bits) < 1 ||
	    json_integer_value(bits) > SUCCINCT_BITS_MAX)
		return oak_fail(err, OAK_E_FORMAT, "bit_length: not a number from 1 to %d",
				SUCCINCT_BITS_MAX);
	if (!prefix || !*prefix || strlen(prefix) > PREFIX_PREFIX_MAX)
		return oak_fail(err, OAK_E_FORMAT, "name_prefix: not 1 to %d bytes long",
				PREFIX_PREFIX_MAX);
	ret->succinct.bits = (unsigned)json_integer_value(bits);
	ret->succinct.prefix = prefix;
	return signers_parse(object, &ret->keys, &ret->succinct.signers, err);
}

int delegations_parse(const json_t *object, enum keyid_rule rule, struct delegations *ret,
		      struct oak_error *err)
{
	const json_t *roles = json_object_get(object, "roles");
	const json_t *succinct = json_object_get(object, "succinct_roles");
	int r = keyring_parse(json_object_get(object, "keys"), rule, &ret->keys, err);

	if (r == 0 && !roles == !succinct)
		r = oak_fail(err, OAK_E_FORMAT,
			     "not exactly one of \"roles\" and \"succinct_roles\"");
	if (r == 0)
		r = roles ? parse_roles(roles, ret, err) : parse_succinct(succinct, ret, err);
	return r < 0 ? oak_context(err, "delegations") : 0;
}

static bool part_matches(const char *pattern, size_t pattern_len, const char *part, size_t part_len)
{
	char glob[PATTERN_MAX], text[PATTERN_MAX];

	if (pattern_len >= sizeof(glob) || part_len >= sizeof(text))
		return false;
	memcpy(glob, pattern, pattern_len);
	glob[pattern_len] = '\0';
	memcpy(text, part, part_len);
	text[part_len] = '\0';
	return fnmatch(glob, text, FNM_NOESCAPE) == 0;
}

bool delegation_pattern_matches(const char *pattern, const char *path)
{
	for (;;) {
		size_t n = strcspn(pattern, "/"), len = strcspn(path, "/");

		if (!part_matches(pattern, n, path, len) || !pattern[n] != !path[len])
			return false;
		if (!pattern[n])
			return true;
		pattern += n + 1;
		path += len + 1;
	}
}

static bool role_matches(const struct delegated_role *role, const char *path, const char *hash)
{
	const json_t *list = role->paths ? role->paths : role->prefixes;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (role->paths ? delegation_pattern_matches(text, path)
				: strncmp(hash, text, strlen(text)) == 0)
			return true;
	}
	return false;
}

static bool next_succinct(const struct delegations *d, const char *path, struct delegation_iter *it,
			  struct delegation *ret)
{
	if (it->next++ > 0)
		return false;
	delegation_bin_name(d->succinct.prefix, delegation_bin(path, d->succinct.bits),
			    d->succinct.bits, ret->name);
	ret->signers = &d->succinct.signers;
	ret->terminating = true;
	return true;
}

bool delegations_next(const struct delegations *d, const char *path, struct delegation_iter *it,
		      struct delegation *ret)
{
	char hash[SHA256_HEX_MAX];

	if (d->succinct.bits)
		return next_succinct(d, path, it, ret);
	sha256_hex(path, strlen(path), hash);
	while (it->next < d->n) {
		const struct delegated_role *role = &d->roles[it->next++];

		if (!role_matches(role, path, hash))
			continue;
		(void)snprintf(ret->name, sizeof(ret->name), "%s", role->name);
		ret->signers = &role->signers;
		ret->terminating = role->terminating;
		return true;
	}
	return false;
}

/* The number of at most eight hexadecimal digits. */
static uint32_t hex_number(const char *digits, size_t n)
{
	char padded[9] = "00000000";
	uint8_t bytes[4] = { 0 };
	uint32_t number = 0;

	memcpy(padded + 8 - n, digits, n);
	if (hex_decode(padded, bytes, sizeof(bytes)) != (int)sizeof(bytes))
		return 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		number = number << 8 | bytes[i];
	return number;
}

/* Is @name one of the bins? */
static bool is_bin(const struct delegations *d, const char *name)
{
	size_t len = strlen(d->succinct.prefix), digits = (d->succinct.bits + 3) / 4;

	if (strncmp(name, d->succinct.prefix, len) != 0 || name[len] != '-' ||
	    strlen(name + len + 1) != digits ||
	    strspn(name + len + 1, "0123456789abcdef") != digits)
		return false;
	return (uint64_t)hex_number(name + len + 1, digits) >> d->succinct.bits == 0;
}

const struct signers *delegations_signers(const struct delegations *d, const char *name)
{
	if (d->succinct.bits)
		return is_bin(d, name) ? &d->succinct.signers : NULL;
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->roles[i].name, name) == 0)
			return &d->roles[i].signers;
	return NULL;
}

uint32_t delegation_bin(const char *path, unsigned bits)
{
	char hash[SHA256_HEX_MAX];

	sha256_hex(path, strlen(path), hash);
	return hex_number(hash, 8) >> (32 - bits);
}

void delegation_bin_name(const char *prefix, uint32_t bin, unsigned bits, char ret[ROLE_NAME_MAX])
{
	(void)snprintf(ret, ROLE_NAME_MAX, "%s-%0*x", prefix, (int)((bits + 3) / 4), bin);
}

void delegations_free(struct delegations *d)
{
	for (size_t i = 0; i < d->n; i++)
		signers_free(&d->roles[i].signers);
	signers_free(&d->succinct.signers);
	keyring_free(&d->keys);
	free(d->roles);
	*d = (struct delegations){ 0 };
}
