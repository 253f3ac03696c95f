/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * order: a level as the unprivileged worker hands it to the root side: records of fixed size, in the
 * place of the manifest's JSON, which root never parses.
 *
 * The worker reads the signed manifest and packs what is needed to check the host, to load and to verify:
 * functions, modules, CVEs. The root side copies the records out of a descriptor, checks every string
 * and number, and gets a struct manifest without a document (its json is NULL). The manifest's text itself
 * travels as opaque bytes with a hash and is only stored.
 *
 * Both ends are the same program, so the layout has no version. Unpacking is fuzzed by
 * tests/fuzz/fuzz-order.c.
 */
#ifndef OAK_AGENT_ORDER_H
#define OAK_AGENT_ORDER_H

#include "base/buf.h"
#include "trust/manifest.h"

#define ORDER_WORD_MAX  64  /* with the NUL: names of modules, channels, CVE ids */
#define ORDER_NAME_MAX  512 /* a function: KSYM_NAME_LEN of 6.1 */
#define ORDER_TEXT_MAX  128
#define ORDER_COUNT_MAX 8192u /* of each kind of record */

struct order_head {
	uint32_t magic;
	uint32_t level;
	uint32_t n_functions, n_objects, n_cves;
	uint32_t withdrawn; /* 0 or 1 */
	uint64_t module_size;
	char module_sha256[65];
	char build_id[41];
	char module_name[ORDER_WORD_MAX];
	char signer[ORDER_TEXT_MAX]; /* "": not signed */
	char channel[ORDER_WORD_MAX];
	char release[ORDER_TEXT_MAX];
	char effective_version[ORDER_TEXT_MAX]; /* "": not said */
};

struct order_function {
	char object[ORDER_WORD_MAX];
	char name[ORDER_NAME_MAX];
	uint32_t sympos;
	uint64_t address;
};

struct order_object {
	char name[ORDER_WORD_MAX];
	char build_id[41];
};

/* Records after the head: functions, objects, CVEs (char[ORDER_WORD_MAX] each). */

#define ORDER_BYTES_MAX (8u << 20)

/* A manifest made of records; everything it points to lies in @bytes or in the arrays here. */
struct order {
	struct manifest m;
	struct buf bytes;
	struct manifest_fix fix; /* all functions and CVEs in one */
};

/* Errors: OAK_E_TOOLARGE where a name or a number of the manifest does not fit. */
int order_pack(const struct manifest *m, struct buf *ret, struct oak_error *err) _must_check_;

/* @bytes is taken over, also on failure. Errors: OAK_E_FORMAT, OAK_E_NOMEM. */
int order_unpack(struct buf *bytes, struct order *ret, struct oak_error *err) _must_check_;

void order_clear(struct order *o); /* also the guard */

#endif
