/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selfcheck-klp: from the entry point to klp_patch, klp_object and klp_func, as the kernel goes. */
#include "build/selfcheck-priv.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define STRUCT_MAX  4096 /* no klp structure comes near */
#define ENTRIES_MAX 100000

struct layout {
	uint32_t patch, patch_mod, patch_objs, patch_replace;
	uint32_t object, object_name, object_funcs, object_callbacks;
	uint32_t func, func_old_name, func_new_func, func_old_sympos;
	uint32_t hooks[HOOKS]; /* in klp_callbacks */
};

struct walk {
	struct simload *sl;
	struct layout l;
};

static int read_layout(struct walk *w)
{
	struct layout *l = &w->l;
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
		{ "klp_callbacks", "pre_patch", &l->hooks[HOOK_PRE_PATCH] },
		{ "klp_callbacks", "post_patch", &l->hooks[HOOK_POST_PATCH] },
		{ "klp_callbacks", "pre_unpatch", &l->hooks[HOOK_PRE_UNPATCH] },
		{ "klp_callbacks", "post_unpatch", &l->hooks[HOOK_POST_UNPATCH] },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct kimage *img = w->sl->k->img;
		int r = rows[i].member
				? kimage_member_offset(img, rows[i].name, rows[i].member,
						       rows[i].to, w->sl->err)
				: kimage_struct_size(img, rows[i].name, rows[i].to, w->sl->err);

		if (r < 0)
			return r;
	}
	if (l->patch > STRUCT_MAX || l->object > STRUCT_MAX || l->func > STRUCT_MAX)
		return oak_fail(w->sl->err, OAK_E_FAILED, "livepatch structures of an absurd size");
	return 0;
}

static struct spot plus(struct spot at, uint64_t off)
{
	return (struct spot){ .sec = at.sec, .off = at.off + off };
}

/* Bytes of a structure as the file has them, that is before relocations; NULL where it ends early. */
static const uint8_t *bytes_at(const struct simload *sl, struct spot at, uint64_t len)
{
	const struct mod_sec *s = &sl->f->secs[at.sec];

	return s->data && at.off <= s->size && len <= s->size - at.off ? s->data + at.off : NULL;
}

/* Is the structure zero, but for @len bytes at @at that hold @value? */
static bool holds_only(const uint8_t *bytes, uint32_t size, uint32_t at, uint32_t len,
		       uint64_t value)
{
	uint64_t got = 0;

	if (!bytes || at > size || len > size - at)
		return false;
	memcpy(&got, bytes + at, len);
	for (uint32_t i = 0; i < size; i++)
		if ((i < at || i - at >= len) && bytes[i])
			return false;
	return got == value;
}

/* A string that a structure points to; NULL where the word is zero. */
static int read_name(struct simload *sl, struct spot word, size_t max, const char **ret)
{
	struct spot at;
	int r = simload_follow(sl, word, BY_SECTION, &at);

	*ret = NULL;
	if (r < 0 || !at.sec)
		return r;
	*ret = modfile_text(sl->f, at.sec, at.off);
	if (!*ret || !**ret || strlen(*ret) >= max)
		return oak_fail(sl->err, OAK_E_FAILED, "a name that livepatch does not take");
	return simload_claim(sl, &(struct claim){ .at = at,
						  .len = strlen(*ret) + 1,
						  .align = 1,
						  .what = "a name for livepatch" });
}

static bool has_ftrace_site(const struct simload *sl, const struct sim_func *f)
{
	return f->object ? ko_ftrace_site_in(simload_ko(sl, f->object), f->old_addr, 16)
			 : kimage_ftrace_site_in(sl->k->img, f->old_addr, 16);
}

