/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/key-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/file.h"
#include "base/json.h"
#include "trust/key-private.h"

/*
 * The most memory that OpenSSL lets scrypt take by default (16 of 32 MiB), so that every program
 * of OpenSSL reads the file, and work to match: half a second a guess (docs/decisions/0011).
 */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 10

#define TRIES_MAX 3 /* of a person who types */

#define PEM_PLAIN     "PRIVATE KEY"
#define PEM_ENCRYPTED "ENCRYPTED PRIVATE KEY"

DEFINE_CLEANUP(BIO *, BIO_free_all)
DEFINE_CLEANUP(X509_SIG *, X509_SIG_free)
DEFINE_CLEANUP(X509_ALGOR *, X509_ALGOR_free)
DEFINE_CLEANUP(PKCS8_PRIV_KEY_INFO *, PKCS8_PRIV_KEY_INFO_free)

/* One PEM block. */
struct block {
	char *name, *header;
	uint8_t *data;
	long len;
};

static void block_free(struct block *b)
{
	OPENSSL_free(b->name);
	OPENSSL_free(b->header);
	OPENSSL_clear_free(b->data, (size_t)b->len);
}

void secret_free(struct buf *b)
{
	if (b->data)
		OPENSSL_cleanse(b->data, b->cap);
	buf_free(b);
}

static int open_secret(int dirfd, const char *path, const char *what, int *ret,
		       struct oak_error *err)
{
	_cleanup_(closep) int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such file", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return oak_fail_errno(err, errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return oak_fail_errno(err, EISDIR, "%s", path);
	if (what && S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)))
		return oak_fail(err, OAK_E_REFUSED,
				"%s: others may read this %s; run: chmod 600 %s", path, what, path);
	*ret = take_fd(fd);
	return 0;
}

int secret_read(int dirfd, const char *path, const char *what, size_t max, struct buf *ret,
		struct oak_error *err)
{
	_cleanup_(secret_free) struct buf b = { 0 };
	_cleanup_(closep) int fd = -1;
	int r = open_secret(dirfd, path, what, &fd, err);

	if (r < 0)
		return r;
	/* All at once: a buffer that grows leaves copies behind. */
	if (buf_reserve(&b, max + 1) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	while (b.len <= max) {
		ssize_t n = read(fd, b.data + b.len, max + 1 - b.len);

		if (n < 0 && errno != EINTR)
			return oak_fail_errno(err, errno, "%s", path);
		if (n == 0)
			break;
		b.len += n > 0 ? (size_t)n : 0;
	}
	if (b.len > max)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: larger than %zu bytes", path, max);
	b.data[b.len] = 0;
	*ret = b;
	b = (struct buf){ 0 };
	return 0;
}

char *key_file_public_path(const char *path)
{
	const char *dot = strrchr(path, '.');
	char *s;

	return asprintf(&s, "%.*s.pub", (int)(dot ? dot - path : (long)strlen(path)), path) < 0
		       ? NULL
		       : s;
}

static int refuse_existing(int dirfd, const char *path, struct oak_error *err)
{
	return file_exists(dirfd, path)
		       ? oak_fail(err, OAK_E_REFUSED,
				  "%s: exists already; a key is never overwritten: choose another name",
				  path)
		       : 0;
}

int key_file_check_new(int dirfd, const char *path, struct oak_error *err)
{
	_cleanup_(freep) char *public = key_file_public_path(path);
	int r;

	if (!public)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = refuse_existing(dirfd, path, err);
	return r < 0 ? r : refuse_existing(dirfd, public, err);
}

static int write_public(const struct tuf_key *key, int dirfd, const char *path,
			struct oak_error *err)
{
	_cleanup_(freep) char *text = json_text(key->json);

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(dirfd, path, text, strlen(text), 0644, err);
}

int key_file_write_public(const struct tuf_key *key, int dirfd, const char *path,
			  struct oak_error *err)
{
	_cleanup_(freep) char *public = key_file_public_path(path);
	int r;

