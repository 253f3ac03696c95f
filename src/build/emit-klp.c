/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emit-klp: the structures of include/linux/livepatch.h, laid out as this kernel's BTF says. */
#include "build/emit-priv.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

struct klp_layout {
	uint32_t patch, patch_mod, patch_objs, patch_replace;
	uint32_t object, object_name, object_funcs, object_callbacks;
	uint32_t func, func_old_name, func_new_func, func_old_sympos;
	uint32_t pre_patch, post_patch, pre_unpatch, post_unpatch; /* in klp_callbacks */
};

static int read_layout(struct emitter *e, struct klp_layout *l)
{
	const struct {
		const char *name, *member; /* member NULL: the size */
		uint32_t *to;
	} rows[] = {
		{ "klp_patch", NULL, &l->patch },
		{ "klp_patch", "mod", &l->patch_mod },
		{ "klp_patch", "objs", &l->patch_objs },
		{ "klp_patch", "replace", &l->patch_replace },
		{ "klp_object", NULL, &l->object },
		{ "klp_object", "name", &l->object_name },
		{ "klp_object", "funcs", &l->object_funcs },
		{ "klp_object", "callbacks", &l->object_callbacks },
		{ "klp_func", NULL, &l->func },
		{ "klp_func", "old_name", &l->func_old_name },
		{ "klp_func", "new_func", &l->func_new_func },
		{ "klp_func", "old_sympos", &l->func_old_sympos },
		{ "klp_callbacks", "pre_patch", &l->pre_patch },
		{ "klp_callbacks", "post_patch", &l->post_patch },
		{ "klp_callbacks", "pre_unpatch", &l->pre_unpatch },
		{ "klp_callbacks", "post_unpatch", &l->post_unpatch },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = rows[i].member
				? kimage_member_offset(e->in->img, rows[i].name, rows[i].member,
						       rows[i].to, e->err)
				: kimage_struct_size(e->in->img, rows[i].name, rows[i].to, e->err);

		if (r < 0)
			return oak_context(e->err, "this kernel cannot be live patched");
	}
	return 0;
}

int emit_zeroed(struct emitter *e, out_sec sec, size_t len, uint64_t *ret_off)
{
	struct buf *b = elf_writer_data(e->w, sec);

	if (buf_align(b, 8) < 0)
		return emit_no_memory(e);
	*ret_off = b->len;
	return buf_add_zero(b, len) < 0 ? emit_no_memory(e) : 0;
}

/* A word in .data that points to a new string in .rodata. */
static int point_to_string(struct emitter *e, out_sec data, uint64_t field, const char *text)
{
	out_sec ro = 0;
	out_sym sym = 0;
	struct buf *b;
	int64_t off;
	int r = elf_writer_section(e->w, ".rodata", SHT_PROGBITS, SHF_ALLOC, 1, &ro, e->err);

	if (r == 0)
		r = emit_section_symbol(e, ro, &sym);
	if (r < 0)
		return r;
	b = elf_writer_data(e->w, ro);
	off = (int64_t)b->len;
	if (buf_add(b, text, strlen(text) + 1) < 0)
		return emit_no_memory(e);
	return emit_word(e, data, field, R_X86_64_64, sym, off);
}

static int emit_func(struct emitter *e, const struct klp_layout *l, size_t u, atom_id id,
		     out_sec data)
{
	const struct unit *unit = &e->in->units[u];
	atom_id o = unit->diff->pairing.to_orig[id];
	const char *name = atom_name(unit->orig, o);
	int sympos = shipped_sympos(&unit->home, name, unit->proof->atoms[o].addr);
	uint64_t off = 0;
	int r;

	if (sympos < 0)
		return oak_fail(e->err, OAK_E_REFUSED, "%s is not where the proof found it", name);
	r = emit_zeroed(e, data, l->func, &off);
	if (r == 0)
		r = point_to_string(e, data, off + l->func_old_name, name);
	if (r == 0)
		r = emit_word(e, data, off + l->func_new_func, R_X86_64_64, e->places[u][id].sym, 0);
	/* old_sympos is an unsigned long, little-endian like all of x86. */
	if (r == 0)
		memcpy(elf_writer_data(e->w, data)->data + off + l->func_old_sympos, &sympos,
		       sizeof(sympos));
	return r;
}

static bool is_home(const struct unit *u, const struct target *t)
{
	return u->module && t->name ? strcmp(u->module, t->name) == 0 : u->module == t->name;
}

