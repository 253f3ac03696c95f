/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a cgroup is called: an id is a name and no path, and found again where it is put. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "host/engines.h"

static void check_name(const char *id)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	FUZZ_CHECK(id[0] && id[0] != '.' && strlen(id) < CONTAINER_ID_MAX);
	FUZZ_CHECK(strspn(id, letters) == strlen(id));
}

static void check_found_again(const struct container_ref *ref)
{
	struct container_ref again;
	char text[64 + CONTAINER_ID_MAX];

	(void)snprintf(text, sizeof(text), "0::/lxc.payload.%s\n", ref->id);
	FUZZ_CHECK(container_of_cgroup(text, &again) == CGROUP_CONTAINER);
	FUZZ_CHECK(strcmp(again.id, ref->id) == 0);
	FUZZ_CHECK(again.uid == 0 && !again.pod_uid[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	struct container_ref ref = { .id = "" }, guesses[CONTAINER_GUESSES_MAX];
	enum cgroup_kind kind;
	size_t n;

	FUZZ_CHECK(text);
	kind = container_of_cgroup(text, &ref);
	FUZZ_CHECK((kind == CGROUP_CONTAINER) == (ref.id[0] != '\0'));
	if (kind == CGROUP_CONTAINER) {
		check_name(ref.id);
		check_found_again(&ref);
		FUZZ_CHECK(strspn(ref.pod_uid, "0123456789abcdef-") == strlen(ref.pod_uid));
	}
	n = container_guesses(text, guesses);
	FUZZ_CHECK(n <= CONTAINER_GUESSES_MAX);
	for (size_t i = 0; i < n; i++) {
		check_name(guesses[i].id);
		if (guesses[i].scope[0])
			check_name(guesses[i].scope);
	}
	return 0;
}