static bool same_object(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int check_func(const struct simload *sl, const struct sim_func *f)
{
	const char *object = f->object ? f->object : "vmlinux";

	if (!f->old_addr)
		return oak_fail(sl->err, OAK_E_FAILED,
				"livepatch does not find exactly one function %s,%lu in %s",
				f->name, (unsigned long)f->sympos, object);
	if (!has_ftrace_site(sl, f))
		return oak_fail(sl->err, OAK_E_FAILED, "ftrace cannot hook %s of %s", f->name,
				object);
	if (!f->code.sec || !(sl->f->secs[f->code.sec].flags & SHF_EXECINSTR))
		return oak_fail(sl->err, OAK_E_FAILED, "nothing replaces %s of %s", f->name, object);
	/* Addresses of modules are made up: those of two say nothing about each other. */
	for (size_t i = 0; i < sl->n_funcs; i++)
		if (sl->funcs[i].old_addr == f->old_addr &&
		    same_object(sl->funcs[i].object, f->object))
			return oak_fail(sl->err, OAK_E_FAILED, "%s of %s is replaced twice",
					f->name, object);
	return 0;
}

/* Return: 1 at the entry that ends the array. */
static int read_func(struct walk *w, const char *object, struct spot at)
{
	struct simload *sl = w->sl;
	struct sim_func f = { .object = object }, *v;
	const uint8_t *bytes = bytes_at(sl, at, w->l.func);
	int r = read_name(sl, plus(at, w->l.func_old_name), KLP_SYMBOL_MAX, &f.name);

	if (r == 0)
		r = simload_follow(sl, plus(at, w->l.func_new_func), BY_SYMBOL, &f.code);
	if (r < 0)
		return r;
	if (bytes && w->l.func_old_sympos <= w->l.func - sizeof(f.sympos))
		memcpy(&f.sympos, bytes + w->l.func_old_sympos, sizeof(f.sympos));
	if (!holds_only(bytes, w->l.func, w->l.func_old_sympos, sizeof(f.sympos), f.sympos))
		return oak_fail(sl->err, OAK_E_FAILED, "a klp_func holds what livepatch sets");
	if (!f.name)
		return f.code.sec || f.sympos
			       ? oak_fail(sl->err, OAK_E_FAILED, "a klp_func without a name")
			       : 1;
	f.old_addr = simload_find(sl, object, f.name, f.sympos);
	r = check_func(sl, &f);
	v = r == 0 ? reallocarray(sl->funcs, sl->n_funcs + 1, sizeof(*v)) : NULL;
	if (!v)
		return r < 0 ? r : oak_fail(sl->err, OAK_E_NOMEM, "out of memory");
	sl->funcs = v;
	v[sl->n_funcs++] = f;
	return 0;
}

static int read_funcs(struct walk *w, const char *object, struct spot at)
{
	uint64_t n = 0;
	int r = 0;

	while (r == 0 && n < ENTRIES_MAX)
		r = read_func(w, object, plus(at, n++ * w->l.func));
	return r < 0 ? r
		     : simload_claim(w->sl, &(struct claim){ .at = at,
							     .len = n * w->l.func,
							     .align = 8,
							     .what = "functions for livepatch" });
}

static int add_object(struct simload *sl, const struct sim_object *o)
{
	struct sim_object *v;

	for (size_t i = 0; i < sl->n_objects; i++)
		if (same_object(o->name, sl->objects[i].name))
			return oak_fail(sl->err, OAK_E_FAILED, "two klp_objects of one name");
	if (o->name && !simload_ko(sl, o->name))
		return oak_fail(sl->err, OAK_E_FAILED, "the kernel has no module %s", o->name);
	v = reallocarray(sl->objects, sl->n_objects + 1, sizeof(*v));
	if (!v)
		return oak_fail(sl->err, OAK_E_NOMEM, "out of memory");
	sl->objects = v;
	v[sl->n_objects++] = *o;
	return 0;
}

/* Return: 1 at the entry that ends the array. */
static int read_object(struct walk *w, struct spot at)
{
	struct simload *sl = w->sl;
	struct sim_object o = { 0 };
	struct spot funcs = { 0 };
	int r = read_name(sl, plus(at, w->l.object_name), KLP_MODULE_MAX, &o.name);

	if (r == 0)
		r = simload_follow(sl, plus(at, w->l.object_funcs), BY_SECTION, &funcs);
	for (int i = 0; r == 0 && i < HOOKS; i++) {
		r = simload_follow(sl, plus(at, w->l.object_callbacks + w->l.hooks[i]), BY_SYMBOL,
				   &o.hooks[i]);
		if (r == 0 && o.hooks[i].sec && !(sl->f->secs[o.hooks[i].sec].flags & SHF_EXECINSTR))
			r = oak_fail(sl->err, OAK_E_FAILED, "a callback that is not code");
	}
	if (r < 0)
		return r;
	if (!holds_only(bytes_at(sl, at, w->l.object), w->l.object, 0, 0, 0))
		return oak_fail(sl->err, OAK_E_FAILED, "a klp_object holds what livepatch sets");
	if (!funcs.sec)
		return o.name ? oak_fail(sl->err, OAK_E_FAILED, "a klp_object without functions")
			      : 1;
	r = add_object(sl, &o);
	return r < 0 ? r : read_funcs(w, o.name, funcs);
}

static int read_patch(struct walk *w, struct spot at)
{
	struct simload *sl = w->sl;
	uint32_t module = modfile_section(sl->f, ".gnu.linkonce.this_module");
	struct spot mod = { 0 }, objs = { 0 };
	uint64_t n = 0;
	int r = simload_follow(sl, plus(at, w->l.patch_mod), BY_SYMBOL, &mod);

	if (r == 0)
		r = simload_follow(sl, plus(at, w->l.patch_objs), BY_SECTION, &objs);
	if (r == 0 && (mod.sec != module || mod.off || !objs.sec))
		r = oak_fail(sl->err, OAK_E_FAILED, "klp_patch does not name its module or objects");
	if (r == 0 &&
	    !holds_only(bytes_at(sl, at, w->l.patch), w->l.patch, w->l.patch_replace, 1, 1))
		r = oak_fail(sl->err, OAK_E_FAILED, "klp_patch does not say \"replace\" alone");
	while (r == 0 && n < ENTRIES_MAX)
		r = read_object(w, plus(objs, n++ * w->l.object));
	if (r >= 0)
		r = simload_claim(sl, &(struct claim){ .at = objs,
						       .len = n * w->l.object,
						       .align = 8,
						       .what = "objects for livepatch" });
	return r < 0 ? r
		     : simload_claim(sl, &(struct claim){ .at = at,
							  .len = w->l.patch,
							  .align = 8,
							  .what = "klp_patch" });
}

/* The patch that the entry point gives to klp_enable_patch(). */
static int read_init(struct simload *sl, struct spot *ret_patch)
{
	/* endbr64; mov $patch,%rdi; jmp klp_enable_patch */
	static const uint8_t code[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x48, 0xc7, 0xc7, 0,
					0,    0,    0,    0xe9, 0,    0,    0,    0 };
	const uint8_t *bytes = bytes_at(sl, sl->init, sizeof(code));
	const struct mod_rela *patch = NULL, *enable = NULL;
	int r;

	if (!bytes || memcmp(bytes, code, sizeof(code)) != 0 ||
	    strcmp(sl->f->secs[sl->init.sec].name, ".init.text") != 0)
		return oak_fail(sl->err, OAK_E_FAILED, "unknown code where the module starts");
	r = simload_take(sl, plus(sl->init, 7), R_X86_64_32S, &patch);
	if (r == 0)
		r = simload_take(sl, plus(sl->init, 12), R_X86_64_PLT32, &enable);
	if (r < 0)
		return r;
	if (!enable || sl->syms[enable->sym].kind != SIM_EXPORT || enable->addend != -4 ||
	    strcmp(sl->f->syms[enable->sym].name, "klp_enable_patch") != 0)
		return oak_fail(sl->err, OAK_E_FAILED, "its start does not call klp_enable_patch");
	r = simload_lead(sl, patch, BY_SYMBOL, ret_patch);
	return r < 0 ? r
		     : simload_claim(sl, &(struct claim){ .at = sl->init,
							  .len = sizeof(code),
							  .align = 16,
							  .what = "the module's start" });
}

/* Livepatch fills in a module's fields only where the level has an object of that name. */
static int check_late(const struct simload *sl)
{
	for (uint32_t i = 1; i < sl->f->n_secs; i++) {
		char late[KLP_MODULE_MAX];
		bool known = false;

		simload_late(sl->f, i, late);
		for (size_t k = 0; k < sl->n_objects; k++)
			known |= sl->objects[k].name && strcmp(sl->objects[k].name, late) == 0;
		if (late[0] && !known)
			return oak_fail(sl->err, OAK_E_FAILED, "nothing ever fills in %s",
					sl->f->secs[i].name);
	}
	return 0;
}

int simload_klp(struct simload *sl)
{
	struct walk w = { .sl = sl };
	struct spot patch = { 0 };
	int r = read_layout(&w);

	if (r == 0)
		r = read_init(sl, &patch);
	if (r == 0)
		r = read_patch(&w, patch);
	if (r == 0 && !sl->n_objects)
		r = oak_fail(sl->err, OAK_E_FAILED, "it patches nothing");
	return r < 0 ? r : check_late(sl);
}
