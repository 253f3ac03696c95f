/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/token.h"

#include <stdlib.h>
#include <string.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include "trust/key-file.h"

#define SLOTS_MAX     64
#define ATTRIBUTE_MAX 2048 /* bytes; a modulus of RSA-8192 has 1,024 */

struct token {
	P11KitUri *uri;
	CK_FUNCTION_LIST *own;         /* loaded for module-path alone; or NULL */
	CK_FUNCTION_LIST **registered; /* p11-kit's; or NULL */
	CK_FUNCTION_LIST *f;           /* of the token; one of those above */
	CK_SLOT_ID slot;
	CK_TOKEN_INFO info;
	char label[sizeof(((CK_TOKEN_INFO *)NULL)->label) + 1];
	CK_SESSION_HANDLE session;
};

static int fail(struct oak_error *err, const struct token *t, const char *what, CK_RV rv)
{
	return oak_fail(err, OAK_E_FAILED, "token %s: %s: %s", t->label, what, p11_kit_strerror(rv));
}

static int parse_uri(struct token *t, const char *text, struct oak_error *err)
{
	int r;

	t->uri = p11_kit_uri_new();
	if (!t->uri)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, t->uri);
	if (r != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(t->uri))
		return oak_fail(err, OAK_E_FORMAT,
				"not a PKCS#11 URI; one looks like "
				"pkcs11:token=NAME;object=KEY (p11tool and pkcs11-tool list them)");
	if (p11_kit_uri_get_pin_value(t->uri) || p11_kit_uri_get_pin_source(t->uri))
		return oak_fail(err, OAK_E_REFUSED,
				"the URI holds a PIN or its file; leave it out, the PIN is asked "
				"for or comes from --passphrase-file");
	return 0;
}

static int load_modules(struct token *t, struct oak_error *err)
{
	const char *path = p11_kit_uri_get_module_path(t->uri);
	CK_RV rv;

	if (!path) {
		t->registered = p11_kit_modules_load_and_initialize(0);
		return t->registered
			       ? 0
			       : oak_fail(err, OAK_E_FAILED, "p11-kit: %s", p11_kit_message());
	}
	t->own = p11_kit_module_load(path, 0);
	if (!t->own)
		return oak_fail(err, OAK_E_FAILED, "%s: not a PKCS#11 module", path);
	rv = p11_kit_module_initialize(t->own);
	if (rv != CKR_OK) {
		p11_kit_module_release(take_ptr(t->own));
		return oak_fail(err, OAK_E_FAILED, "%s: %s", path, p11_kit_strerror(rv));
	}
	return 0;
}

static bool matches(const struct token *t, CK_FUNCTION_LIST *f, CK_SLOT_ID slot, CK_TOKEN_INFO *ret)
{
	return f->C_GetTokenInfo(slot, ret) == CKR_OK && (ret->flags & CKF_TOKEN_INITIALIZED) &&
	       p11_kit_uri_match_token_info(t->uri, ret) == 1;
}

/* How many tokens of the module match; the last of them is noted. */
static unsigned search_module(struct token *t, CK_FUNCTION_LIST *f)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG n = SLOTS_MAX;
	CK_TOKEN_INFO info;
	unsigned found = 0;

	if (f->C_GetSlotList(CK_TRUE, slots, &n) != CKR_OK)
		return 0;
	for (CK_ULONG i = 0; i < n; i++) {
		if (!matches(t, f, slots[i], &info))
			continue;
		t->f = f;
		t->slot = slots[i];
		t->info = info;
		found++;
	}
	return found;
}

static int find_token(struct token *t, struct oak_error *err)
{
	unsigned found = 0;
	size_t len = sizeof(t->info.label);

	if (t->own)
		found = search_module(t, t->own);
	for (size_t i = 0; t->registered && t->registered[i]; i++)
		found += search_module(t, t->registered[i]);
	if (found == 0)
		return oak_fail(err, OAK_E_NOTFOUND,
				"no such token; is it plugged in? 'p11-kit list-modules' shows "
				"those that are there");
	if (found > 1)
		return oak_fail(err, OAK_E_REFUSED,
				"%u tokens match; name one by token= or serial=", found);
	/* The label is padded with spaces and not terminated. */
	while (len && t->info.label[len - 1] == ' ')
		len--;
	memcpy(t->label, t->info.label, len);
	return 0;
}

int token_open(const char *uri, struct token **ret, struct oak_error *err)
{
	_cleanup_(token_closep) struct token *t = calloc(1, sizeof(*t));
	CK_RV rv;
	int r;

	if (!t)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = parse_uri(t, uri, err);
	if (r == 0)
		r = load_modules(t, err);
	if (r == 0)
		r = find_token(t, err);
	if (r < 0)
		return oak_context(err, "%s", uri);
	rv = t->f->C_OpenSession(t->slot, CKF_SERIAL_SESSION, NULL, NULL, &t->session);
	if (rv != CKR_OK)
		return fail(err, t, "no session", rv);
	*ret = take_ptr(t);
	return 0;
}

