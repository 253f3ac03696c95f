/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/process.h"
#include "trust/key-file.h"
#include "trust/keystore.h"

/* Answers in turn, and counts. */
struct person {
	const char *answers[4];
	unsigned asked, again;
	char last[64]; /* what was asked for */
};

static int answer(void *ctx, const char *what, bool again, struct buf *ret, struct oak_error *err)
{
	struct person *p = ctx;
	const char *text = p->asked < 4 ? p->answers[p->asked] : NULL;

	p->asked++;
	p->again += again;
	(void)snprintf(p->last, sizeof(p->last), "%s", what);
	if (!text)
		return oak_fail(err, OAK_E_REFUSED, "%s: nobody answers", what);
	return buf_add_str(ret, text);
}

/* Encrypts a key as no publisher should: one round, so that hundreds of guesses cost nothing. */
static void encrypt(const char *path, const char *passphrase)
{
	char pass[64], out[600];
	const char *const argv[] = { "openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc",
				     "-iter",   "1",     "-in",    path,  "-passout",
				     pass,      "-out",  out,      NULL };
	_cleanup_(process_result_free) struct process_result result = { 0 };
	const struct process_options opt = { 0 };
	struct oak_error err;

	(void)snprintf(pass, sizeof(pass), "pass:%s", passphrase);
	(void)snprintf(out, sizeof(out), "%s.new", path);
	EXPECT(process_run(argv, &opt, &result, &err) == 0 && result.status == 0);
	EXPECT(chmod(out, 0600) == 0 && rename(out, path) == 0);
}

/* A fresh directory with these keys; passphrase "": not encrypted. */
static const char *dir_with(const char *const *names, const char *const *passphrases, size_t n)
{
	static char dir[512];
	static unsigned count;
	struct oak_error err;

	(void)snprintf(dir, sizeof(dir), "%s/%u", test_dir(), count++);
	EXPECT(dir_make(AT_FDCWD, dir, &err) == 0);
	for (size_t i = 0; i < n; i++) {
		_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
		_cleanup_(freep) char *path = path_join(dir, names[i]);

		EXPECT(tuf_key_generate(&key, &err) == 0);
		EXPECT(key_file_write(key, AT_FDCWD, path, NULL, &err) == 0);
		if (passphrases[i][0])
			encrypt(path, passphrases[i]);
	}
	return dir;
}

static struct keystore *open_as(const char *dir, struct person *p)
{
	const struct passphrase_source ask = { .ask = answer, .ctx = p };
	struct keystore *ks = NULL;
	struct oak_error err;

	EXPECT(keystore_open(dir, p ? &ask : NULL, &ks, &err) == 0);
	return ks;
}

static int unlock(struct keystore *ks, size_t i, struct oak_error *err)
{
	const struct tuf_key *key = NULL;
	int r = keystore_unlock(ks, tuf_key_id(keystore_public(ks, i)), &key, err);
	_cleanup_(freep) char *sig = NULL;

	if (r == 0)
		EXPECT(tuf_key_sign(key, "abc", 3, &sig, err) == 0);
	return r;
}

TEST(keystore_opens_without_asking)
{
	static const char *const names[] = { "root.pem", "online.pem" };
	static const char *const secrets[] = { "s", "" };
	struct person p = { 0 };
	_cleanup_(keystore_closep) struct keystore *ks = open_as(dir_with(names, secrets, 2), &p);

	EXPECT(keystore_n(ks) == 2 && p.asked == 0);
	EXPECT_STR(keystore_file(ks, 0), "online.pem");
	EXPECT_STR(keystore_file(ks, 1), "root.pem");
	EXPECT(keystore_has(ks, tuf_key_id(keystore_public(ks, 1))));
	EXPECT(!keystore_has(ks, "another"));
}

TEST(keystore_asks_once_for_each_passphrase)
{
	static const char *const names[] = { "a.pem", "b.pem", "c.pem", "d.pem" };
	static const char *const secrets[] = { "one", "one", "", "two" };
	struct person p = { .answers = { "one", "two" } };
	_cleanup_(keystore_closep) struct keystore *ks = open_as(dir_with(names, secrets, 4), &p);
	struct oak_error err;

	for (size_t i = 0; i < 4; i++)
		EXPECT(unlock(ks, i, &err) == 0);
	EXPECT(p.asked == 2 && p.again == 0);
	EXPECT_STR(p.last, "d.pem");
	EXPECT(unlock(ks, 0, &err) == 0 && unlock(ks, 3, &err) == 0);
	EXPECT(p.asked == 2);
}

