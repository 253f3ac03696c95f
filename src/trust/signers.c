/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/signers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"

int keyring_parse(const json_t *object, enum keyid_rule rule, struct keyring *ret,
		  struct oak_error *err)
{
	/* jansson's iterators want a pointer to non-const and change nothing. */
	json_t *o = (json_t *)(uintptr_t)object;
	size_t n = json_object_size(object);

	if (!json_is_object(object))
		return oak_fail(err, OAK_E_FORMAT, "keys: not an object");
	if (n > KEYRING_KEYS_MAX)
		return oak_fail(err, OAK_E_FORMAT, "keys: more than %d", KEYRING_KEYS_MAX);
	ret->keys = calloc(n + 1, sizeof(struct tuf_key *));
	if (!ret->keys)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it)) {
		const char *id = json_object_iter_key(it);
		int r = tuf_key_parse_as(json_object_iter_value(it),
					 rule == KEYID_OPAQUE ? id : NULL, &ret->keys[ret->n], err);

		if (r < 0)
			return oak_context(err, "keys: %.64s", id);
		/* Counted first, so that keyring_free() frees it too. */
		if (strcmp(tuf_key_id(ret->keys[ret->n++]), id) != 0)
			return oak_fail(err, OAK_E_FORMAT,
					"keys: %.64s: the keyid is not the hash of the key", id);
	}
	return 0;
}

const struct tuf_key *keyring_find(const struct keyring *ring, const char *keyid)
{
	for (size_t i = 0; i < ring->n; i++)
		if (strcmp(tuf_key_id(ring->keys[i]), keyid) == 0)
			return ring->keys[i];
	return NULL;
}

void keyring_free(struct keyring *ring)
{
	for (size_t i = 0; i < ring->n; i++)
		tuf_key_free(ring->keys[i]);
	free(ring->keys);
	*ring = (struct keyring){ 0 };
}

static int parse_threshold(const json_t *role, unsigned *ret, struct oak_error *err)
{
	const json_t *value = json_object_get(role, "threshold");
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 1 || n > KEYRING_KEYS_MAX)
		return oak_fail(err, OAK_E_FORMAT, "threshold: not a number from 1 to %d",
				KEYRING_KEYS_MAX);
	*ret = (unsigned)n;
	return 0;
}

int signers_parse(const json_t *role, const struct keyring *ring, struct signers *ret,
		  struct oak_error *err)
{
	const json_t *keyids = json_object_get(role, "keyids");
	size_t n = json_array_size(keyids);
	int r;

	if (!json_is_array(keyids) || n > KEYRING_KEYS_MAX)
		return oak_fail(err, OAK_E_FORMAT, "keyids: not a list of at most %d",
				KEYRING_KEYS_MAX);
	r = parse_threshold(role, &ret->threshold, err);
	if (r < 0)
		return r;
	ret->ids = calloc(n + 1, sizeof(const char *));
	ret->keys = calloc(n + 1, sizeof(const struct tuf_key *));
	if (!ret->ids || !ret->keys)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		const char *id = json_string_value(json_array_get(keyids, i));

		if (!id || signers_have(ret, id))
			return oak_fail(err, OAK_E_FORMAT, "keyids: %s",
					id ? "one is given twice" : "not all are strings");
		ret->ids[ret->n] = id;
		ret->keys[ret->n++] = keyring_find(ring, id);
	}
	return 0;
}

bool signers_have(const struct signers *s, const char *keyid)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->ids[i], keyid) == 0)
			return true;
	return false;
}

bool signers_equal(const struct signers *a, const struct signers *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!signers_have(b, a->ids[i]))
			return false;
	return true;
}

int signatures_check(const json_t *signatures, struct oak_error *err)
{
	size_t n = json_array_size(signatures);

	if (!json_is_array(signatures) || n > SIGNATURES_MAX)
		return oak_fail(err, OAK_E_FORMAT, "signatures: not a list of at most %d",
				SIGNATURES_MAX);
	for (size_t i = 0; i < n; i++) {
		const json_t *entry = json_array_get(signatures, i);
		const char *id = json_get_str(entry, "keyid");

		if (!id || !json_get_str(entry, "sig"))
			return oak_fail(err, OAK_E_FORMAT,
					"signatures: one is not {\"keyid\", \"sig\"}");
		for (size_t k = 0; k < i; k++)
			if (strcmp(json_get_str(json_array_get(signatures, k), "keyid"), id) == 0)
				return oak_fail(err, OAK_E_FORMAT,
						"signatures: keyid %.64s is given twice", id);
	}
	return 0;
}

static bool signed_by(const struct tuf_key *key, const char *id, const json_t *signatures,
		      const void *data, size_t len)
{
	uint8_t sig[TUF_SIGNATURE_MAX];

	for (size_t i = 0; i < json_array_size(signatures); i++) {
		const json_t *entry = json_array_get(signatures, i);
		int n;

		if (strcmp(json_get_str(entry, "keyid"), id) != 0)
			continue;
		n = hex_decode(json_get_str(entry, "sig"), sig, sizeof(sig));
		return n > 0 && tuf_key_verify(key, data, len, sig, (size_t)n);
	}
	return false;
}

/* One key under two keyids (differing in members that we ignore) must not count twice. */
static bool counted_before(const struct signers *s, const bool *good, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (good[k] && tuf_key_same(s->keys[k], s->keys[i]))
			return true;
	return false;
}

unsigned signers_count(const struct signers *s, const json_t *signatures, const void *data,
		       size_t len)
{
	bool good[KEYRING_KEYS_MAX] = { false };
	unsigned count = 0;

	for (size_t i = 0; i < s->n && count < s->threshold; i++) {
		if (!s->keys[i] || counted_before(s, good, i))
			continue;
		good[i] = signed_by(s->keys[i], s->ids[i], signatures, data, len);
		count += good[i];
	}
	return count;
}

void signers_free(struct signers *s)
{
	free(s->ids);
	free(s->keys);
	*s = (struct signers){ 0 };
}
