/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sign-trailer: what follows a signed module: PKCS#7 bytes, a struct that tells their length, a
 * line of text.
 *
 * Source: include/linux/module_signature.h; kernel/module/signing.c (mod_verify_sig);
 * kernel/module_signature.c (mod_check_sig).
 */
#ifndef OAK_BUILD_SIGN_TRAILER_H
#define OAK_BUILD_SIGN_TRAILER_H

#include "base/buf.h"
#include "base/error.h"

/**
 * sign_trailer_add() - put a signature after a module
 * @pkcs7: the detached signature, DER
 *
 * Errors: OAK_E_TOOLARGE, OAK_E_NOMEM.
 */
int sign_trailer_add(struct buf *module, const struct buf *pkcs7, struct oak_error *err)
	_must_check_;

/**
 * sign_trailer_find() - where the module ends and its signature begins
 * @ret_module: bytes of the module; @len where it is not signed
 * @ret_pkcs7:  bytes of the signature after it; 0 where it is not signed
 *
 * Pure. Errors: OAK_E_FORMAT (a trailer that the kernel would refuse). Fuzzed by
 * tests/fuzz/fuzz-modfile.c.
 */
int sign_trailer_find(const void *data, size_t len, size_t *ret_module, size_t *ret_pkcs7,
		      struct oak_error *err) _must_check_;

#endif
