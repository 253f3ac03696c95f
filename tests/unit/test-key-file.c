/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/process.h"
#include "trust/key-file.h"

static const struct buf secret = { .data = (uint8_t *)(uintptr_t) "correct horse", .len = 13 };
static const struct buf wrong = { .data = (uint8_t *)(uintptr_t) "wrong horse", .len = 11 };

static int dir_fd(void)
{
	int fd = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	EXPECT(fd >= 0);
	return fd;
}

static mode_t mode_of(int dirfd, const char *name)
{
	struct stat st;

	EXPECT(fstatat(dirfd, name, &st, 0) == 0);
	return st.st_mode & 07777;
}

/* What OpenSSL's program says of NAME, by the arguments that follow; its exit status. */
static int openssl(const char *const *argv, struct process_result *ret)
{
	const struct process_options opt = { .cwd = test_dir() };
	struct oak_error err;

	EXPECT(process_run(argv, &opt, ret, &err) == 0);
	return ret->status;
}

TEST(key_file_comes_back)
{
	static const struct {
		const char *scheme;
		const struct buf *passphrase;
		const char *want;
	} cases[] = {
		{ "ed25519", &secret, "-----BEGIN ENCRYPTED PRIVATE KEY-----" },
		/* The rest is not encrypted for the sake of time: a guess is meant to be slow. */
		{ "ecdsa-sha2-nistp256", NULL, "-----BEGIN PRIVATE KEY-----" },
		{ "rsassa-pss-sha256", NULL, "-----BEGIN PRIVATE KEY-----" },
	};
	_cleanup_(closep) int fd = dir_fd();
	struct oak_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(tuf_key_freep) struct tuf_key *key = NULL, *again = NULL, *public = NULL;
		_cleanup_(buf_free) struct buf text = { 0 };
		_cleanup_(freep) char *sig = NULL;
		char name[32], pub[32];
		bool encrypted = false;

		test_case = cases[i].scheme;
		(void)snprintf(name, sizeof(name), "e%zu.pem", i);
		(void)snprintf(pub, sizeof(pub), "e%zu.pub", i);
		EXPECT(tuf_key_generate_as(cases[i].scheme, &key, &err) == 0);
		EXPECT(key_file_write(key, fd, name, cases[i].passphrase, &err) == 0);
		EXPECT(mode_of(fd, name) == 0600 && mode_of(fd, pub) == 0644);
		EXPECT(file_read(fd, name, KEY_FILE_BYTES_MAX, &text, &err) == 0);
		EXPECT_CONTAINS(buf_str(&text), cases[i].want);
		EXPECT(key_file_is_encrypted(fd, name, &encrypted, &err) == 0);
		EXPECT(encrypted == (cases[i].passphrase != NULL));
		EXPECT(key_file_read_public(fd, pub, &public, &err) == 0);
		EXPECT_STR(tuf_key_id(public), tuf_key_id(key));
		EXPECT(key_file_read(fd, name, cases[i].passphrase, &again, &err) == 0);
		EXPECT_STR(tuf_key_id(again), tuf_key_id(key));
		EXPECT(tuf_key_sign(again, "abc", 3, &sig, &err) == 0);
	}
}

/* A key as OpenSSL's program makes it, locked with the same passphrase, and faster to open. */
static void make_theirs(int fd, const char *name)
{
	const char *const argv[] = { "openssl",      "genpkey", "-algorithm",         "ed25519",
				     "-aes-256-cbc", "-pass",   "pass:correct horse", "-out",
				     name,           NULL };
	_cleanup_(process_result_free) struct process_result made = { 0 };

	EXPECT(openssl(argv, &made) == 0);
	EXPECT(fchmodat(fd, name, 0600, 0) == 0);
}

TEST(key_file_says_that_the_passphrase_is_wrong)
{
	_cleanup_(closep) int fd = dir_fd();
	struct tuf_key *none = NULL;
	struct oak_error err;

	make_theirs(fd, "w.pem");
	EXPECT(key_file_read(fd, "w.pem", &wrong, &none, &err) == -OAK_E_PERMISSION);
	EXPECT_STR(err.msg, "w.pem: wrong passphrase");
	EXPECT(key_file_read(fd, "w.pem", NULL, &none, &err) == -OAK_E_PERMISSION);
	EXPECT_STR(err.msg, "w.pem: encrypted, and no passphrase was given");
	EXPECT(!none);
}

TEST(key_file_never_overwrites)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	_cleanup_(closep) int fd = dir_fd();
	const struct buf empty = { 0 };
	struct oak_error err;

	EXPECT(tuf_key_generate(&key, &err) == 0);
	EXPECT(key_file_write(key, fd, "o.pem", &empty, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "o.pem: the passphrase is empty");
	EXPECT(key_file_write(key, fd, "o.pem", NULL, &err) == 0);
	EXPECT(key_file_write(key, fd, "o.pem", NULL, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg,
		   "o.pem: exists already; a key is never overwritten: choose another name");
	EXPECT(unlinkat(fd, "o.pem", 0) == 0);
	EXPECT(key_file_write(key, fd, "o.pem", NULL, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg,
		   "o.pub: exists already; a key is never overwritten: choose another name");
	EXPECT(!file_exists(fd, "o.pem"));
}

/* Our files are those of a standard: the other program reads ours, and we read its. */
TEST(key_file_is_understood_by_openssl)
{
	static const char *const show[] = { "openssl", "pkey",    "-in",
					    "x.pem",   "-passin", "pass:correct horse",
					    "-pubout", NULL };
	static const char *const kdf[] = { "openssl", "asn1parse", "-in", "x.pem", NULL };
	_cleanup_(process_result_free) struct process_result shown = { 0 }, parsed = { 0 };
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL, *theirs = NULL;
	_cleanup_(closep) int fd = dir_fd();
	struct oak_error err;

	EXPECT(tuf_key_generate(&key, &err) == 0);
	EXPECT(key_file_write(key, fd, "x.pem", &secret, &err) == 0);
	EXPECT(openssl(show, &shown) == 0);
	EXPECT_CONTAINS(buf_str(&shown.out), "-----BEGIN PUBLIC KEY-----");
	EXPECT(openssl(kdf, &parsed) == 0);
	EXPECT_CONTAINS(buf_str(&parsed.out), ":scrypt");
	EXPECT_CONTAINS(buf_str(&parsed.out), ":aes-256-cbc");
	make_theirs(fd, "y.pem");
	EXPECT(key_file_read(fd, "y.pem", &secret, &theirs, &err) == 0);
}

TEST(key_file_read_public_refuses)
{
	static const struct {
		const char *name, *content, *want_msg;
	} cases[] = {
		{ "junk.pub", "junk", "junk.pub: " },
		{ "shape.pub", "{}", "shape.pub: a key must be" },
		{ "short.pub",
		  "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"00\"}}",
		  "short.pub: not a public ed25519 key" },
		{ "none.pub", NULL, "none.pub: no such file" },
	};
	_cleanup_(closep) int fd = dir_fd();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tuf_key *key = NULL;
		struct oak_error err;

		test_case = cases[i].name;
		if (cases[i].content)
			EXPECT(file_write(fd, cases[i].name, cases[i].content,
					  strlen(cases[i].content), 0644, &err) == 0);
		EXPECT(key_file_read_public(fd, cases[i].name, &key, &err) < 0);
		EXPECT_CONTAINS(err.msg, cases[i].want_msg);
	}
}
