/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tokens-text: "<prefix><id>-<secret>". For tokens.c and enrol.c. */
#ifndef OAK_FLEET_STORE_TOKENS_TEXT_H
#define OAK_FLEET_STORE_TOKENS_TEXT_H

#include <stdbool.h>

#include "base/hash.h"
#include "fleet/store/tokens.h"

#define API_TOKEN_PREFIX   "oakum-api-"
#define ENROL_TOKEN_PREFIX "oakum-enrol-"

struct token_text {
	char id[17], text[TOKEN_TEXT_MAX];
	char sha256[SHA256_HEX_MAX]; /* of the whole text */
};

void token_make(const char *prefix, struct token_text *ret);
/* Pure. False: it is none. */
bool token_split(const char *prefix, const char *text, struct token_text *ret);
bool token_is(const struct token_text *t, const char *sha256); /* in constant time */

#endif
