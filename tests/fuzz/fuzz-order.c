/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An order that is taken packs again, to as many bytes, which are taken too. */
#include "fuzz.h"

#include <string.h>

#include "agent/order.h"
#include "base/cleanup.h"

static void unpack_again(const struct order *o, size_t size)
{
	_cleanup_(order_clear) struct order again = { 0 };
	_cleanup_(buf_free) struct buf packed = { 0 };
	struct oak_error err;

	FUZZ_CHECK(order_pack(&o->m, &packed, &err) == 0);
	FUZZ_CHECK(packed.len == size);
	FUZZ_CHECK(order_unpack(&packed, &again, &err) == 0);
	FUZZ_CHECK(again.m.level == o->m.level);
	FUZZ_CHECK(again.fix.n_functions == o->fix.n_functions);
	FUZZ_CHECK(strcmp(again.fix.functions[0].name, o->fix.functions[0].name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(order_clear) struct order o = { 0 };
	_cleanup_(buf_free) struct buf bytes = { 0 };
	struct oak_error err = { .code = OAK_OK };

	if (size && buf_add(&bytes, data, size) < 0)
		return 0;
	if (order_unpack(&bytes, &o, &err) < 0) {
		FUZZ_CHECK(err.msg[0]);
		return 0;
	}
	unpack_again(&o, size);
	return 0;
}
