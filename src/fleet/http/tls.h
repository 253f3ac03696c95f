/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls: the server's certificate, which may be replaced while it runs (certbot, a new "init"): its files are
 * looked at every few seconds, a good new pair is taken, a bad one is told and the old one stays.
 */
#ifndef OAK_FLEET_HTTP_TLS_H
#define OAK_FLEET_HTTP_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

/* TLS 1.2 and 1.3, forward secrecy, authenticated ciphers. */
#define TLS_PRIORITIES                                                                            \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:" \
	"+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE"

#define TLS_CHAIN_MAX 8

struct tls;

/**
 * tls_open() - the pair of files
 *
 * Errors: OAK_E_NOTFOUND, OAK_E_IO, OAK_E_FORMAT (also: the key is not the certificate's).
 */
int tls_open(const char *certificate, const char *key, struct tls **ret, struct oak_error *err)
	_must_check_;
void tls_free(struct tls *t); /* NULL is fine; no connection may be left */
DEFINE_CLEANUP(struct tls *, tls_free)

/* Looks whether the files have changed. Return: 1: a new pair is used; 0: nothing new; or an error. */
int tls_refresh(struct tls *t, struct oak_error *err) _must_check_;

/* The pair to use now; good until tls_free(). */
void tls_current(struct tls *t, gnutls_pcert_st **ret_chain, unsigned *ret_n,
		 gnutls_privkey_t *ret_key);

/* When its first certificate ends; seconds since the epoch. */
int64_t tls_expires_s(struct tls *t);

#endif