TEST(keystore_asks_again_and_gives_up)
{
	static const char *const names[] = { "a.pem" };
	static const char *const secrets[] = { "one" };
	const char *dir = dir_with(names, secrets, 1);
	struct person late = { .answers = { "two", "one" } };
	struct person never = { .answers = { "two", "three", "four", "one" } };
	_cleanup_(keystore_closep) struct keystore *a = open_as(dir, &late),
						   *b = open_as(dir, &never);
	_cleanup_(keystore_closep) struct keystore *c = open_as(dir, NULL);
	const struct tuf_key *key = NULL;
	struct oak_error err;

	EXPECT(unlock(a, 0, &err) == 0 && late.asked == 2 && late.again == 1);
	EXPECT(unlock(b, 0, &err) == -OAK_E_REFUSED && never.asked == 3);
	EXPECT_CONTAINS(err.msg, ": a.pem: wrong passphrase");
	EXPECT(unlock(c, 0, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, ": a.pem: locked, and no passphrase was given");
	EXPECT(keystore_unlock(c, "another", &key, &err) == -OAK_E_NOTFOUND && !key);
	EXPECT_CONTAINS(err.msg, ": no key another in it");
}

/* Opens and expects a refusal. */
static void refused(const char *dir, int want, const char *msg)
{
	struct keystore *ks = NULL;
	struct oak_error err;

	EXPECT(keystore_open(dir, NULL, &ks, &err) == want);
	EXPECT(!ks);
	EXPECT_CONTAINS(err.msg, msg);
}

static void in(const char *dir, const char *name, char ret[600])
{
	(void)snprintf(ret, 600, "%s/%s", dir, name);
}

TEST(keystore_open_refuses)
{
	static const char *const names[] = { "a.pem" };
	static const char *const secrets[] = { "one" };
	const char *dir = dir_with(names, secrets, 1);
	char pem[600], pub[600], p11[600];
	struct oak_error err;

	in(dir, "a.pem", pem);
	in(dir, "a.pub", pub);
	in(dir, "t.p11", p11);
	EXPECT(chmod(pem, 0640) == 0);
	refused(dir, -OAK_E_REFUSED,
		"a.pem: others may read this private key; run: chmod 600 a.pem");
	EXPECT(chmod(pem, 0600) == 0 && unlink(pub) == 0);
	refused(dir, -OAK_E_REFUSED,
		"a.pem: its public half a.pub is missing; make it with: oakum-repo key pub a.pem");
	EXPECT(unlink(pem) == 0);
	EXPECT(file_write(AT_FDCWD, p11, "pkcs11:x\n", 9, 0600, &err) == 0);
	refused(dir, -OAK_E_REFUSED,
		"t.p11: its public half t.pub is missing; make it with: oakum-repo key pub t.p11");
	refused("/none", -OAK_E_NOTFOUND, "/none: no such directory");
}

TEST(keystore_derives_the_public_half_of_an_open_key)
{
	static const char *const names[] = { "a.pem" };
	static const char *const secrets[] = { "" };
	const char *dir = dir_with(names, secrets, 1);
	_cleanup_(keystore_closep) struct keystore *ks = NULL;
	struct oak_error err;
	char pub[600];

	in(dir, "a.pub", pub);
	EXPECT(unlink(pub) == 0);
	ks = open_as(dir, NULL);
	EXPECT(keystore_n(ks) == 1 && unlock(ks, 0, &err) == 0);
}

TEST(keystore_notices_a_pub_file_of_another_key)
{
	static const char *const names[] = { "a.pem", "b.pem" };
	static const char *const secrets[] = { "", "" };
	const char *dir = dir_with(names, secrets, 2);
	_cleanup_(keystore_closep) struct keystore *ks = NULL;
	struct oak_error err;
	char a[600], b[600];

	in(dir, "a.pub", a);
	in(dir, "b.pub", b);
	EXPECT(rename(a, b) == 0);
	in(dir, "a.pem", a);
	EXPECT(unlink(a) == 0);
	ks = open_as(dir, NULL);
	EXPECT(unlock(ks, 0, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, ": b.pem: the .pub beside it is that of another key");
}
