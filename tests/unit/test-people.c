/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Roles, passwords, codes and seals, without a database. */
#include "test.h"

#include <pthread.h>

#include "fleet/http/http.h"
#include "fleet/people/password.h"
#include "fleet/people/person.h"
#include "fleet/people/seal.h"
#include "fleet/people/totp.h"

TEST(a_role_is_a_set_of_scopes)
{
	static const struct {
		const char *name;
		uint32_t may, may_not;
	} cases[] = {
		{ "viewer", SCOPE_READ, SCOPE_HOSTS | SCOPE_ROLLOUTS | SCOPE_APPROVE | SCOPE_ADMIN },
		{ "operator", SCOPE_READ | SCOPE_HOSTS | SCOPE_ROLLOUTS,
		  SCOPE_APPROVE | SCOPE_ADMIN },
		{ "approver", SCOPE_READ | SCOPE_APPROVE,
		  SCOPE_HOSTS | SCOPE_ROLLOUTS | SCOPE_ADMIN },
		{ "admin", SCOPE_READ | SCOPE_HOSTS | SCOPE_ROLLOUTS | SCOPE_APPROVE | SCOPE_ADMIN,
		  0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum person_role role = ROLES;

		test_case = cases[i].name;
		EXPECT(role_parse(cases[i].name, &role));
		EXPECT_STR(role_name(role), cases[i].name);
		EXPECT((role_scopes(role) & cases[i].may) == cases[i].may);
		EXPECT(!(role_scopes(role) & cases[i].may_not));
	}
	enum person_role none = ROLE_ADMIN;

	EXPECT(!role_parse("Admin", &none) && !role_parse("", &none) && none == ROLE_ADMIN);
	EXPECT(role_scopes((enum person_role)7) == 0);
	EXPECT_STR(role_name((enum person_role) - 1), "none");
}

TEST(a_password_is_long_and_not_what_is_tried_first)
{
	static const struct {
		const char *password, *msg;
	} cases[] = {
		{ "a fine long phrase", NULL },
		{ "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f und noch mehr", NULL },
		{ "bob likes to sing", NULL },
		{ "elevenchars", "password: must have at least 12 characters" },
		/* Twelve bytes, six characters. */
		{ "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc",
		  "password: must have at least 12 characters" },
		{ "with\na line in it", "password: must be UTF-8 without control characters" },
		{ "not \xff UTF-8 at all", "password: must be UTF-8 without control characters" },
		{ "cut off here \xc3", "password: must be UTF-8 without control characters" },
		{ "bobbobbobbob", "password: is little more than the name" },
		{ "Bob!bob?BOB.bobbob", "password: is little more than the name" },
		{ "aaaaaaaaaaaaaaa", "password: is too regular" },
		{ "abcdabcdabcdab", "password: is too regular" },
		{ "abcdefghijklmn", "password: is too regular" },
		{ "0987654321098", "password: is too regular" },
		{ "890123456789012", "password: is too regular" },
		{ "Password1234", "password: is one that everybody tries first" },
		{ "CorrectHorseBatteryStaple", "password: is one that everybody tries first" },
	};
	_cleanup_(freep) char *long_one = malloc(PASSWORD_MAX + 2);
	struct oak_error err = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].password;
		EXPECT(password_check(cases[i].password, "bob", &err) ==
		       (cases[i].msg ? -OAK_E_FORMAT : 0));
		if (cases[i].msg)
			EXPECT_STR(err.msg, cases[i].msg);
	}
	EXPECT(long_one);
	for (size_t i = 0; i < PASSWORD_MAX + 1; i++)
		long_one[i] = "abcdefgh ijk"[i * i % 11];
	long_one[PASSWORD_MAX + 1] = '\0';
	EXPECT(password_check(long_one, "bob", &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "password: must have at most 1024 bytes");
	long_one[PASSWORD_MAX] = '\0';
	EXPECT(password_check(long_one, "bob", &err) == 0);
}

