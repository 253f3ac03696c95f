/* SPDX-License-Identifier: GPL-2.0-or-later */
/* People, sessions, codes and wrong tries over a database. */
#include "fleet/http/http.h"
#include "fleet/store/lockout.h"
#include "fleet/store/second-factor.h"
#include "fleet/store/sessions.h"
#include "fleet/store/tokens.h"
#include "fleet/store/users.h"
#include "store-fixture.h"
#include "test.h"

#define PHRASE "a fine long phrase"
#define NOW    FIXTURE_NOW

static const struct session_from browser = { "192.0.2.1", "curl", NOW };

static void add(struct db *db, const char *name, enum person_role role, struct user *ret)
{
	struct oak_error err = { .code = OAK_OK };

	EXPECT(!db_begin(db, &err));
	EXPECT(!user_create(
		db, &(const struct user_new){ .name = name, .role = role, .password = PHRASE }, NOW,
		ret, &err));
	EXPECT(!db_commit(db, &err));
}

TEST(a_name_is_of_one_person)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	const struct user_new again = { .name = "ANNA", .password = PHRASE };
	const struct user_new bad = { .name = "an na", .password = PHRASE };
	struct oak_error err = { .code = OAK_OK };
	struct user anna, found;

	add(db, "Anna", ROLE_ADMIN, &anna);
	EXPECT_STR(anna.name, "anna");
	EXPECT(user_create(db, &again, NOW, &found, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "name: there is a person with it");
	EXPECT(user_create(db, &bad, NOW, &found, &err) == -OAK_E_FORMAT);
	EXPECT(!user_by_name(db, "aNNa", &found, &err));
	EXPECT_STR(found.id, anna.id);
	EXPECT(user_by_name(db, "' OR 1=1 --", &found, &err) == -OAK_E_NOTFOUND);
}

TEST(wrong_passwords_make_the_next_try_wait)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	struct oak_error err = { .code = OAK_OK };
	struct user anna, found;

	add(db, "anna", ROLE_ADMIN, &anna);
	for (int i = 0; i < 5; i++) {
		EXPECT(user_check_password(db, "anna", "no", "192.0.2.1", NOW, &found, &err) ==
		       -OAK_E_REFUSED);
		EXPECT_STR(err.msg, "the name or the password is wrong");
	}
	/* The right one waits as well, here and not elsewhere. */
	EXPECT(user_check_password(db, "anna", PHRASE, "192.0.2.1", NOW, &found, &err) ==
	       -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "too many wrong tries: wait 1 seconds");
	EXPECT(err.retry_s == 1);
	EXPECT(!user_check_password(db, "anna", PHRASE, "198.51.100.1", NOW, &found, &err));
	EXPECT(!user_check_password(db, "Anna", PHRASE, "192.0.2.1", NOW + 1, &found, &err));
	EXPECT_STR(found.id, anna.id);
	/* The same words for nobody. */
	EXPECT(user_check_password(db, "nobody", PHRASE, "203.0.113.1", NOW, &found, &err) ==
	       -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "the name or the password is wrong");
}

TEST(a_wait_doubles_to_a_quarter_of_an_hour_and_is_forgotten)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	struct oak_error err = { .code = OAK_OK };

	for (int i = 0; i < 40; i++)
		EXPECT(!lockout_failed(db, "anna", "192.0.2.1", NOW, &err));
	EXPECT(lockout_check(db, "anna", "192.0.2.1", NOW, &err) == -OAK_E_AGAIN);
	EXPECT(err.retry_s == LOCKOUT_MAX_S);
	/* The network waits for any name; the name waits nowhere else. */
	EXPECT(lockout_check(db, "bob", "192.0.2.1", NOW, &err) == -OAK_E_AGAIN);
	EXPECT(!lockout_check(db, "anna", "198.51.100.1", NOW, &err));
	EXPECT(!lockout_check(db, "anna", "192.0.2.1", NOW + LOCKOUT_MAX_S, &err));
	EXPECT(!lockout_failed(db, "anna", "192.0.2.1", NOW + LOCKOUT_FORGET_S + 1, &err));
	EXPECT(!lockout_check(db, "anna", "192.0.2.1", NOW + LOCKOUT_FORGET_S + 1, &err));
}

