/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain-symbols: the module's symbol table, held against what is explained. */
#include "build/explain-priv.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "build/sign-trailer.h"

int explain_names_add(struct explain_names *names, const char *name, struct oak_error *err)
{
	/* Doubles at each power of two. */
	if ((names->n & (names->n - 1)) == 0) {
		const char **v =
			reallocarray(names->v, names->n ? 2 * names->n : 1, sizeof(const char *));

		if (!v)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		names->v = v;
	}
	names->v[names->n++] = name;
	return 0;
}

void explain_names_free(struct explain_names *names)
{
	free(names->v);
	*names = (struct explain_names){ 0 };
}

static int compare_names(const void *pa, const void *pb)
{
	const char *const *a = pa, *const *b = pb;

	return strcmp(*a, *b);
}

void explain_names_sort(struct explain_names *names)
{
	if (names->n)
		qsort(names->v, names->n, sizeof(const char *), compare_names);
}

int explain_names_minus(const struct explain_names *a, const struct explain_names *b,
			struct explain_names *ret, struct oak_error *err)
{
	size_t k = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < a->n; i++) {
		while (k < b->n && strcmp(b->v[k], a->v[i]) < 0)
			k++;
		if (k < b->n && strcmp(b->v[k], a->v[i]) == 0)
			k++;
		else
			r = explain_names_add(ret, a->v[i], err);
	}
	return r;
}

int explain_open_module(const struct buf *module, struct modfile **ret, struct oak_error *err)
{
	size_t len = 0, pkcs7 = 0;
	int r = sign_trailer_find(module->data, module->len, &len, &pkcs7, err);

	return r < 0 ? r : modfile_read(module->data, len, ret, err);
}

int explain_names_of_module(const struct modfile *f, struct explain_names *ret,
			    struct oak_error *err)
{
	int r = 0;

	for (uint32_t i = 1; r == 0 && i < f->n_syms; i++)
		if (f->syms[i].name[0] && f->syms[i].type != STT_SECTION)
			r = explain_names_add(ret, f->syms[i].name, err);
	explain_names_sort(ret);
	return r;
}

/* What the emitter adds to every level; a name that ends with '*' is a prefix. */
static const struct own_rule {
	const char *name, *why;
} own_rules[] = {
	{ "__this_module", "the kernel's record of the module, as every module has one" },
	{ "cleanup_module", "called when the module is unloaded; does nothing" },
	{ "init_module", "called when the module is loaded: hands oakum_patch to livepatch" },
	{ "oakum_clear_*", "lets a patched module be unloaded and loaded again while the level "
			   "stays, on kernels that do not clear the level's fields themselves" },
	{ "oakum_pre_patch_*", "calls the author's pre_patch and, where it turns the module away, "
			       "what clears the level's fields" },
	{ "oakum_post_unpatch_*", "calls the author's post_unpatch, then what clears the level's "
				  "fields" },
	{ "oakum_patch", "tells livepatch which functions are replaced by which" },
};

static const char *own_why(const char *name)
{
	for (size_t i = 0; i < sizeof(own_rules) / sizeof(own_rules[0]); i++) {
		size_t len = strcspn(own_rules[i].name, "*");

		if (strncmp(own_rules[i].name, name, len) == 0 &&
		    (own_rules[i].name[len] == '*' || !name[len]))
			return own_rules[i].why;
	}
	return NULL;
}

/* The named function or variable that holds a field. */
static const char *holder_of(const struct modfile *f, const struct mod_rela *rela)
{
	for (uint32_t i = 1; i < f->n_syms; i++) {
		const struct mod_sym *s = &f->syms[i];

		if (s->sec == rela->sec && s->name[0] && s->value <= rela->off &&
		    rela->off - s->value < s->size)
			return s->name;
	}
	return NULL;
}

/* An import is explained by whoever of the level's own uses it. */
static const char *user_of(const struct modfile *f, const char *name)
{
	for (uint32_t i = 0; i < f->n_relas; i++) {
		const struct mod_rela *rela = &f->relas[i];
		const char *holder;

		if (f->syms[rela->sym].sec || strcmp(f->syms[rela->sym].name, name) != 0)
			continue;
		holder = holder_of(f, rela);
		if (holder && own_why(holder))
			return holder;
	}
	return NULL;
}

