/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Port mappings of engines' files: what is taken has two ports, and an address that can be said. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "host/published.h"

static void check(const struct published *p)
{
	for (size_t i = 0; i < p->n && i < PUBLISHED_MAX; i++) {
		char address[PUBLISHED_ADDRESS_MAX];

		published_address(&p->v[i], address);
		FUZZ_CHECK(p->v[i].host && p->v[i].container);
		FUZZ_CHECK(!p->v[i].family == !address[0]);
		FUZZ_CHECK(published_protocol_name(p->v[i].protocol));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	struct published docker = { .n = 0 }, cni = { .n = 0 };

	if (json_parse(data, size, 1u << 20, "fuzz", &doc, NULL) < 0)
		return 0;
	published_of_docker(doc, &docker);
	published_of_cni(json_object_get(doc, "portMappings"), &cni);
	check(&docker);
	check(&cni);
	return 0;
}
