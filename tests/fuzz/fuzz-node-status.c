/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was read can be written, and read again as the same; a view of it keeps to Kubernetes' forms. */
#include "fuzz.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "node/object.h"
#include "trust/node/status.h"

static void check_label(const char *value)
{
	size_t n = strlen(value);

	FUZZ_CHECK(n < NODE_LABEL_MAX);
	FUZZ_CHECK(!n || (isalnum((unsigned char)value[0]) && isalnum((unsigned char)value[n - 1])));
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(isalnum((unsigned char)value[i]) || strchr("._-", value[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) struct node_status *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
	_cleanup_(freep) struct node_view *v = calloc(1, sizeof(*v));
	_cleanup_(buf_free) struct buf text = { 0 }, again = { 0 };
	struct oak_error err = { .code = OAK_OK };

	FUZZ_CHECK(a && b && v);
	if (node_status_parse(data, size, a, &err) < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE);
		return 0;
	}
	FUZZ_CHECK(node_status_write(a, &text, &err) == 0);
	if (text.len <= NODE_STATUS_BYTES_MAX) {
		FUZZ_CHECK(node_status_parse(text.data, text.len, b, &err) == 0);
		FUZZ_CHECK(node_status_write(b, &again, &err) == 0);
		FUZZ_CHECK(again.len == text.len && memcmp(again.data, text.data, text.len) == 0);
	}
	node_view_of(a, "node-1", true, 1000000, v);
	for (size_t i = 0; i < NODE_LABELS; i++)
		check_label(v->labels[i].value);
	for (size_t i = 0; i < v->n_events; i++) {
		_cleanup_(freep) char *event = NULL;

		FUZZ_CHECK(node_name_is(v->events[i].name));
		FUZZ_CHECK(node_event_make(&v->events[i], "node-1", &event, &err) == 0);
	}
	return 0;
}