	if (!public)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = refuse_existing(dirfd, public, err);
	return r < 0 ? r : write_public(key, dirfd, public, err);
}

static bool encode_encrypted(BIO *bio, EVP_PKEY *pkey, const struct buf *passphrase)
{
	_cleanup_(PKCS8_PRIV_KEY_INFO_freep) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	_cleanup_(X509_ALGOR_freep)
		X509_ALGOR *how = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_N,
							SCRYPT_R, SCRYPT_P);
	_cleanup_(X509_SIG_freep) X509_SIG *sealed = NULL;

	if (!info || !how)
		return false;
	sealed = PKCS8_set0_pbe((const char *)passphrase->data, (int)passphrase->len, info, how);
	if (!sealed)
		return false;
	how = NULL; /* sealed holds it now */
	return PEM_write_bio_PKCS8(bio, sealed) == 1;
}

static int write_private(const struct tuf_key *key, int dirfd, const char *path,
			 const struct buf *passphrase, struct oak_error *err)
{
	_cleanup_(BIO_free_allp) BIO *bio = BIO_new(BIO_s_secmem());
	EVP_PKEY *pkey = key_private(key);
	char *data;
	long len;
	bool done;
	int r;

	if (!bio)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!pkey)
		return oak_fail(err, OAK_E_REFUSED, "%s: this key has no private half", path);
	done = passphrase
		       ? encode_encrypted(bio, pkey, passphrase)
		       : PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1;
	if (!done)
		return oak_fail(err, OAK_E_FAILED, "%s: OpenSSL could not encode the key", path);
	len = BIO_get_mem_data(bio, &data);
	r = file_write(dirfd, path, data, (size_t)len, 0600, err);
	OPENSSL_cleanse(data, (size_t)len);
	return r;
}

int key_file_write(const struct tuf_key *key, int dirfd, const char *path,
		   const struct buf *passphrase, struct oak_error *err)
{
	_cleanup_(freep) char *public = key_file_public_path(path);
	int r;

	if (!public)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (passphrase && passphrase->len == 0)
		return oak_fail(err, OAK_E_REFUSED, "%s: the passphrase is empty", path);
	r = key_file_check_new(dirfd, path, err);
	if (r == 0)
		r = write_private(key, dirfd, path, passphrase, err);
	return r < 0 ? r : write_public(key, dirfd, public, err);
}

int key_file_read_public(int dirfd, const char *path, struct tuf_key **ret, struct oak_error *err)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	_cleanup_(json_decrefp) json_t *object = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(dirfd, path, KEY_FILE_BYTES_MAX, &text, err);

	if (r == 0)
		r = json_parse(text.data, text.len, KEY_FILE_BYTES_MAX, path, &object, err);
	if (r < 0)
		return r;
	r = tuf_key_parse(object, &key, err);
	if (r < 0)
		return oak_context(err, "%s", path);
	if (!tuf_key_usable(key))
		return oak_fail(err, OAK_E_FORMAT, "%s: not a public %s key", path,
				tuf_key_scheme(key));
	*ret = take_ptr(key);
	return 0;
}

static int read_block(int dirfd, const char *path, struct block *ret, struct oak_error *err)
{
	_cleanup_(secret_free) struct buf pem = { 0 };
	_cleanup_(BIO_free_allp) BIO *bio = NULL;
	int r = secret_read(dirfd, path, "private key", KEY_FILE_BYTES_MAX, &pem, err);

	if (r < 0)
		return r;
	bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	if (!bio)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (PEM_read_bio(bio, &ret->name, &ret->header, &ret->data, &ret->len) == 1 &&
	    (strcmp(ret->name, PEM_PLAIN) == 0 || strcmp(ret->name, PEM_ENCRYPTED) == 0))
		return 0;
	return oak_fail(err, OAK_E_FORMAT,
			"%s: not a PKCS#8 PEM private key; others become one by: openssl pkcs8 "
			"-topk8",
			path);
}

