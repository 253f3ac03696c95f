/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit-clear: let a patched module be unloaded and loaded again while the level stays.
 *
 * When a module comes, the kernel fills in the level's fields that lead into it, and refuses fields
 * that are not zero: a second coming would fail ("existing value is nonzero") and the module could
 * not be loaded any more. From 6.3 on the kernel clears them itself (clear_relocate_add, commit
 * 0c05e7bd2d01). For those before, the level brings a function for klp_object's post_unpatch:
 *
 *	void clear(struct klp_object *obj)
 *	{
 *		if (obj->mod->state == MODULE_STATE_LIVE)
 *			return;
 *		mutex_lock(&text_mutex);
 *		for (f = fields; f != end; f++)
 *			text_poke(f->at, zeros, f->width);
 *		text_poke_sync();
 *		mutex_unlock(&text_mutex);
 *	}
 *
 * When it runs, always under klp_mutex (kernel/livepatch/core.c, transition.c):
 *
 *  - the module goes, or its start fails: klp_cleanup_module_patches_limited(), after the ftrace
 *    hooks are gone. Nothing runs in the module any more, hence nothing in what replaced parts of
 *    it: the same promise that lets the kernel free the module's own code.
 *  - the kernel could not hook the functions of a module that comes (klp_module_coming).
 *  - the level was disabled: the module is live and stays; this level is never enabled again, so
 *    nothing is cleared. That also keeps a task safe that was left behind by "force".
 *
 * A level that is replaced by the next one is not called, and not needed again. One case stays: the
 * fields are filled in, but a symbol after them is not found in the module that comes. Then that
 * file is not the module that was proven, and the kernel refuses it each time.
 *
 * It writes as the kernel itself does when it fills these fields in (apply_relocate_add): the level
 * is mapped read-only by then, code and data alike.
 *
 * It has no unwind data. That is of use only to a task whose stack is checked while it sleeps in
 * here, and klp_mutex keeps the kernel from checking stacks meanwhile. A module's last function ends
 * with "undefined" in .orc_unwind, so a trace from here stops instead of going wrong.
 */
#include "build/emit-priv.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#define FIELD_BYTES 16 /* {u64 at; u64 width} */

/* clang-format off */
static const uint8_t code[] = {
	0xf3, 0x0f, 0x1e, 0xfa,                   /*  0 endbr64: we are called by pointer */
	0x53,                                     /*  4 push %rbx */
	0x48, 0x8b, 0x87, 0, 0, 0, 0,             /*  5 mov obj_mod(%rdi),%rax */
	0x83, 0xb8, 0, 0, 0, 0, 0,                /* 12 cmpl $MODULE_STATE_LIVE,mod_state(%rax) */
	0x74, 89 - 21,                            /* 19 je 89 */
	0x48, 0xc7, 0xc7, 0, 0, 0, 0,             /* 21 mov $text_mutex,%rdi */
	0xe8, 0, 0, 0, 0,                         /* 28 call mutex_lock */
	0x48, 0xc7, 0xc3, 0, 0, 0, 0,             /* 33 mov $fields,%rbx */
	0x48, 0x8b, 0x3b,                         /* 40 mov (%rbx),%rdi */
	0x48, 0x8b, 0x53, 8,                      /* 43 mov 8(%rbx),%rdx */
	0x48, 0xc7, 0xc6, 0, 0, 0, 0,             /* 47 mov $zeros,%rsi */
	0xe8, 0, 0, 0, 0,                         /* 54 call text_poke */
	0x48, 0x83, 0xc3, FIELD_BYTES,            /* 59 add $16,%rbx */
	0x48, 0x81, 0xfb, 0, 0, 0, 0,             /* 63 cmp $end,%rbx */
	0x75, (uint8_t)(40 - 72),                 /* 70 jne 40 */
	0xe8, 0, 0, 0, 0,                         /* 72 call text_poke_sync */
	0x48, 0xc7, 0xc7, 0, 0, 0, 0,             /* 77 mov $text_mutex,%rdi */
	0xe8, 0, 0, 0, 0,                         /* 84 call mutex_unlock */
	0x5b,                                     /* 89 pop %rbx */
};
/* clang-format on */

static const struct fixup {
	uint8_t off;
	uint32_t type;
	const char *symbol; /* of vmlinux */
} fixups[] = {
	{ 24, R_X86_64_32S, "text_mutex" },  { 29, R_X86_64_PLT32, "mutex_lock" },
	{ 55, R_X86_64_PLT32, "text_poke" }, { 73, R_X86_64_PLT32, "text_poke_sync" },
	{ 80, R_X86_64_32S, "text_mutex" },  { 85, R_X86_64_PLT32, "mutex_unlock" },
};

