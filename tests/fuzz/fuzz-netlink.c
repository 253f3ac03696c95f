/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer of the kernel: texts end, are plain, and the walk through the bytes always ends. */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "host/modules/netlink.h"
#include "host/plain.h"

static void check_item(const struct netlink_item *item)
{
	FUZZ_CHECK(plain_is(item->name, sizeof(item->name)));
	FUZZ_CHECK(plain_is(item->kind, sizeof(item->kind)));
	FUZZ_CHECK(plain_is(item->slave_kind, sizeof(item->slave_kind)));
}

static void walk(enum netlink_what what, const uint8_t *data, size_t size)
{
	struct netlink_item item;
	size_t before = size + 1;

	while (size < before) {
		enum netlink_found found;

		before = size;
		found = netlink_next(what, &data, &size, &item);
		if (found == NETLINK_ITEM)
			check_item(&item);
		if (found == NETLINK_MORE || found == NETLINK_FAILED || found == NETLINK_DONE)
			return;
	}
	FUZZ_CHECK(size < before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk(NETLINK_LINK, data, size);
	walk(NETLINK_TABLE, data, size);
	return 0;
}