int key_file_is_encrypted(int dirfd, const char *path, bool *ret, struct oak_error *err)
{
	_cleanup_(block_free) struct block b = { 0 };
	int r = read_block(dirfd, path, &b, err);

	if (r == 0)
		*ret = strcmp(b.name, PEM_ENCRYPTED) == 0;
	return r;
}

static PKCS8_PRIV_KEY_INFO *decrypt(const struct block *b, const struct buf *passphrase)
{
	const uint8_t *p = b->data;
	_cleanup_(X509_SIG_freep) X509_SIG *sealed = d2i_X509_SIG(NULL, &p, b->len);

	return sealed ? PKCS8_decrypt(sealed, (const char *)passphrase->data, (int)passphrase->len)
		      : NULL;
}

static int read_info(const struct block *b, const char *path, const struct buf *passphrase,
		     PKCS8_PRIV_KEY_INFO **ret, struct oak_error *err)
{
	const uint8_t *p = b->data;
	bool encrypted = strcmp(b->name, PEM_ENCRYPTED) == 0;

	if (encrypted && !passphrase)
		return oak_fail(err, OAK_E_PERMISSION, "%s: encrypted, and no passphrase was given",
				path);
	*ret = encrypted ? decrypt(b, passphrase) : d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, b->len);
	if (!*ret && encrypted)
		return oak_fail(err, OAK_E_PERMISSION, "%s: wrong passphrase", path);
	return *ret ? 0 : oak_fail(err, OAK_E_FORMAT, "%s: a damaged private key", path);
}

int key_file_read(int dirfd, const char *path, const struct buf *passphrase, struct tuf_key **ret,
		  struct oak_error *err)
{
	_cleanup_(PKCS8_PRIV_KEY_INFO_freep) PKCS8_PRIV_KEY_INFO *info = NULL;
	_cleanup_(block_free) struct block b = { 0 };
	EVP_PKEY *pkey;
	int r = read_block(dirfd, path, &b, err);

	if (r == 0)
		r = read_info(&b, path, passphrase, &info, err);
	if (r < 0)
		return r;
	pkey = EVP_PKCS82PKEY(info);
	if (!pkey)
		return oak_fail(err, OAK_E_FORMAT, "%s: a damaged private key", path);
	r = key_from_private(pkey, ret, err);
	return r < 0 ? oak_context(err, "%s", path) : 0;
}

/* Asks until the passphrase is right, and keeps it for the next key. */
static int read_asking(int dirfd, const char *path, const struct passphrase_source *ask,
		       struct buf *good, struct tuf_key **ret, struct oak_error *err)
{
	int r = -OAK_E_PERMISSION;

	for (unsigned i = 0; i < TRIES_MAX && r == -OAK_E_PERMISSION; i++) {
		_cleanup_(secret_free) struct buf passphrase = { 0 };

		r = ask->ask(ask->ctx, path, i > 0, &passphrase, err);
		if (r < 0)
			return r;
		r = key_file_read(dirfd, path, &passphrase, ret, err);
		if (r == 0) {
			secret_free(good);
			*good = passphrase;
			passphrase = (struct buf){ 0 };
		}
	}
	return r == -OAK_E_PERMISSION ? oak_fail(err, OAK_E_REFUSED, "%s: wrong passphrase", path)
				      : r;
}

int key_file_unlock(int dirfd, const char *path, const struct passphrase_source *ask,
		    struct buf *good, struct tuf_key **ret, struct oak_error *err)
{
	/* None where none was given yet: enough for a key that is not encrypted. */
	int r = key_file_read(dirfd, path, good->len ? good : NULL, ret, err);

	return r == -OAK_E_PERMISSION ? read_asking(dirfd, path, ask, good, ret, err) : r;
}
