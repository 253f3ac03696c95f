/* SPDX-License-Identifier: GPL-2.0-or-later */
/* envelope: DSSE, {"payload": BASE64, "payloadType": TEXT, "signatures": [{"keyid", "sig"}]}. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "host/vex/signing.h"

/* What is signed: "DSSEv1 LEN TYPE LEN PAYLOAD", lengths in decimal. */
static int to_sign(const char *type, const void *payload, size_t len, struct buf *ret)
{
	int r = buf_printf(ret, "DSSEv1 %zu %s %zu ", strlen(type), type, len);

	return r == 0 ? buf_add(ret, payload, len) : r;
}

static char *base64(const void *data, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(size);

	return text ? sodium_bin2base64(text, size, data, len, sodium_base64_VARIANT_ORIGINAL)
		    : NULL;
}

int envelope_write(const struct vex_key *k, const char *type, const void *payload, size_t len,
		   struct buf *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf signed_bytes = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	_cleanup_(freep) char *body = base64(payload, len), *sig = NULL, *text = NULL;
	uint8_t raw[crypto_sign_ed25519_BYTES];

	if (!body || to_sign(type, payload, len, &signed_bytes) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (crypto_sign_ed25519_detached(raw, NULL, signed_bytes.data, signed_bytes.len,
					 k->secret) != 0)
		return oak_fail(err, OAK_E_FAILED, "libsodium could not sign");
	sig = base64(raw, sizeof(raw));
	doc = sig ? json_pack("{s:s, s:s, s:[{s:s, s:s}]}", "payloadType", type, "payload", body,
			      "signatures", "keyid", k->public.id, "sig", sig)
		  : NULL;
	text = doc ? json_dumps(doc, JSON_INDENT(1)) : NULL;
	if (!text || buf_add_str(ret, text) < 0 || buf_add(ret, "\n", 1) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

/* Nothing but the whole text is base64; -1: it is not, or too much. */
static int decode(const char *text, uint8_t *ret, size_t max, size_t *ret_len)
{
	const char *stopped;
	size_t len = strlen(text);

	if (sodium_base642bin(ret, max, text, len, NULL, ret_len, &stopped,
			      sodium_base64_VARIANT_ORIGINAL) != 0)
		return -1;
	return stopped == text + len ? 0 : -1;
}

static int take_signature(const json_t *doc, struct vex_envelope *e, struct oak_error *err)
{
	const json_t *list = json_object_get(doc, "signatures"), *one = json_array_get(list, 0);
	const char *sig = json_get_str(one, "sig"), *id = json_get_str(one, "keyid");
	size_t len;

	if (json_array_size(list) != 1)
		return oak_fail(err, OAK_E_FORMAT, "the envelope has %zu signatures; wanted is one",
				json_array_size(list));
	if (!sig || decode(sig, e->signature, sizeof(e->signature), &len) < 0 ||
	    len != sizeof(e->signature))
		return oak_fail(err, OAK_E_FORMAT, "the envelope's signature is not ed25519's");
	if (id && strlen(id) == SHA256_HEX_MAX - 1 &&
	    strspn(id, "0123456789abcdef") == SHA256_HEX_MAX - 1)
		memcpy(e->key_id, id, SHA256_HEX_MAX);
	return 0;
}

static int take_payload(const json_t *doc, struct vex_envelope *e, struct oak_error *err)
{
	const char *type = json_get_str(doc, "payloadType"), *body = json_get_str(doc, "payload");
	size_t len;

	if (!type || !*type || strlen(type) >= sizeof(e->type) || !body)
		return oak_fail(err, OAK_E_FORMAT,
				"not a DSSE envelope: payload or type is missing");
	memcpy(e->type, type, strlen(type) + 1);
	if (buf_reserve(&e->payload, strlen(body) + 1) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (decode(body, e->payload.data, strlen(body), &len) < 0)
		return oak_fail(err, OAK_E_FORMAT, "the envelope's payload is not base64");
	e->payload.len = len;
	e->payload.data[len] = '\0';
	return 0;
}

int envelope_parse(const void *data, size_t len, struct vex_envelope *ret, struct oak_error *err)
{
	_cleanup_(envelope_free) struct vex_envelope e = { .type = "" };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	int r = json_parse(data, len, ENVELOPE_BYTES_MAX, "envelope", &doc, err);

	if (r == 0)
		r = take_signature(doc, &e, err);
	if (r == 0)
		r = take_payload(doc, &e, err);
	if (r < 0)
		return r;
	*ret = e;
	e = (struct vex_envelope){ .type = "" };
	return 0;
}

int envelope_verify(const struct vex_envelope *e, const struct vex_public *by, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf signed_bytes = { 0 };

	if (to_sign(e->type, e->payload.data, e->payload.len, &signed_bytes) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (crypto_sign_ed25519_verify_detached(e->signature, signed_bytes.data, signed_bytes.len,
						by->raw) != 0)
		return oak_fail(err, OAK_E_TRUST,
				"the signature is not of key %.16s (the envelope names key %.16s)",
				by->id, e->key_id[0] ? e->key_id : "none");
	return 0;
}

void envelope_free(struct vex_envelope *e)
{
	buf_free(&e->payload);
	*e = (struct vex_envelope){ .type = "" };
}
