/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/metadata.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "trust/canonical.h"
#include "trust/date.h"
#include "trust/signers.h"
#include "trust/target.h"

struct metadata {
	enum tuf_role role;
	enum keyid_rule rule;
	char *name;
	json_t *envelope;
	json_t *signed_part; /* borrowed from the envelope, as is all below */
	json_t *signatures;
	uint64_t version;
	const char *expires;
	int64_t expires_s;
	struct keyring keys; /* root only */
	struct signers signers[TUF_ROLES];
	struct delegations delegations; /* targets only */
	bool delegates;
};

static int parse_root(struct metadata *m, struct oak_error *err);
static int parse_timestamp(struct metadata *m, struct oak_error *err);
static int parse_links(struct metadata *m, struct oak_error *err);
static int parse_targets(struct metadata *m, struct oak_error *err);

static const struct role {
	const char *name;
	const char *file;
	size_t max_bytes;
	int (*parse)(struct metadata *m, struct oak_error *err);
} roles[TUF_ROLES] = {
	[TUF_ROOT] = { "root", "root.json", TUF_ROOT_BYTES_MAX, parse_root },
	[TUF_TIMESTAMP] = { "timestamp", "timestamp.json", TUF_TIMESTAMP_BYTES_MAX,
			    parse_timestamp },
	[TUF_SNAPSHOT] = { "snapshot", "snapshot.json", TUF_SNAPSHOT_BYTES_MAX, parse_links },
	[TUF_TARGETS] = { "targets", "targets.json", TUF_TARGETS_BYTES_MAX, parse_targets },
};

const char *tuf_role_name(enum tuf_role role)
{
	return roles[role].name;
}

const char *tuf_role_file(enum tuf_role role)
{
	return roles[role].file;
}

size_t tuf_role_max_bytes(enum tuf_role role)
{
	return roles[role].max_bytes;
}

/* A version: an integer from 1 up that survives canonical JSON. */
static int get_version(const json_t *object, uint64_t *ret, struct oak_error *err)
{
	const json_t *value = json_object_get(object, "version");
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 1 || n > CANONICAL_INTEGER_MAX)
		return oak_fail(err, OAK_E_FORMAT, "version: not a number from 1 up");
	*ret = (uint64_t)n;
	return 0;
}

static int parse_root(struct metadata *m, struct oak_error *err)
{
	const json_t *table = json_object_get(m->signed_part, "roles");
	int r = keyring_parse(json_object_get(m->signed_part, "keys"), m->rule, &m->keys, err);

	if (r < 0)
		return r;
	if (!json_is_boolean(json_object_get(m->signed_part, "consistent_snapshot")))
		return oak_fail(err, OAK_E_FORMAT, "consistent_snapshot: not true or false");
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++) {
		r = signers_parse(json_object_get(table, roles[role].name), &m->keys,
				  &m->signers[role], err);
		if (r < 0)
			return oak_context(err, "roles: %s", roles[role].name);
	}
	return 0;
}

static int parse_link(const json_t *object, struct metadata_link *ret, struct oak_error *err)
{
	const json_t *length = json_object_get(object, "length");
	const json_t *hashes = json_object_get(object, "hashes");
	struct metadata_link link = { 0 };
	int r = get_version(object, &link.version, err);

	if (r < 0)
		return r;
	if (length && (!json_is_integer(length) || json_integer_value(length) < 1 ||
		       json_integer_value(length) > CANONICAL_INTEGER_MAX))
		return oak_fail(err, OAK_E_FORMAT, "length: not a size");
	link.length = (uint64_t)json_integer_value(length);
	if (hashes) {
		r = hashes_parse(hashes, &link.hashes, err);
		if (r < 0)
			return r;
	}
	*ret = link;
	return 0;
}

static int parse_links(struct metadata *m, struct oak_error *err)
{
	json_t *meta = json_object_get(m->signed_part, "meta"), *object;
	const char *file;

	if (!json_is_object(meta))
		return oak_fail(err, OAK_E_FORMAT, "meta: not an object");
	json_object_foreach(meta, file, object)
	{
		struct metadata_link link;
		int r = parse_link(object, &link, err);

		if (r < 0)
			return oak_context(err, "meta: %.100s", file);
	}
	return 0;
}

static int parse_timestamp(struct metadata *m, struct oak_error *err)
{
	const json_t *meta = json_object_get(m->signed_part, "meta");

	if (json_object_size(meta) != 1 || !json_object_get(meta, "snapshot.json"))
		return oak_fail(err, OAK_E_FORMAT, "meta: not snapshot.json alone");
	return parse_links(m, err);
}

static int parse_targets(struct metadata *m, struct oak_error *err)
{
	json_t *targets = json_object_get(m->signed_part, "targets"), *object;
	const json_t *delegations = json_object_get(m->signed_part, "delegations");
	const char *path;

	if (!json_is_object(targets))
		return oak_fail(err, OAK_E_FORMAT, "targets: not an object");
	json_object_foreach(targets, path, object)
	{
		struct tuf_target t;
		int r = target_parse(path, object, &t, err);

		if (r < 0)
			return r;
	}
	m->delegates = delegations;
	return delegations ? delegations_parse(delegations, m->rule, &m->delegations, err) : 0;
}

