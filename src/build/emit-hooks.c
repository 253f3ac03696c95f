/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit-hooks: what the kernel calls around an object's switch.
 *
 * The author's functions (hooks.h) as they are, but where the level has to clear a module's fields
 * (emit-clear.c). There two are wrapped:
 *
 *	void post_unpatch(obj)         int pre_patch(obj)
 *	{                              {
 *		author(obj);                   int r = author(obj);
 *		clear(obj);                    if (r)
 *	}                                              clear(obj);
 *	                                       return r;
 *	                               }
 *
 * The author's comes first, for it may use the fields. After a pre_patch that fails the kernel calls
 * no other callback (klp_pre_patch_callback()), but it had filled the fields in before: without the
 * wrapper the module that was turned away could never be loaded again. A pre_patch that fails on a
 * live module turns the level away, and clear() then does nothing.
 *
 * Both run under klp_mutex, like clear(), and have no unwind data for the same reason.
 */
#include "build/emit-priv.h"

#include <elf.h>
#include <stdio.h>

#include "build/hooks.h"

/* clang-format off */
static const uint8_t post_unpatch_code[] = {
	0xf3, 0x0f, 0x1e, 0xfa,                   /*  0 endbr64 */
	0x53,                                     /*  4 push %rbx */
	0x48, 0x89, 0xfb,                         /*  5 mov %rdi,%rbx */
	0xe8, 0, 0, 0, 0,                         /*  8 call author */
	0x48, 0x89, 0xdf,                         /* 13 mov %rbx,%rdi */
	0xe8, 0, 0, 0, 0,                         /* 16 call clear */
	0x5b,                                     /* 21 pop %rbx */
};
static const uint8_t pre_patch_code[] = {
	0xf3, 0x0f, 0x1e, 0xfa,                   /*  0 endbr64 */
	0x53,                                     /*  4 push %rbx */
	0x48, 0x89, 0xfb,                         /*  5 mov %rdi,%rbx */
	0xe8, 0, 0, 0, 0,                         /*  8 call author */
	0x85, 0xc0,                               /* 13 test %eax,%eax */
	0x74, 29 - 17,                            /* 15 je 29 */
	0x48, 0x89, 0xdf,                         /* 17 mov %rbx,%rdi */
	0x89, 0xc3,                               /* 20 mov %eax,%ebx */
	0xe8, 0, 0, 0, 0,                         /* 22 call clear */
	0x89, 0xd8,                               /* 27 mov %ebx,%eax */
	0x5b,                                     /* 29 pop %rbx */
};
/* clang-format on */

#define CALL_AUTHOR 9 /* the field of that call, in both */

static const struct wrapper {
	enum klp_hook kind;
	const uint8_t *code;
	size_t len;
	uint8_t call_clear;
} wrappers[] = {
	{ HOOK_PRE_PATCH, pre_patch_code, sizeof(pre_patch_code), 23 },
	{ HOOK_POST_UNPATCH, post_unpatch_code, sizeof(post_unpatch_code), 17 },
};

static int emit_wrapper(struct emitter *e, const struct target *t, const struct wrapper *w,
			out_sym author, out_sym clear, out_sym *ret)
{
	_cleanup_(freep) char *name = NULL;
	struct out_symbol sym = { .bind = STB_LOCAL, .type = STT_FUNC };
	struct buf *text;
	int r = elf_writer_section(e->w, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16,
				   &sym.sec, e->err);

	if (r < 0)
		return r;
	text = elf_writer_data(e->w, sym.sec);
	if (asprintf(&name, "oakum_%s_%s", hook_name(w->kind), t->name) < 0)
		name = NULL;
	if (!name || buf_align(text, 16) < 0)
		return emit_no_memory(e);
	sym.name = name;
	sym.value = text->len;
	if (buf_add(text, w->code, w->len) < 0)
		return emit_no_memory(e);
	r = emit_word(e, sym.sec, sym.value + CALL_AUTHOR, R_X86_64_PLT32, author, -4);
	if (r == 0)
		r = emit_word(e, sym.sec, sym.value + w->call_clear, R_X86_64_PLT32, clear, -4);
	if (r == 0)
		r = emit_return(e, sym.sec);
	if (r < 0)
		return r;
	sym.size = elf_writer_data(e->w, sym.sec)->len - sym.value;
	return elf_writer_symbol(e->w, &sym, ret, e->err);
}

static void find_authors(const struct emitter *e, const struct target *t, struct hooks *ret)
{
	for (unsigned k = 0; k < HOOKS; k++) {
		size_t unit = 0;
		atom_id id = 0;

		ret->of[k] = OUT_NONE;
		if (hook_find(&e->world, t->name, (enum klp_hook)k, &unit, &id))
			ret->of[k] = e->places[unit][id].sym;
	}
}

int emit_hooks(struct emitter *e, const struct target *t, struct hooks *ret)
{
	out_sym clear = OUT_NONE;
	int r = emit_clear(e, t, &clear);

	find_authors(e, t, ret);
	if (r < 0 || clear == OUT_NONE)
		return r;
	for (size_t i = 0; r == 0 && i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
		out_sym *hook = &ret->of[wrappers[i].kind];

		if (*hook != OUT_NONE)
			r = emit_wrapper(e, t, &wrappers[i], *hook, clear, hook);
	}
	if (ret->of[HOOK_POST_UNPATCH] == OUT_NONE)
		ret->of[HOOK_POST_UNPATCH] = clear;
	return r;
}
