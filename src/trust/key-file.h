/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * key-file: keys as files, the author's side.
 *
 *	NAME.pem  the private key, PKCS#8, mode 0600; encrypted with a passphrase (PBES2, scrypt,
 *	          AES-256-CBC) or, for keys that a timer uses, not
 *	NAME.pub  its public object as JSON, mode 0644: what others need to name it in a root
 *	NAME.p11  instead of NAME.pem: where the key lies in a token, see key-token.h
 *
 * No file of a key is ever overwritten. Bytes of private keys and passphrases are wiped.
 * Source: RFC 5208, RFC 5958, RFC 7914 section 7; docs/decisions/0011.
 */
#ifndef OAK_TRUST_KEY_FILE_H
#define OAK_TRUST_KEY_FILE_H

#include "base/buf.h"
#include "trust/key.h"
#include "trust/passphrase.h"

#define KEY_FILE_BYTES_MAX   16384
#define PASSPHRASE_BYTES_MAX 1024

void secret_free(struct buf *b); /* wipes, then buf_free(); also a guard */

/**
 * secret_read() - the bytes of a file that only its owner can read
 * @what: "private key", for the message; NULL: whoever else may read it
 * @ret:  empty; free it also after a failure
 *
 * A pipe is fine, whatever its mode. Errors: OAK_E_NOTFOUND, OAK_E_IO, OAK_E_TOOLARGE,
 * OAK_E_REFUSED "PATH: others may read this WHAT; run: chmod 600 PATH".
 */
int secret_read(int dirfd, const char *path, const char *what, size_t max, struct buf *ret,
		struct oak_error *err) _must_check_;

/* "x.pub" of "x.pem" or "x.p11", on the heap; NULL: out of memory. */
char *key_file_public_path(const char *path);

/* OAK_E_REFUSED where @path (a .pem or .p11) or its .pub exists. */
int key_file_check_new(int dirfd, const char *path, struct oak_error *err) _must_check_;

/* Writes @path (ends in ".pem") and its .pub. @passphrase NULL: not encrypted. */
int key_file_write(const struct tuf_key *key, int dirfd, const char *path,
		   const struct buf *passphrase, struct oak_error *err) _must_check_;

/* Writes the .pub of @path (a .pem or .p11) alone. */
int key_file_write_public(const struct tuf_key *key, int dirfd, const char *path,
			  struct oak_error *err) _must_check_;

/* A .pub file. Errors: OAK_E_NOTFOUND, OAK_E_FORMAT (also for a key that cannot be used). */
int key_file_read_public(int dirfd, const char *path, struct tuf_key **ret, struct oak_error *err)
	_must_check_;

/* Is the private key encrypted? Errors: those of secret_read(). */
int key_file_is_encrypted(int dirfd, const char *path, bool *ret, struct oak_error *err)
	_must_check_;

/**
 * key_file_read() - a private key
 * @passphrase: NULL where there is none
 *
 * Errors: those of secret_read(), OAK_E_FORMAT; OAK_E_PERMISSION: it is encrypted and the
 * passphrase, if any, is not the right one.
 */
int key_file_read(int dirfd, const char *path, const struct buf *passphrase, struct tuf_key **ret,
		  struct oak_error *err) _must_check_;

/**
 * key_file_unlock() - the same, asking for the passphrase where it must
 * @good: a passphrase to try first, may be empty; then the one that was right. The caller wipes it.
 *
 * Errors: those of key_file_read() and ask(); OAK_E_REFUSED "PATH: wrong passphrase".
 */
int key_file_unlock(int dirfd, const char *path, const struct passphrase_source *ask,
		    struct buf *good, struct tuf_key **ret, struct oak_error *err) _must_check_;

#endif
