/* SPDX-License-Identifier: GPL-2.0-or-later */
/* softhsm: a PKCS#11 token in a file, of Debian's softhsm2, with keys that pkcs11-tool makes. */
#ifndef OAK_SOFTHSM_H
#define OAK_SOFTHSM_H

#include "test.h"

#define SOFTHSM_MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define SOFTHSM_PIN    "1234"

/* Sets SOFTHSM2_CONF to a place of its own below test_dir(); once a program. */
void softhsm_new(void);
void softhsm_add_token(const char *label);

/* @type as pkcs11-tool says it: "EC:prime256v1", "EC:edwards25519", "rsa:2048". */
void softhsm_add_key(const char *token, const char *label, const char *type);

#endif