TEST(a_session_ends_when_idle_and_in_any_case)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	char secret[SESSION_SECRET], new[SESSION_SECRET];
	struct oak_error err = { .code = OAK_OK };
	struct session s, before;
	struct user anna;

	add(db, "anna", ROLE_ADMIN, &anna);
	EXPECT(!session_create(db, &anna, SESSION_CODE, &browser, secret, &err));
	EXPECT(!session_check(db, secret, NOW, &before, &err) && before.state == SESSION_CODE);
	EXPECT(session_check(db, secret, NOW + SESSION_HALF_S, &s, &err) == -OAK_E_NOTFOUND);
	/* What gains rights goes on under another secret. */
	EXPECT(!session_renew(db, secret, SESSION_FULL, NOW, new, &err));
	EXPECT(session_check(db, secret, NOW, &s, &err) == -OAK_E_NOTFOUND);
	EXPECT(!session_check(db, new, NOW, &s, &err) && s.state == SESSION_FULL);
	EXPECT(strcmp(s.csrf, before.csrf) != 0);
	EXPECT_STR(s.id, before.id);
	EXPECT(session_check(db, new, NOW + SESSION_IDLE_S, &s, &err) == -OAK_E_NOTFOUND);
	for (int64_t at = NOW; at < NOW + SESSION_MAX_S; at += SESSION_IDLE_S / 2)
		EXPECT(!session_check(db, new, at, &s, &err));
	EXPECT(session_check(db, new, NOW + SESSION_MAX_S, &s, &err) == -OAK_E_NOTFOUND);
}

TEST(another_role_or_password_ends_sessions_and_an_admin_stays)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	char secret[SESSION_SECRET];
	struct oak_error err = { .code = OAK_OK };
	struct user anna, bob;
	struct session s;

	add(db, "anna", ROLE_ADMIN, &anna);
	add(db, "bob", ROLE_OPERATOR, &bob);
	EXPECT(!session_create(db, &bob, SESSION_FULL, &browser, secret, &err));
	EXPECT(!user_set_role(db, bob.id, ROLE_OPERATOR, &err));
	EXPECT(!session_check(db, secret, NOW, &s, &err));
	EXPECT(!user_set_role(db, bob.id, ROLE_VIEWER, &err));
	EXPECT(session_check(db, secret, NOW, &s, &err) == -OAK_E_NOTFOUND);
	EXPECT(!session_create(db, &bob, SESSION_FULL, &browser, secret, &err));
	EXPECT(!user_set_password(db, bob.id, "another fine phrase", false, NOW, &err));
	EXPECT(session_check(db, secret, NOW, &s, &err) == -OAK_E_NOTFOUND);
	EXPECT(user_set_role(db, anna.id, ROLE_VIEWER, &err) == -OAK_E_REFUSED);
	EXPECT(user_set_disabled(db, anna.id, true, &err) == -OAK_E_REFUSED);
	EXPECT(user_delete(db, anna.id, NOW, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "this is the last admin who can sign in: make another one first");
	EXPECT(!user_set_role(db, bob.id, ROLE_ADMIN, &err));
	EXPECT(!user_set_role(db, anna.id, ROLE_VIEWER, &err));
}

TEST(a_token_allows_no_more_than_the_role_of_its_person)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(json_decrefp) json_t *made = NULL;
	char secret[TOKEN_TEXT_MAX];
	struct oak_error err = { .code = OAK_OK };
	struct user anna, bob;
	struct api_token t;

	add(db, "anna", ROLE_ADMIN, &anna);
	add(db, "bob", ROLE_ADMIN, &bob);
	const struct api_token_new new = { .name = "bobs",
					   .scopes = SCOPE_READ | SCOPE_ADMIN,
					   .person = bob.id };

	EXPECT(!api_token_create(db, &new, NOW, secret, &made, &err));
	EXPECT(!api_token_check(db, secret, NOW, &t, &err));
	EXPECT(t.scopes == (SCOPE_READ | SCOPE_ADMIN));
	EXPECT_STR(t.person, bob.id);
	EXPECT(!user_set_role(db, bob.id, ROLE_VIEWER, &err));
	EXPECT(!api_token_check(db, secret, NOW, &t, &err) && t.scopes == SCOPE_READ);
	EXPECT(!user_set_disabled(db, bob.id, true, &err));
	EXPECT(api_token_check(db, secret, NOW, &t, &err) == -OAK_E_NOTFOUND);
	EXPECT(!user_set_disabled(db, bob.id, false, &err));
	EXPECT(!api_token_check(db, secret, NOW, &t, &err));
	EXPECT(!user_delete(db, bob.id, NOW, &err));
	EXPECT(api_token_check(db, secret, NOW, &t, &err) == -OAK_E_NOTFOUND);
}