static int add_own(const struct modfile *f, const char *name, json_t *own)
{
	_cleanup_(buf_free) struct buf why = { 0 };
	const char *rule = own_why(name), *user = rule ? NULL : user_of(f, name);
	int r = buf_add_str(&why, rule ? rule : "");

	if (user)
		r = buf_printf(&why, "used by %s", user);
	if (r < 0)
		return r;
	return json_array_append_new(own,
				     json_pack("{s:s, s:s}", "name", name, "why", buf_str(&why)));
}

static int add_members(const json_t *list, const char *member, struct explain_names *ret,
		       struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(list); i++) {
		const char *name = json_get_str(json_array_get(list, i), member);

		if (name && name[0])
			r = explain_names_add(ret, name, err);
	}
	return r;
}

int explain_own(const struct buf *module, const json_t *pieces, const json_t *symbols, json_t *own,
		struct oak_error *err)
{
	_cleanup_(explain_names_free) struct explain_names all = { 0 }, told = { 0 }, rest = { 0 };
	_cleanup_(modfile_freep) struct modfile *f = NULL;
	int r = explain_open_module(module, &f, err);

	if (r == 0)
		r = explain_names_of_module(f, &all, err);
	if (r == 0)
		r = add_members(pieces, "name", &told, err);
	if (r == 0)
		r = add_members(symbols, "symbol", &told, err);
	explain_names_sort(&told);
	if (r == 0)
		r = explain_names_minus(&all, &told, &rest, err);
	for (size_t i = 0; r == 0 && i < rest.n; i++)
		if (add_own(f, rest.v[i], own) < 0)
			r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r;
}

/* All names that the document has of the module. */
static int names_of_document(const struct explain *e, struct explain_names *ret,
			     struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < e->n_pieces; i++)
		if (e->pieces[i].name[0])
			r = explain_names_add(ret, e->pieces[i].name, err);
	for (size_t i = 0; r == 0 && i < e->n_symbols; i++)
		r = explain_names_add(ret, e->symbols[i].symbol, err);
	for (size_t i = 0; r == 0 && i < e->n_own; i++)
		r = explain_names_add(ret, e->own[i].name, err);
	explain_names_sort(ret);
	return r;
}

static int tell(const struct explain_names *names, const char *what, struct buf *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < names->n; i++)
		r = buf_printf(ret, "%s: %s\n", names->v[i], what);
	return r;
}

static int compare_tables(const struct explain *e, const struct modfile *f, struct buf *ret,
			  struct oak_error *err)
{
	_cleanup_(explain_names_free) struct explain_names all = { 0 }, told = { 0 };
	_cleanup_(explain_names_free) struct explain_names more = { 0 }, fewer = { 0 };
	int r = explain_names_of_module(f, &all, err);

	if (r == 0)
		r = names_of_document(e, &told, err);
	if (r == 0)
		r = explain_names_minus(&all, &told, &more, err);
	if (r == 0)
		r = explain_names_minus(&told, &all, &fewer, err);
	if (r < 0)
		return r;
	r = tell(&more, "in the module, but not explained", ret);
	if (r == 0)
		r = tell(&fewer, "explained, but not in the module", ret);
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}

int explain_gaps(const struct explain *e, struct buf *ret, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < e->n_own; i++)
		if (!e->own[i].why[0])
			r = buf_printf(ret, "%s: nobody knows why it is in the module\n",
				       e->own[i].name);
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}

int explain_check(const struct explain *e, const struct buf *module, struct buf *ret,
		  struct oak_error *err)
{
	_cleanup_(modfile_freep) struct modfile *f = NULL;
	char sha256[SHA256_HEX_MAX];
	int r;

	sha256_hex(module->data, module->len, sha256);
	if (strcmp(sha256, e->module_sha256) != 0)
		return oak_fail(err, OAK_E_FORMAT,
				"explain.json is of another module (SHA-256 %.16s..., the module "
				"has %.16s...): build the level again",
				e->module_sha256, sha256);
	r = explain_open_module(module, &f, err);
	if (r == 0)
		r = compare_tables(e, f, ret, err);
	return r < 0 ? r : explain_gaps(e, ret, err);
}
