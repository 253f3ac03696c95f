/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * members: the members of one JSON object, or the elements of one array, without reading all of a
 * document of many megabytes into memory: each is given as the bytes where it stands. Only what
 * tells where a value ends is looked at; whoever wants a value parses it (base/json.h).
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-cve-overlay.c.
 */
#ifndef OAK_TRUST_CVE_MEMBERS_H
#define OAK_TRUST_CVE_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define MEMBERS_DEPTH_MAX 64u
#define MEMBERS_KEY_MAX   128 /* a longer key is cut */

struct members {
	const char *at, *end;
	char close; /* '}' or ']' */
	bool first, done;
};

struct member {
	char key[MEMBERS_KEY_MAX]; /* as it is written; "" in an array */
	const char *value;
	size_t len;
};

/* @open: '{' or '['. Errors: OAK_E_FORMAT. */
int members_begin(struct members *m, const char *data, size_t len, char open, struct oak_error *err)
	_must_check_;

/* 1: @ret is one; 0: there are no more, and nothing but space behind. Errors: OAK_E_FORMAT. */
int members_next(struct members *m, struct member *ret, struct oak_error *err) _must_check_;

#endif