/* Where in the code the addresses of our own data go. */
enum {
	FIX_OBJ_MOD = 8,
	FIX_MOD_STATE = 14,
	FIX_FIELDS = 36,
	FIX_ZEROS = 50,
	FIX_END = 66,
};

static int put_member(struct emitter *e, const char *in, const char *member, uint8_t *to)
{
	uint32_t off = 0;
	int r = kimage_member_offset(e->in->img, in, member, &off, e->err);

	if (r == 0)
		memcpy(to, &off, sizeof(off));
	return r;
}

/* The table of fields in .rodata, after eight bytes of zeros. */
static int write_table(struct emitter *e, const struct target *t, out_sec ro, uint64_t *ret_off)
{
	int r = emit_zeroed(e, ro, 8 + t->n_late * FIELD_BYTES, ret_off);

	for (size_t i = 0; r == 0 && i < t->n_late; i++) {
		const struct late_field *f = &t->late[i];
		uint64_t entry = *ret_off + 8 + i * FIELD_BYTES;
		out_sym sym = 0;

		r = emit_section_symbol(e, f->sec, &sym);
		if (r == 0)
			r = emit_word(e, ro, entry, R_X86_64_64, sym, (int64_t)f->off);
		memcpy(elf_writer_data(e->w, ro)->data + entry + 8, &f->width, sizeof(f->width));
	}
	return r;
}

static int fix_code(struct emitter *e, const struct target *t, out_sec text, uint64_t at)
{
	uint64_t table = 0;
	out_sym ro_sym = 0;
	out_sec ro = 0;
	int r = elf_writer_section(e->w, ".rodata", SHT_PROGBITS, SHF_ALLOC, 8, &ro, e->err);

	if (r == 0)
		r = write_table(e, t, ro, &table);
	if (r == 0)
		r = emit_section_symbol(e, ro, &ro_sym);
	if (r == 0)
		r = emit_word(e, text, at + FIX_ZEROS, R_X86_64_32S, ro_sym, (int64_t)table);
	if (r == 0)
		r = emit_word(e, text, at + FIX_FIELDS, R_X86_64_32S, ro_sym, (int64_t)table + 8);
	if (r == 0)
		r = emit_word(e, text, at + FIX_END, R_X86_64_32S, ro_sym,
			      (int64_t)(table + 8 + t->n_late * FIELD_BYTES));
	for (size_t i = 0; r == 0 && i < sizeof(fixups) / sizeof(fixups[0]); i++) {
		const struct out_rela field = { .sec = text,
						.off = at + fixups[i].off,
						.type = fixups[i].type,
						.addend = fixups[i].type == R_X86_64_PLT32 ? -4
											   : 0 };

		r = emit_kernel_word(e, &field, fixups[i].symbol);
	}
	return r;
}

static int emit_function(struct emitter *e, const struct target *t, out_sym *ret)
{
	_cleanup_(freep) char *name = NULL;
	struct out_symbol sym = { .bind = STB_LOCAL, .type = STT_FUNC };
	struct buf *text;
	int r = elf_writer_section(e->w, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16,
				   &sym.sec, e->err);

	if (r < 0)
		return r;
	text = elf_writer_data(e->w, sym.sec);
	if (asprintf(&name, "oakum_clear_%s", t->name) < 0)
		name = NULL;
	if (!name || buf_align(text, 16) < 0)
		return emit_no_memory(e);
	sym.name = name;
	sym.value = text->len;
	if (buf_add(text, code, sizeof(code)) < 0)
		return emit_no_memory(e);
	r = put_member(e, "klp_object", "mod", text->data + sym.value + FIX_OBJ_MOD);
	if (r == 0)
		r = put_member(e, "module", "state", text->data + sym.value + FIX_MOD_STATE);
	if (r == 0)
		r = fix_code(e, t, sym.sec, sym.value);
	if (r == 0)
		r = emit_return(e, sym.sec);
	if (r < 0)
		return r;
	sym.size = elf_writer_data(e->w, sym.sec)->len - sym.value;
	return elf_writer_symbol(e->w, &sym, ret, e->err);
}

int emit_clear(struct emitter *e, const struct target *t, out_sym *ret)
{
	const uint32_t *ids = NULL;

	*ret = OUT_NONE;
	if (!t->n_late || kimage_find(e->in->img, "clear_relocate_add", &ids))
		return 0;
	return emit_function(e, t, ret);
}