static bool is_logged_in(struct token *t)
{
	CK_SESSION_INFO info;

	return t->f->C_GetSessionInfo(t->session, &info) == CKR_OK &&
	       (info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS);
}

int token_login(struct token *t, const struct passphrase_source *ask, struct oak_error *err)
{
	_cleanup_(secret_free) struct buf pin = { 0 };
	char what[sizeof(t->label) + sizeof("token ")];
	CK_RV rv;
	int r = 0;

	if (!(t->info.flags & CKF_LOGIN_REQUIRED) || is_logged_in(t))
		return 0;
	(void)snprintf(what, sizeof(what), "token %s", t->label);
	/* Some have keys of their own for the PIN. */
	if (!(t->info.flags & CKF_PROTECTED_AUTHENTICATION_PATH))
		r = ask->ask(ask->ctx, what, false, &pin, err);
	if (r < 0)
		return r;
	rv = t->f->C_Login(t->session, CKU_USER, pin.data, pin.len);
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_INVALID)
		return oak_fail(err, OAK_E_REFUSED,
				"token %s: wrong PIN; a token locks itself after a few of them",
				t->label);
	if (rv == CKR_PIN_LOCKED)
		return oak_fail(err, OAK_E_REFUSED,
				"token %s: its PIN is locked after too many wrong ones; unlock it "
				"with its own tool",
				t->label);
	return rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN ? 0 : fail(err, t, "login", rv);
}

static int find_two(struct token *t, CK_ATTRIBUTE *want, CK_ULONG n, CK_OBJECT_HANDLE ret[2],
		    CK_ULONG *ret_n, struct oak_error *err)
{
	CK_RV rv = t->f->C_FindObjectsInit(t->session, want, n);

	if (rv == CKR_OK) {
		rv = t->f->C_FindObjects(t->session, ret, 2, ret_n);
		(void)t->f->C_FindObjectsFinal(t->session);
	}
	return rv == CKR_OK ? 0 : fail(err, t, "search", rv);
}

int token_find(struct token *t, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *ret, struct oak_error *err)
{
	static const CK_ATTRIBUTE_TYPE named[] = { CKA_ID, CKA_LABEL };
	CK_ATTRIBUTE want[1 + sizeof(named) / sizeof(named[0])] = {
		{ .type = CKA_CLASS, .pValue = &class, .ulValueLen = sizeof(class) }
	};
	const char *what = class == CKO_PRIVATE_KEY ? "private" : "public";
	CK_OBJECT_HANDLE found[2];
	CK_ULONG n = 1, n_found = 0;
	int r;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		const CK_ATTRIBUTE *a = p11_kit_uri_get_attribute(t->uri, named[i]);

		if (a)
			want[n++] = *a;
	}
	r = find_two(t, want, n, found, &n_found, err);
	if (r < 0)
		return r;
	if (n_found == 0)
		return oak_fail(err, OAK_E_NOTFOUND,
				"token %s: no %s key of this id= or object= is in it", t->label,
				what);
	if (n_found > 1)
		return oak_fail(err, OAK_E_REFUSED,
				"token %s: several %s keys match; name one by id= or object=",
				t->label, what);
	*ret = found[0];
	return 0;
}

int token_attribute(struct token *t, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
		    struct buf *ret, struct oak_error *err)
{
	uint8_t bytes[ATTRIBUTE_MAX];
	CK_ATTRIBUTE a = { .type = type, .pValue = bytes, .ulValueLen = sizeof(bytes) };
	CK_RV rv = t->f->C_GetAttributeValue(t->session, object, &a, 1);

	if (rv != CKR_OK || a.ulValueLen > sizeof(bytes))
		return fail(err, t, "cannot read the key", rv);
	if (buf_add(ret, bytes, a.ulValueLen) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int token_sign(struct token *t, CK_OBJECT_HANDLE key, const struct token_signing *what,
	       uint8_t *sig, CK_ULONG *len, struct oak_error *err)
{
	CK_MECHANISM how = { .mechanism = what->mechanism,
			     .pParameter = what->param,
			     .ulParameterLen = what->param_len };
	CK_RV rv = t->f->C_SignInit(t->session, &how, key);

	/* PKCS#11 wants non-const and changes nothing. */
	if (rv == CKR_OK)
		rv = t->f->C_Sign(t->session, (CK_BYTE *)(uintptr_t)what->data, what->data_len, sig,
				  len);
	return rv == CKR_OK ? 0 : fail(err, t, "it could not sign", rv);
}

void token_close(struct token *t)
{
	if (!t)
		return;
	/* The last session of a token that closes logs out. */
	if (t->session)
		(void)t->f->C_CloseSession(t->session);
	if (t->own) {
		(void)p11_kit_module_finalize(t->own);
		p11_kit_module_release(t->own);
	}
	if (t->registered)
		p11_kit_modules_finalize_and_release(t->registered);
	p11_kit_uri_free(t->uri);
	free(t);
}