/* "1.<number>[.<number>]"; another major version may mean anything. */
static bool spec_version_is_known(const char *text)
{
	return text && strncmp(text, "1.", 2) == 0 && text[2] >= '0' && text[2] <= '9' &&
	       strspn(text, "0123456789.") == strlen(text);
}

static int parse_signed(struct metadata *m, struct oak_error *err)
{
	const char *type = json_get_str(m->signed_part, "_type");
	const char *spec = json_get_str(m->signed_part, "spec_version");
	int r;

	if (!type || strcmp(type, roles[m->role].name) != 0)
		return oak_fail(err, OAK_E_FORMAT, "_type is '%.32s', not '%s'", type ? type : "",
				roles[m->role].name);
	if (!spec_version_is_known(spec))
		return oak_fail(err, OAK_E_FORMAT, "spec_version '%.32s' is not 1.x",
				spec ? spec : "");
	r = get_version(m->signed_part, &m->version, err);
	if (r < 0)
		return r;
	m->expires = json_get_str(m->signed_part, "expires");
	if (!m->expires || date_parse(m->expires, &m->expires_s) < 0)
		return oak_fail(err, OAK_E_FORMAT, "expires: not a date like 2026-01-31T00:00:00Z");
	return roles[m->role].parse(m, err);
}

/* Takes the reference to @envelope, also on failure. */
static int from_envelope(enum tuf_role role, enum keyid_rule rule, json_t *envelope,
			 const char *name, struct metadata **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *guard = envelope;
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	int r;

	m = calloc(1, sizeof(*m));
	if (!m)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	m->role = role;
	m->rule = rule;
	m->name = strdup(name);
	m->envelope = take_ptr(guard);
	m->signed_part = json_object_get(m->envelope, "signed");
	m->signatures = json_object_get(m->envelope, "signatures");
	if (!m->name)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!json_is_object(m->signed_part))
		return oak_fail(err, OAK_E_FORMAT, "%s: no \"signed\" object", name);
	r = signatures_check(m->signatures, err);
	if (r == 0)
		r = parse_signed(m, err);
	if (r < 0)
		return oak_context(err, "%s", name);
	*ret = take_ptr(m);
	return 0;
}

int metadata_parse_as(enum tuf_role role, enum keyid_rule rule, const void *data, size_t len,
		      const char *name, struct metadata **ret, struct oak_error *err)
{
	json_t *envelope;
	int r = json_parse(data, len, roles[role].max_bytes, name, &envelope, err);

	return r < 0 ? r : from_envelope(role, rule, envelope, name, ret, err);
}

int metadata_parse(enum tuf_role role, const void *data, size_t len, const char *name,
		   struct metadata **ret, struct oak_error *err)
{
	return metadata_parse_as(role, KEYID_IS_HASH, data, len, name, ret, err);
}

int metadata_new(enum tuf_role role, const char *name, json_t *signed_part, struct metadata **ret,
		 struct oak_error *err)
{
	json_t *envelope;

	if (!signed_part)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* "o" takes the reference, also when packing fails. */
	envelope = json_pack("{s:[], s:o}", "signatures", "signed", signed_part);
	if (!envelope)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return from_envelope(role, KEYID_IS_HASH, envelope, name, ret, err);
}

int metadata_from_envelope(enum tuf_role role, const json_t *envelope, const char *name,
			   struct metadata **ret, struct oak_error *err)
{
	/* json_incref() wants non-const; only the reference count changes. */
	return from_envelope(role, KEYID_IS_HASH, json_incref((json_t *)(uintptr_t)envelope), name,
			     ret, err);
}

int metadata_verify(const struct metadata *m, const struct signers *signers, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf canonical = { 0 };
	unsigned good;
	int r = canonical_json(m->signed_part, &canonical, err);

	if (r < 0)
		return oak_context(err, "%s", m->name);
	good = signers_count(signers, m->signatures, canonical.data, canonical.len);
	if (good < signers->threshold)
		return oak_fail(err, OAK_E_TRUST, "%s: signed by %u of %u required keys", m->name,
				good, signers->threshold);
	return 0;
}

unsigned metadata_count_good(const struct metadata *m, const struct signers *signers)
{
	_cleanup_(buf_free) struct buf canonical = { 0 };

	if (canonical_json(m->signed_part, &canonical, NULL) < 0)
		return 0;
	return signers_count(signers, m->signatures, canonical.data, canonical.len);
}

int metadata_check_fresh(const struct metadata *m, int64_t now_s, struct oak_error *err)
{
	if (m->expires_s > now_s)
		return 0;
	return oak_fail(err, OAK_E_TRUST,
			"%s: expired %s; the repository is frozen or your clock is wrong", m->name,
			m->expires);
}

enum tuf_role metadata_role(const struct metadata *m)
{
	return m->role;
}

const char *metadata_name(const struct metadata *m)
{
	return m->name;
}

uint64_t metadata_version(const struct metadata *m)
{
	return m->version;
}

int64_t metadata_expires_s(const struct metadata *m)
{
	return m->expires_s;
}

