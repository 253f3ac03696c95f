/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a server says of a node, patches can be made of it, and one that was made once is not made again. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "node/object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(node_object_clear) struct node_object o = { .taints = NULL };
	_cleanup_(freep) struct node_view *v = calloc(1, sizeof(*v));
	_cleanup_(freep) char *labels = NULL, *condition = NULL, *taint = NULL, *again = NULL;
	static char names[8][NODE_NAME_MAX];
	struct oak_error err = { .code = OAK_OK };
	char said[100];
	size_t n = 0;

	FUZZ_CHECK(v != NULL);
	node_problem(data, size, said, sizeof(said));
	FUZZ_CHECK(strlen(said) < sizeof(said));
	if (node_list_parse(data, size, names, 8, &n, &err) == 0)
		for (size_t i = 0; i < n; i++)
			FUZZ_CHECK(node_name_is(names[i]));
	if (node_object_parse(data, size, &o, &err) < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE);
		return 0;
	}
	node_view_of(NULL, "node-1", false, 1000000, v);
	FUZZ_CHECK(node_patch_labels(&o, v, &labels, &err) == 0);
	FUZZ_CHECK(node_patch_condition(&o, v, 1000000, &condition, &err) == 0 && condition);
	FUZZ_CHECK(node_patch_taint(&o, !o.has_taint, &taint, &err) == 0 && taint);
	for (size_t i = 0; i < NODE_LABELS; i++)
		memcpy(o.labels[i], v->labels[i].value, NODE_LABEL_MAX);
	FUZZ_CHECK(node_patch_labels(&o, v, &again, &err) == 0 && !again);
	return 0;
}