TEST(a_code_is_taken_once)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	char codes[RECOVERY_CODES][RECOVERY_TEXT], code[16];
	uint8_t secret[TOTP_SECRET_BYTES];
	struct oak_error err = { .code = OAK_OK };
	bool recovery = true;
	unsigned left = 0;
	struct user anna;

	EXPECT(!tuf_key_generate(&key, &err));
	add(db, "anna", ROLE_ADMIN, &anna);
	EXPECT(!user_totp_begin(db, key, anna.id, secret, &err));
	EXPECT(user_totp_confirm(db, key, anna.id, "000", NOW, codes, &err) == -OAK_E_REFUSED);
	(void)snprintf(code, sizeof(code), "%06u",
		       totp_code(secret, sizeof(secret), NOW / TOTP_STEP_S));
	EXPECT(!user_totp_confirm(db, key, anna.id, code, NOW, codes, &err));
	EXPECT(!user_by_id(db, anna.id, &anna, &err) && anna.has_totp);
	struct code_try t = { key, &anna, code, "192.0.2.1", NOW };

	/* It was shown already. */
	EXPECT(user_check_code(db, &t, &recovery, &err) == -OAK_E_REFUSED);
	t.now_s += INT64_C(2) * TOTP_STEP_S;
	(void)snprintf(code, sizeof(code), "%06u",
		       totp_code(secret, sizeof(secret), t.now_s / TOTP_STEP_S));
	EXPECT(!user_check_code(db, &t, &recovery, &err) && !recovery);
	EXPECT(user_check_code(db, &t, &recovery, &err) == -OAK_E_REFUSED);
	t.code = codes[3];
	EXPECT(!user_check_code(db, &t, &recovery, &err) && recovery);
	EXPECT(user_check_code(db, &t, &recovery, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "the code is not the right one");
	EXPECT(!user_recovery_left(db, anna.id, &left, &err) && left == RECOVERY_CODES - 1);
	EXPECT(!user_totp_remove(db, anna.id, true, &err));
	EXPECT(!user_recovery_left(db, anna.id, &left, &err) && left == 0);
}

TEST(a_right_password_makes_no_room_for_more_wrong_codes)
{
	_cleanup_(db_closep) struct db *db = fixture_open();
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	char codes[RECOVERY_CODES][RECOVERY_TEXT], code[16];
	uint8_t secret[TOTP_SECRET_BYTES];
	struct oak_error err = { .code = OAK_OK };
	struct user anna, found;
	bool recovery = false;

	EXPECT(!tuf_key_generate(&key, &err));
	add(db, "anna", ROLE_ADMIN, &anna);
	EXPECT(!user_totp_begin(db, key, anna.id, secret, &err));
	(void)snprintf(code, sizeof(code), "%06u",
		       totp_code(secret, sizeof(secret), NOW / TOTP_STEP_S));
	EXPECT(!user_totp_confirm(db, key, anna.id, code, NOW, codes, &err));
	EXPECT(!user_by_id(db, anna.id, &anna, &err));
	struct code_try t = { key, &anna, "no code", "192.0.2.1", NOW };

	for (int i = 0; i < 5; i++) {
		EXPECT(!user_check_password(db, "anna", PHRASE, "192.0.2.1", NOW, &found, &err));
		EXPECT(user_check_code(db, &t, &recovery, &err) == -OAK_E_REFUSED);
	}
	EXPECT(user_check_password(db, "anna", PHRASE, "192.0.2.1", NOW, &found, &err) ==
	       -OAK_E_AGAIN);
	t.code = codes[0];
	EXPECT(user_check_code(db, &t, &recovery, &err) == -OAK_E_AGAIN);
	/* The sign-in that is complete ends the count. */
	t.now_s = NOW + 1;
	EXPECT(!user_check_code(db, &t, &recovery, &err) && recovery);
	t.code = "no code";
	EXPECT(user_check_code(db, &t, &recovery, &err) == -OAK_E_REFUSED);
	EXPECT(user_check_code(db, &t, &recovery, &err) == -OAK_E_REFUSED);
}
