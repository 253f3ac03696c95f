/* SPDX-License-Identifier: GPL-2.0-or-later */
/* enrol-request: what a host sends to POST /v1/enrol; see docs/formats/fleet.md. */
#ifndef OAK_FLEET_API_ENROL_REQUEST_H
#define OAK_FLEET_API_ENROL_REQUEST_H

#include <jansson.h>

#include "base/error.h"
#include "fleet/store/tokens.h"
#include "trust/fleet/report.h"

#define ENROL_BYTES_MAX 16384
#define ENROL_TAGS_MAX  64

struct enrol_request {
	char token[TOKEN_TEXT_MAX];
	uint8_t key[32];
	char name[REPORT_TEXT_MAX]; /* "": not told */
	char machine[33];           /* "": not told */
	json_t *tags;               /* array; NULL: none. Of @json. */
	json_t *json;
};

/* Pure. Errors: OAK_E_FORMAT, OAK_E_TOOLARGE. Fuzzed by tests/fuzz/fuzz-enrol-request.c. */
int enrol_request_parse(const void *data, size_t len, struct enrol_request *ret,
			struct oak_error *err) _must_check_;
void enrol_request_clear(struct enrol_request *r); /* also the guard */

#endif
