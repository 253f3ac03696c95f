/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status: a picture as a screen and as a document. Pure; "oakum status" prints them. */
#ifndef OAK_CLI_STATUS_H
#define OAK_CLI_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "agent/picture.h"
#include "agent/verdict.h"
#include "base/buf.h"
#include "cli/cli.h"

struct status_view {
	const struct cli *cli; /* its colours */
	const struct picture *p;
	const struct verdict_report *verdict;
	int64_t now_s;
	bool verbose; /* every CVE, functions, build-id, all findings */
};

/* One screen: the verdict first, then a row a question, only those that have an answer. */
int status_screen(const struct status_view *v, struct buf *ret, struct oak_error *err) _must_check_;

/* The members are in docs/man/oakum.1. NULL when out of memory. */
json_t *status_json(const struct status_view *v);

#endif
