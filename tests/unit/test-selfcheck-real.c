/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modules for Debian's 6.1.0-50-amd64 = 6.1.176-1 from the author's store; else skipped. Each is
 * made as "oakum-build make" makes it; where its self-check is called (ld --wrap), every byte of
 * its relocations is changed first.
 */
#include "flip.h"

#include "build/make.h"

#define REFERENCE "debian:6.1.0-50-amd64=6.1.176-1"

static struct flip_count count;

int __real_selfcheck_module(const struct buf *module, const struct emit_input *in,
			    struct oak_error *err);
int __wrap_selfcheck_module(const struct buf *module, const struct emit_input *in,
			    struct oak_error *err);

int __wrap_selfcheck_module(const struct buf *module, const struct emit_input *in,
			    struct oak_error *err)
{
	_cleanup_(buf_free) struct buf copy = { 0 };

	EXPECT(buf_add(&copy, module->data, module->len) == 0);
	count = (struct flip_count){ 0 };
	flip_all(&copy, in, __real_selfcheck_module, &count);
	EXPECT(memcmp(copy.data, module->data, module->len) == 0);
	return __real_selfcheck_module(module, in, err);
}

/* A level of vmlinux and two modules, with late fields and what clears them. */
static const char *const fixes[] = {
	"demo/fix/visible.patch",
	"tests/vm/fix/binfmt_misc.patch",
	"tests/vm/fix/zram.patch",
};

TEST(selfcheck_sees_every_changed_byte)
{
	_cleanup_(make_result_free) struct make_result res = { 0 };
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	struct oak_error err = { .code = OAK_OK };
	struct make_options opt = { .fixes = fixes,
				    .n_fixes = sizeof(fixes) / sizeof(fixes[0]),
				    .out_dir = test_dir(),
				    .channel = "edge",
				    .level = 1 };
	int r;

	if (kernel_open(REFERENCE, &k, &err) < 0) {
		print_message("%s: oakum-build kernel add " REFERENCE "\n", err.msg);
		skip();
	}
	r = make_level(k, &opt, &res, &err);
	EXPECT_STR(r < 0 ? err.msg : "", "");
	EXPECT(res.module_path != NULL);
	print_message("%zu relocations, %zu flips, %zu survivors\n", count.relocations, count.flips,
		      count.survivors);
	EXPECT(count.relocations > 100);
	EXPECT(count.survivors == 0);
}
