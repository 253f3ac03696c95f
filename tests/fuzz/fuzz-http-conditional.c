/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A part of a file lies within it; a peer is an address, whatever a header says. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/http/conditional.h"
#include "fleet/http/forwarded.h"

static void check_range(const char *text, uint64_t size)
{
	uint64_t off = 0, len = 0;

	if (range_parse(text, size, &off, &len) != RANGE_PART)
		return;
	FUZZ_CHECK(len > 0 && off < size && len <= size - off);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char peer[48] = "10.0.0.1", network[48];
	unsigned char bytes[16];
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	check_range(text, 0);
	check_range(text, 1);
	check_range(text, 1000);
	check_range(text, UINT64_MAX);
	if (etag_listed(text, "\"17\""))
		FUZZ_CHECK(strstr(text, "\"17\"") || strchr(text, '*'));
	forwarded_peer("10.0.0.1 ::1 10.0.0.2", text, peer);
	FUZZ_CHECK(inet_pton(AF_INET, peer, bytes) == 1 || inet_pton(AF_INET6, peer, bytes) == 1);
	forwarded_peer(text, "192.0.2.1", peer);
	address_network(peer, network);
	FUZZ_CHECK(network[0]);
	free(text);
	return 0;
}