static int emit_funcs(struct emitter *e, const struct klp_layout *l, const struct target *t,
		      out_sec data, uint64_t *ret_off)
{
	uint64_t end;
	int r = 0;

	if (buf_align(elf_writer_data(e->w, data), 8) < 0)
		return emit_no_memory(e);
	*ret_off = elf_writer_data(e->w, data)->len;
	for (size_t u = 0; u < e->in->n_units; u++) {
		const struct unit *unit = &e->in->units[u];

		for (atom_id i = 1; r == 0 && is_home(unit, t) && i < unit->patched->n_atoms; i++)
			if (diff_replaces(unit->diff, i))
				r = emit_func(e, l, u, i, data);
	}
	/* A zeroed one ends the array. */
	return r < 0 ? r : emit_zeroed(e, data, l->func, &end);
}

static int point_to_hooks(struct emitter *e, const struct klp_layout *l, const struct hooks *h,
			  out_sec data, uint64_t object)
{
	const struct {
		out_sym sym;
		uint32_t off;
	} rows[] = { { h->of[HOOK_PRE_PATCH], l->pre_patch },
		     { h->of[HOOK_POST_PATCH], l->post_patch },
		     { h->of[HOOK_PRE_UNPATCH], l->pre_unpatch },
		     { h->of[HOOK_POST_UNPATCH], l->post_unpatch } };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].sym != OUT_NONE)
			r = emit_word(e, data, object + l->object_callbacks + rows[i].off,
				      R_X86_64_64, rows[i].sym, 0);
	return r;
}

/* One klp_object, in its zeroed place at @object. */
static int emit_object(struct emitter *e, const struct klp_layout *l, const struct target *t,
		       out_sec data, uint64_t object)
{
	struct hooks hooks = { 0 };
	out_sym data_sym = 0;
	uint64_t funcs = 0;
	int r = emit_section_symbol(e, data, &data_sym);

	if (r == 0)
		r = emit_funcs(e, l, t, data, &funcs);
	if (r == 0)
		r = emit_word(e, data, object + l->object_funcs, R_X86_64_64, data_sym,
			      (int64_t)funcs);
	/* vmlinux has none. */
	if (r == 0 && t->name)
		r = point_to_string(e, data, object + l->object_name, t->name);
	if (r == 0)
		r = emit_hooks(e, t, &hooks);
	return r < 0 ? r : point_to_hooks(e, l, &hooks, data, object);
}

/*
 * Of vmlinux an object is there for its functions and hooks only. Of a module it also has the level's late
 * fields filled in, so it is there even where the module lends nothing but its symbols.
 */
static bool has_object(const struct target *t)
{
	return t->name || t->patched;
}

/* The array of objects; a zeroed one ends it. */
static int emit_objects(struct emitter *e, const struct klp_layout *l, out_sec data, uint64_t *ret)
{
	uint64_t at;
	size_t n = 0;
	int r;

	for (size_t i = 0; i < e->n_targets; i++)
		n += has_object(&e->targets[i]);
	r = emit_zeroed(e, data, (n + 1) * l->object, ret);
	at = *ret;
	for (size_t i = 0; r == 0 && i < e->n_targets; i++) {
		if (!has_object(&e->targets[i]))
			continue;
		r = emit_object(e, l, &e->targets[i], data, at);
		at += l->object;
	}
	return r;
}

int emit_klp(struct emitter *e, out_sym module, out_sym *ret_patch)
{
	struct out_symbol patch_sym = { .name = "oakum_patch",
					.bind = STB_LOCAL,
					.type = STT_OBJECT };
	struct klp_layout l = { 0 };
	uint64_t objects = 0, patch = 0;
	out_sym data_sym = 0;
	out_sec data = 0;
	int r = read_layout(e, &l);

	if (r == 0)
		r = elf_writer_section(e->w, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, &data,
				       e->err);
	if (r == 0)
		r = emit_section_symbol(e, data, &data_sym);
	if (r == 0)
		r = emit_objects(e, &l, data, &objects);
	if (r == 0)
		r = emit_zeroed(e, data, l.patch, &patch);
	if (r == 0)
		r = emit_word(e, data, patch + l.patch_objs, R_X86_64_64, data_sym,
			      (int64_t)objects);
	if (r == 0)
		r = emit_word(e, data, patch + l.patch_mod, R_X86_64_64, module, 0);
	if (r < 0)
		return r;
	elf_writer_data(e->w, data)->data[patch + l.patch_replace] = 1;
	patch_sym.sec = data;
	patch_sym.value = patch;
	patch_sym.size = l.patch;
	return elf_writer_symbol(e->w, &patch_sym, ret_patch, e->err);
}