const char *metadata_expires(const struct metadata *m)
{
	return m->expires;
}

const json_t *metadata_signed(const struct metadata *m)
{
	return m->signed_part;
}

json_t *metadata_envelope(const struct metadata *m)
{
	return m->envelope;
}

const json_t *metadata_targets(const struct metadata *m)
{
	assert(m->role == TUF_TARGETS);
	return json_object_get(m->signed_part, "targets");
}

const struct delegations *metadata_delegations(const struct metadata *m)
{
	assert(m->role == TUF_TARGETS);
	return m->delegates ? &m->delegations : NULL;
}

size_t metadata_n_signatures(const struct metadata *m)
{
	return json_array_size(m->signatures);
}

const struct signers *metadata_signers(const struct metadata *root, enum tuf_role role)
{
	assert(root->role == TUF_ROOT);
	return &root->signers[role];
}

bool metadata_consistent_snapshot(const struct metadata *root)
{
	assert(root->role == TUF_ROOT);
	return json_is_true(json_object_get(root->signed_part, "consistent_snapshot"));
}

bool metadata_find_link(const struct metadata *m, const char *file, struct metadata_link *ret)
{
	const json_t *object = json_object_get(json_object_get(m->signed_part, "meta"), file);

	assert(m->role == TUF_TIMESTAMP || m->role == TUF_SNAPSHOT);
	/* Every link was parsed once with the file, so only a missing one fails. */
	return object && parse_link(object, ret, NULL) == 0;
}

int metadata_link_check(const struct metadata_link *link, const char *name, const char *parent,
			const void *data, size_t len, struct oak_error *err)
{
	if (link->length && link->length != len)
		return oak_fail(err, OAK_E_TRUST, "%s: %zu bytes, but %s says %llu", name, len,
				parent, (unsigned long long)link->length);
	return hashes_check(&link->hashes, name, parent, data, len, err);
}

static void drop_signature(json_t *signatures, const char *keyid)
{
	for (size_t i = json_array_size(signatures); i-- > 0;)
		if (strcmp(json_get_str(json_array_get(signatures, i), "keyid"), keyid) == 0)
			(void)json_array_remove(signatures, i);
}

int metadata_sign(struct metadata *m, const struct tuf_key *key, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf canonical = { 0 };
	_cleanup_(freep) char *sig = NULL;
	int r = canonical_json(m->signed_part, &canonical, err);

	if (r < 0)
		return oak_context(err, "%s", m->name);
	r = tuf_key_sign(key, canonical.data, canonical.len, &sig, err);
	if (r < 0)
		return r;
	drop_signature(m->signatures, tuf_key_id(key));
	if (json_array_append_new(m->signatures, json_pack("{s:s, s:s}", "keyid", tuf_key_id(key),
							   "sig", sig)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int metadata_copy(const struct metadata *m, struct metadata **ret, struct oak_error *err)
{
	json_t *envelope = json_deep_copy(m->envelope);

	return envelope ? from_envelope(m->role, m->rule, envelope, m->name, ret, err)
			: oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int metadata_join(struct metadata *m, const struct metadata *from, size_t *n, struct oak_error *err)
{
	for (size_t i = 0; i < json_array_size(from->signatures); i++) {
		json_t *entry = json_array_get(from->signatures, i);

		drop_signature(m->signatures, json_get_str(entry, "keyid"));
		if (json_array_append(m->signatures, entry) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		++*n;
	}
	return 0;
}

static bool is_good(json_t *entry, const struct signers *const *sets, size_t n,
		    const struct buf *canonical)
{
	_cleanup_(json_decrefp) json_t *alone = json_pack("[O]", entry);
	bool good = false;

	for (size_t i = 0; alone && !good && i < n; i++)
		good = signers_count(sets[i], alone, canonical->data, canonical->len) > 0;
	return good;
}

int metadata_keep_good(struct metadata *m, const struct signers *const *sets, size_t n,
		       struct oak_error *err)
{
	_cleanup_(buf_free) struct buf canonical = { 0 };
	int r = canonical_json(m->signed_part, &canonical, err);

	for (size_t i = json_array_size(m->signatures); r == 0 && i-- > 0;)
		if (!is_good(json_array_get(m->signatures, i), sets, n, &canonical))
			(void)json_array_remove(m->signatures, i);
	return r;
}

bool metadata_signed_by(const struct metadata *m, const char *keyid)
{
	for (size_t i = 0; i < json_array_size(m->signatures); i++)
		if (strcmp(json_get_str(json_array_get(m->signatures, i), "keyid"), keyid) == 0)
			return true;
	return false;
}

int metadata_text(const struct metadata *m, struct buf *ret, struct oak_error *err)
{
	_cleanup_(freep) char *text = json_dumps(m->envelope, JSON_COMPACT | JSON_SORT_KEYS);

	if (!text || buf_printf(ret, "%s\n", text) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

void metadata_free(struct metadata *m)
{
	if (!m)
		return;
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		signers_free(&m->signers[role]);
	delegations_free(&m->delegations);
	keyring_free(&m->keys);
	json_decref(m->envelope);
	free(m->name);
	free(m);
}