TEST(a_password_is_kept_as_argon2id)
{
	char hash[PASSWORD_HASH], again[PASSWORD_HASH];
	struct oak_error err = { 0 };

	EXPECT(password_hash("a fine long phrase", hash, &err) == 0);
	EXPECT(password_hash("a fine long phrase", again, &err) == 0);
	EXPECT(strncmp(hash, "$argon2id$v=19$m=65536,t=3,p=1$", 31) == 0);
	EXPECT(strcmp(hash, again) != 0);
	EXPECT(password_verify(hash, "a fine long phrase", &err) == 0);
	EXPECT(password_verify(again, "a fine long phrase", &err) == 0);
	EXPECT(password_verify(hash, "a fine long phrasf", &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "the password is not the right one");
	EXPECT(password_verify(hash, "", &err) == -OAK_E_REFUSED);
	/* Nobody's: never right, whatever its text is. */
	EXPECT(password_verify(NULL, "", &err) == -OAK_E_REFUSED);
	EXPECT(password_verify("", "a fine long phrase", &err) == -OAK_E_REFUSED);
	EXPECT(password_verify("no hash", "a fine long phrase", &err) == -OAK_E_REFUSED);
}

struct crowd {
	pthread_barrier_t begin;
	int result[8];
};

struct one {
	struct crowd *crowd;
	size_t i;
};

static void *hash_one(void *arg)
{
	struct one *one = arg;
	char hash[PASSWORD_HASH];
	struct oak_error err = { 0 };

	(void)pthread_barrier_wait(&one->crowd->begin);
	one->crowd->result[one->i] = password_hash("a fine long phrase", hash, &err);
	if (one->crowd->result[one->i] == -OAK_E_AGAIN && err.retry_s != 1)
		one->crowd->result[one->i] = 1;
	return NULL;
}

/* Eight at once would be half a gigabyte; some are told to come again, none fails otherwise. */
TEST(only_so_many_passwords_are_hashed_at_once)
{
	struct crowd crowd = { 0 };
	struct one ones[8];
	pthread_t threads[8];
	int good = 0, again = 0;

	EXPECT(!pthread_barrier_init(&crowd.begin, NULL, 8));
	for (size_t i = 0; i < 8; i++) {
		ones[i] = (struct one){ &crowd, i };
		EXPECT(!pthread_create(&threads[i], NULL, hash_one, &ones[i]));
	}
	for (size_t i = 0; i < 8; i++) {
		EXPECT(!pthread_join(threads[i], NULL));
		good += crowd.result[i] == 0;
		again += crowd.result[i] == -OAK_E_AGAIN;
	}
	EXPECT(good + again == 8);
	EXPECT(good >= 3 && again >= 1);
	(void)pthread_barrier_destroy(&crowd.begin);
}

TEST(a_password_that_is_made_is_a_good_one)
{
	char a[PASSWORD_MADE], b[PASSWORD_MADE];
	struct oak_error err = { 0 };

	password_make(a);
	password_make(b);
	EXPECT(strlen(a) == 29 && strcmp(a, b) != 0);
	EXPECT(a[5] == '-' && a[23] == '-');
	EXPECT(strspn(a, "abcdefghijkmnpqrstuvwxyz23456789-") == 29);
	EXPECT(password_check(a, "bob", &err) == 0);
}

/* Source: RFC 6238 appendix B, the last six digits of each. */
TEST(codes_are_those_of_rfc_6238)
{
	static const struct {
		int64_t at_s;
		uint32_t code;
	} cases[] = { { 59, 287082 },       { 1111111109, 81804 },  { 1111111111, 50471 },
		      { 1234567890, 5924 }, { 2000000000, 279037 }, { 20000000000, 353130 } };
	const uint8_t *secret = (const uint8_t *)"12345678901234567890";
	char text[TOTP_BASE32];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		EXPECT(totp_code(secret, 20, cases[i].at_s / TOTP_STEP_S) == cases[i].code);
	totp_base32(secret, text);
	EXPECT_STR(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

TEST(a_code_is_good_for_a_step_before_and_after)
{
	const uint8_t *secret = (const uint8_t *)"12345678901234567890";
	const int64_t step = 1111111109 / TOTP_STEP_S;

	EXPECT(totp_find(secret, 20, "081804", 1111111109) == step);
	EXPECT(totp_find(secret, 20, " 081 804 ", 1111111109) == step);
	EXPECT(totp_find(secret, 20, "081804", 1111111109 + 30) == step);
	EXPECT(totp_find(secret, 20, "081804", 1111111109 - 30) == step);
	EXPECT(totp_find(secret, 20, "081804", 1111111109 + 60) == -1);
	EXPECT(totp_find(secret, 20, "081804", 1111111109 - 60) == -1);
	EXPECT(totp_find(secret, 20, "81804", 1111111109) == -1);
	EXPECT(totp_find(secret, 20, "0818041", 1111111109) == -1);
	EXPECT(totp_find(secret, 20, "+81804", 1111111109) == -1);
	EXPECT(totp_find(secret, 20, "", 1111111109) == -1);
}

TEST(a_uri_holds_any_name)
{
	const uint8_t *secret = (const uint8_t *)"12345678901234567890";
	char uri[TOTP_URI_MAX], name[PERSON_NAME_MAX + 1];

	totp_uri(secret, "anna+x@example", uri);
	EXPECT_STR(uri, "otpauth://totp/Oakum:anna%2Bx%40example?secret="
			"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Oakum");
	memset(name, '@', PERSON_NAME_MAX);
	name[PERSON_NAME_MAX] = '\0';
	totp_uri(secret, name, uri);
	EXPECT_CONTAINS(uri, "&issuer=Oakum");
}

TEST(what_is_sealed_is_read_by_its_key_for_its_purpose)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL, *other = NULL, *ecdsa = NULL;
	_cleanup_(freep) char *text = NULL, *again = NULL, *none = NULL;
	_cleanup_(buf_free) struct buf plain = { 0 };
	struct oak_error err = { 0 };
	_cleanup_(freep) char *large = calloc(1, SEAL_MAX + 1);

	EXPECT(large && !tuf_key_generate(&key, &err) && !tuf_key_generate(&other, &err));
	EXPECT(!seal(key, "totp", "a secret", 8, &text, &err));
	EXPECT(!seal(key, "totp", "a secret", 8, &again, &err));
	EXPECT(strcmp(text, again) != 0 && !strstr(text, "secret"));
	EXPECT(!unseal(key, "totp", text, &plain, &err));
	EXPECT(plain.len == 8 && !memcmp(plain.data, "a secret", 8));
	EXPECT(unseal(key, "oidc", text, &plain, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "this was not sealed by this server");
	EXPECT(unseal(other, "totp", text, &plain, &err) == -OAK_E_TRUST);
	for (size_t i = 0; text[i]; i++) {
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		EXPECT(unseal(key, "totp", text, &plain, &err) == -OAK_E_TRUST);
		text[i] = was;
	}
	EXPECT(unseal(key, "totp", "", &plain, &err) == -OAK_E_TRUST);
	EXPECT(unseal(key, "totp", "no base64!", &plain, &err) == -OAK_E_TRUST);
	EXPECT(plain.len == 8);
	EXPECT(seal(key, "totp", large, SEAL_MAX + 1, &none, &err) == -OAK_E_TOOLARGE);
	EXPECT(!seal(key, "totp", large, SEAL_MAX, &none, &err));
	plain.len = 0;
	EXPECT(!unseal(key, "totp", none, &plain, &err) && plain.len == SEAL_MAX);
	/* Its signatures differ each time: what was sealed would be lost. */
	EXPECT(!tuf_key_generate_as("ecdsa-sha2-nistp256", &ecdsa, &err));
	EXPECT(seal(ecdsa, "totp", "a secret", 8, &none, &err) == -OAK_E_UNSUPPORTED);
}
