/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/author/staged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "trust/author/names.h"
#include "trust/fields.h"

static struct staged_role *find(const struct staged *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->roles[i].name, name) == 0)
			return &s->roles[i];
	return NULL;
}

struct metadata *staged_find(const struct staged *s, const char *name)
{
	const struct staged_role *role = find(s, name);

	return role ? role->m : NULL;
}

static int add(struct staged *s, const char *name, struct staged_role **ret, struct oak_error *err)
{
	struct staged_role *roles = reallocarray(s->roles, s->n + 1, sizeof(*roles));

	if (!roles)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	s->roles = roles;
	roles[s->n] = (struct staged_role){ .name = strdup(name), .signers = json_array() };
	*ret = &roles[s->n++];
	return (*ret)->name && (*ret)->signers ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int staged_put(struct staged *s, const char *name, struct metadata *m, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *guard = m;
	struct staged_role *role = find(s, name);
	int r = role ? 0 : add(s, name, &role, err);

	if (r < 0)
		return r;
	metadata_free(role->m);
	role->m = take_ptr(guard);
	return 0;
}

static json_t *set_json(const struct signers *set)
{
	json_t *ids = json_array();

	for (size_t i = 0; ids && i < set->n; i++)
		(void)json_array_append_new(ids, json_string(set->ids[i]));
	return json_pack("{s:o, s:i}", "keyids", ids, "threshold", (int)set->threshold);
}

int staged_want(struct staged *s, const char *name, const struct signers *const *sets, size_t n,
		struct oak_error *err)
{
	struct staged_role *role = find(s, name);

	if (!role)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: is not staged", name);
	json_array_clear(role->signers);
	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(role->signers, set_json(sets[i])) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

bool staged_wants_key(const struct staged_role *role, const char *keyid)
{
	for (size_t i = 0; i < json_array_size(role->signers); i++) {
		const json_t *ids = json_object_get(json_array_get(role->signers, i), "keyids");

		for (size_t k = 0; k < json_array_size(ids); k++)
			if (strcmp(json_string_value(json_array_get(ids, k)), keyid) == 0)
				return true;
	}
	return false;
}

static int check_signers(const json_t *signers, struct oak_error *err)
{
	if (!json_is_array(signers) || json_array_size(signers) > STAGED_SETS_MAX)
		return oak_fail(err, OAK_E_FORMAT, "signers: not a list of at most %d",
				STAGED_SETS_MAX);
	for (size_t i = 0; i < json_array_size(signers); i++) {
		const json_t *set = json_array_get(signers, i), *ids;
		uint64_t threshold;
		size_t n;
		int r = field_list(set, "keyids", true, KEYRING_KEYS_MAX, &ids, &n, err);

		if (r == 0)
			r = field_number(set, "threshold", 1, KEYRING_KEYS_MAX, &threshold, err);
		for (size_t k = 0; r == 0 && k < n; k++)
			if (!json_is_string(json_array_get(ids, k)))
				r = oak_fail(err, OAK_E_FORMAT, "keyids: not all are strings");
		if (r < 0)
			return oak_context(err, "signers");
	}
	return 0;
}

static int parse_role(const json_t *json, struct staged *s, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	json_t *signers = json_object_get(json, "signers");
	struct staged_role *role;
	char file[ROLE_FILE_MAX];
	const char *name;
	int r = field_text(json, "name", &text_word, &name, err);

	if (r < 0)
		return r;
	if (find(s, name))
		return oak_fail(err, OAK_E_FORMAT, "role '%s' is given twice", name);
	role_file(name, file);
	r = check_signers(signers, err);
	if (r == 0)
		r = metadata_from_envelope(role_of_name(name), json_object_get(json, "envelope"),
					   file, &m, err);
	if (r < 0)
		return oak_context(err, "role '%s'", name);
	r = add(s, name, &role, err);
	if (r < 0)
		return r;
	role->m = take_ptr(m);
	json_decref(role->signers);
	role->signers = json_incref(signers);
	return 0;
}

static int parse(const json_t *json, struct staged *ret, struct oak_error *err)
{
	uint64_t schema;
	const json_t *list;
	size_t n;
	int r = field_number(json, "schema", STAGED_SCHEMA, STAGED_SCHEMA, &schema, err);

	if (r == 0)
		r = field_list(json, "roles", true, DELEGATED_ROLES_MAX, &list, &n, err);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = parse_role(json_array_get(list, i), ret, err);
	return r;
}

int staged_parse(const void *data, size_t len, const char *what, struct staged *ret,
		 struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	int r = json_parse(data, len, STAGED_BYTES_MAX, what, &json, err);

	if (r < 0)
		return r;
	r = parse(json, ret, err);
	return r < 0 ? oak_context(err, "%s", what) : 0;
}

int staged_text(const struct staged *s, struct buf *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array(), *json = NULL;
	_cleanup_(freep) char *text = NULL;

	for (size_t i = 0; list && i < s->n; i++) {
		const struct staged_role *role = &s->roles[i];

		if (json_array_append_new(list, json_pack("{s:s, s:O, s:O}", "name", role->name,
							  "signers", role->signers, "envelope",
							  metadata_envelope(role->m))) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	json = json_pack("{s:i, s:O}", "schema", STAGED_SCHEMA, "roles", list);
	text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	if (!text || buf_printf(ret, "%s\n", text) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int staged_merge(struct staged *s, const struct staged *from, size_t *ret_n, struct oak_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < from->n; i++) {
		const struct staged_role *theirs = &from->roles[i];
		struct metadata *ours = staged_find(s, theirs->name);

		if (!ours || !json_equal(metadata_signed(ours), metadata_signed(theirs->m)))
			return oak_fail(err, OAK_E_REFUSED,
					"%s: what was signed is not what is staged now; write a new "
					"request with: oakum-repo sign DIR --request FILE",
					theirs->name);
	}
	for (size_t i = 0; i < from->n; i++) {
		int r = metadata_join(staged_find(s, from->roles[i].name), from->roles[i].m, &n,
				      err);

		if (r < 0)
			return r;
	}
	*ret_n = n;
	return 0;
}

static void clear(struct staged_role *role)
{
	free(role->name);
	metadata_free(role->m);
	json_decref(role->signers);
}

void staged_drop(struct staged *s, const char *name)
{
	struct staged_role *role = find(s, name);

	if (!role)
		return;
	clear(role);
	s->n--;
	memmove(role, role + 1, (size_t)(s->roles + s->n - role) * sizeof(*role));
}

void staged_free(struct staged *s)
{
	for (size_t i = 0; i < s->n; i++)
		clear(&s->roles[i]);
	free(s->roles);
	*s = (struct staged){ 0 };
}
