/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/audit-result.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"

#define BYTES_MAX  4096
#define FAILED_MAX 1000000

int audit_result_write(int root, const struct audit_result *a, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc =
		json_pack("{s:i, s:I, s:I, s:I}", "schema", 1, "at", (json_int_t)a->at_s, "score",
			  (json_int_t)a->score, "failed", (json_int_t)a->failed);
	_cleanup_(freep) char *text = doc ? json_text(doc) : NULL;

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(root, AUDIT_RESULT_PATH, text, strlen(text), 0644, err);
}

/* A member from 0 to @max. */
static int number(const json_t *doc, const char *key, json_int_t max, int64_t *ret,
		  struct oak_error *err)
{
	const json_t *value = json_object_get(doc, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > max)
		return oak_fail(err, OAK_E_FORMAT, "/" AUDIT_RESULT_PATH ": \"%s\"", key);
	*ret = json_integer_value(value);
	return 0;
}

int audit_result_read(int root, struct audit_result *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	int64_t at = 0, score = 0, failed = 0;
	int r = file_read(root, AUDIT_RESULT_PATH, BYTES_MAX, &text, err);

	if (r == 0)
		r = json_parse(text.data, text.len, BYTES_MAX, "/" AUDIT_RESULT_PATH, &doc, err);
	if (r == 0)
		r = number(doc, "at", INT64_C(1) << 40, &at, err);
	if (r == 0)
		r = number(doc, "score", 100, &score, err);
	if (r == 0)
		r = number(doc, "failed", FAILED_MAX, &failed, err);
	if (r < 0)
		return r;
	*ret = (struct audit_result){ .at_s = at,
				      .score = (uint32_t)score,
				      .failed = (uint32_t)failed };
	return 0;
}
