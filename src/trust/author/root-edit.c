/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/author/root-edit.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

static size_t index_of(const json_t *ids, const char *id)
{
	size_t n = json_array_size(ids);

	for (size_t i = 0; i < n; i++)
		if (strcmp(json_string_value(json_array_get(ids, i)), id) == 0)
			return i;
	return n;
}

static bool has(const json_t *ids, const char *id)
{
	return index_of(ids, id) < json_array_size(ids);
}

json_t *root_keys_of(const json_t *root, const json_t *role)
{
	const json_t *ids = json_object_get(role, "keyids"), *all = json_object_get(root, "keys");
	json_t *keys = json_object();

	for (size_t i = 0; keys && i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));

		(void)json_object_set(keys, id, json_object_get(all, id));
	}
	return keys;
}

static void drop_unused_keys(json_t *root)
{
	json_t *keys = json_object_get(root, "keys"), *roles = json_object_get(root, "roles");
	json_t *role;
	const char *id, *name;
	void *next;
	json_t *key;

	json_object_foreach_safe(keys, next, id, key)
	{
		bool used = false;

		json_object_foreach(roles, name, role)
			used = used || has(json_object_get(role, "keyids"), id);
		if (!used)
			(void)json_object_del(keys, id);
	}
}

static int check_role(const json_t *role, const char *name, unsigned threshold,
		      struct oak_error *err)
{
	size_t n = json_array_size(json_object_get(role, "keyids"));

	if (threshold < 1 || threshold > n)
		return oak_fail(err, OAK_E_REFUSED,
				"%s: a threshold of %u needs as many keys, and it would have %zu",
				name, threshold, n);
	return 0;
}

static int add_key(json_t *root, json_t *ids, const char *role, const struct tuf_key *key,
		   struct oak_error *err)
{
	const char *id = tuf_key_id(key);

	if (has(ids, id))
		return oak_fail(err, OAK_E_REFUSED,
				"%s: key %.16s... is given twice, or there already", role, id);
	if (json_object_set_new(json_object_get(root, "keys"), id, tuf_key_json(key)) < 0 ||
	    json_array_append_new(ids, json_string(id)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

/* "keyids" of a role, to be changed; the role is made where it is missing. */
static json_t *keyids(json_t *root, const char *name)
{
	json_t *roles = json_object_get(root, "roles");

	if (!json_object_get(roles, name))
		(void)json_object_set_new(roles, name,
					  json_pack("{s:[], s:i}", "keyids", "threshold", 1));
	return json_object_get(json_object_get(roles, name), "keyids");
}

int root_change_role(json_t *root, const struct repo_rotation *what, struct oak_error *err)
{
	const char *role = tuf_role_name(what->role);
	json_t *ids = keyids(root, role);
	json_t *object = json_object_get(json_object_get(root, "roles"), role);
	unsigned threshold = what->threshold;
	int r = 0;

	if (!ids)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < what->n_remove; i++) {
		if (!has(ids, what->remove[i]))
			return oak_fail(err, OAK_E_REFUSED, "%s: has no key %s", role,
					what->remove[i]);
		(void)json_array_remove(ids, index_of(ids, what->remove[i]));
	}
	for (size_t i = 0; r == 0 && i < what->n_add; i++)
		r = add_key(root, ids, role, what->add[i], err);
	if (r < 0)
		return r;
	if (!threshold)
		threshold = (unsigned)json_integer_value(json_object_get(object, "threshold"));
	r = check_role(object, role, threshold, err);
	if (r < 0)
		return r;
	drop_unused_keys(root);
	return json_object_set_new(object, "threshold", json_integer(threshold)) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

int root_set_role(json_t *root, enum tuf_role role, const struct repo_signers *signers,
		  struct oak_error *err)
{
	const struct repo_rotation what = { .role = role,
					    .add = signers->keys,
					    .n_add = signers->n,
					    .threshold = signers->threshold };
	json_t *ids = keyids(root, tuf_role_name(role));

	if (!ids || json_array_clear(ids) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return root_change_role(root, &what, err);
}
