/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selfcheck-load: what the module loader looks at before it looks at livepatch. */
#include "build/selfcheck-priv.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define MODULES_BASE     0xffffffffc0000000u /* where 6.1 puts modules with address randomisation */
#define VERSION_BYTES    64                  /* struct modversion_info */
#define VERSION_NAME_MAX 56
#define PAGE             4096u

static int fails(const struct simload *sl, const char *why)
{
	return oak_fail(sl->err, OAK_E_FAILED, "%s", why);
}

/* The value of the @n-th "key=value" of .modinfo; NULL for none. */
static const char *modinfo(const struct simload *sl, const char *key, size_t n)
{
	uint32_t id = modfile_section(sl->f, ".modinfo");
	size_t key_len = strlen(key);
	uint64_t off = 0;

	while (id && off < sl->f->secs[id].size) {
		const char *text = modfile_text(sl->f, id, off);

		if (!text)
			return NULL;
		if (strncmp(text, key, key_len) == 0 && text[key_len] == '=' && n-- == 0)
			return text + key_len + 1;
		off += strlen(text) + 1;
	}
	return NULL;
}

static int check_modinfo(struct simload *sl)
{
	_cleanup_(freep) char *vermagic = NULL;
	static const struct {
		const char *key, *want;
	} rows[] = { { "license", "GPL" }, { "depends", "" }, { "livepatch", "Y" } };
	const char *value = modinfo(sl, "vermagic", 0);
	int r = emit_vermagic(sl->k->img, &vermagic, sl->err);

	if (r < 0)
		return r;
	if (!value || strcmp(value, vermagic) != 0)
		return fails(sl, "vermagic is not the kernel's");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		value = modinfo(sl, rows[i].key, 0);
		if (!value || strcmp(value, rows[i].want) != 0 || modinfo(sl, rows[i].key, 1))
			return oak_fail(sl->err, OAK_E_FAILED, ".modinfo does not say %s=%s once",
					rows[i].key, rows[i].want);
	}
	value = modinfo(sl, "oakum_kernel", 0);
	if (!value || strcmp(value, kimage_build_id(sl->k->img)) != 0)
		return fails(sl, "it was made for another kernel");
	return 0;
}

static bool imports_namespace(const struct simload *sl, const char *ns)
{
	const char *value;

	for (size_t i = 0; (value = modinfo(sl, "import_ns", i)); i++)
		if (strcmp(value, ns) == 0)
			return true;
	return false;
}

/* How many entries of __versions name the symbol, all with the kernel's CRC; SIZE_MAX: another. */
static size_t count_versions(const struct mod_sec *s, const struct kexport *x)
{
	size_t n = 0;

	for (uint64_t off = 0; off + VERSION_BYTES <= s->size; off += VERSION_BYTES) {
		const char *name = (const char *)s->data + off + sizeof(uint64_t);
		uint64_t crc;

		if (strncmp(name, x->name, VERSION_NAME_MAX) != 0)
			continue;
		memcpy(&crc, s->data + off, sizeof(crc));
		if (crc != x->crc)
			return SIZE_MAX;
		n++;
	}
	return n;
}

static int check_version(const struct simload *sl, const struct mod_sec *s, const char *name)
{
	const struct kexport *x = kimage_export(sl->k->img, name);
	size_t n = x ? count_versions(s, x) : 0;

	if (n == SIZE_MAX)
		return oak_fail(sl->err, OAK_E_FAILED, "another CRC of %s than the kernel's", name);
	if (n != 1)
		return oak_fail(sl->err, OAK_E_FAILED, "%zu CRCs of %s", n, name);
	return x->ns[0] && !imports_namespace(sl, x->ns)
		       ? oak_fail(sl->err, OAK_E_FAILED, "%s needs import_ns=%s", name, x->ns)
		       : 0;
}

/* One entry for struct module and one for each import, no more. */
static int check_versions(const struct simload *sl)
{
	const struct kexport *layout = kimage_export(sl->k->img, "module_layout");
	uint32_t id = modfile_section(sl->f, "__versions");
	const struct mod_sec *s = &sl->f->secs[id];
	uint64_t n = 1;
	int r;

	if (!layout || !layout->has_crc)
		return id ? fails(sl, "CRCs for a kernel that has none") : 0;
	if (!id || !s->data || s->size % VERSION_BYTES)
		return fails(sl, "no __versions, or of an unknown shape");
	r = check_version(sl, s, layout->name);
	for (uint32_t i = 1; r == 0 && i < sl->f->n_syms; i++) {
		if (sl->f->syms[i].shndx != SHN_UNDEF)
			continue;
		r = check_version(sl, s, sl->f->syms[i].name);
		n++;
	}
	if (r == 0 && s->size != n * VERSION_BYTES)
		r = fails(sl, "a CRC of a symbol that is not imported");
	return r;
}

static int entry_point(struct simload *sl, uint32_t sec, const char *member, struct spot *ret)
{
	uint32_t off = 0;
	int r = kimage_member_offset(sl->k->img, "module", member, &off, sl->err);

	if (r == 0)
		r = simload_follow(sl, (struct spot){ .sec = sec, .off = off }, BY_SYMBOL, ret);
	if (r == 0 && (!ret->sec || !(sl->f->secs[ret->sec].flags & SHF_EXECINSTR)))
		r = oak_fail(sl->err, OAK_E_FAILED, "struct module has no %s function", member);
	return r;
}

/* All zero but for the name: whatever else stands in it, the kernel would take for its own. */
static int check_this_module(struct simload *sl)
{
	uint32_t id = modfile_section(sl->f, ".gnu.linkonce.this_module"), size = 0, at = 0;
	const struct mod_sec *s = &sl->f->secs[id];
	const char *name = modinfo(sl, "name", 0);
	int r = kimage_struct_size(sl->k->img, "module", &size, sl->err);

	if (r == 0)
		r = kimage_member_offset(sl->k->img, "module", "name", &at, sl->err);
	if (r < 0)
		return r;
	if (!id || !s->data || s->size != size || at >= size || s->flags != (SHF_ALLOC | SHF_WRITE))
		return fails(sl, "struct module is not of the kernel's size");
	if (!name || strlen(name) >= KLP_MODULE_MAX || strlen(name) >= size - at ||
	    strncmp(name, (const char *)s->data + at, size - at) != 0)
		return fails(sl, "struct module and .modinfo name different modules");
	for (uint32_t i = 0; i < size; i++)
		if ((i < at || i >= at + strlen(name)) && s->data[i])
			return fails(sl, "struct module holds more than its name");
	r = simload_claim(sl, &(struct claim){ .at = { .sec = id },
					       .len = size,
					       .align = 1,
					       .what = "struct module" });
	if (r == 0)
		r = entry_point(sl, id, "init", &sl->init);
	return r < 0 ? r : entry_point(sl, id, "exit", &sl->exit);
}

static int check_sections(const struct simload *sl)
{
	for (uint32_t i = 1; i < sl->f->n_secs; i++) {
		const struct mod_sec *s = &sl->f->secs[i];

		if (!(s->flags & SHF_ALLOC) || s->type == SHT_RELA)
			continue;
		if (modfile_section(sl->f, s->name) != i)
			return oak_fail(sl->err, OAK_E_FAILED, "two sections are called %s",
					s->name);
		if (s->align & (s->align - 1) || s->align > PAGE)
			return oak_fail(sl->err, OAK_E_FAILED, "%s has no usable alignment",
					s->name);
		if ((s->flags & SHF_WRITE) && (s->flags & SHF_EXECINSTR))
			return oak_fail(sl->err, OAK_E_FAILED, "%s is code that can be written",
					s->name);
	}
	return 0;
}

/* Section after section, as the loader lays a module out; its order does not matter here. */
static int lay_out(struct simload *sl)
{
	uint64_t at = MODULES_BASE;

	sl->base = calloc(sl->f->n_secs, sizeof(*sl->base));
	sl->seen = calloc(sl->f->n_relas + 1u, sizeof(*sl->seen));
	if (!sl->base || !sl->seen)
		return oak_fail(sl->err, OAK_E_NOMEM, "out of memory");
	for (uint32_t i = 1; i < sl->f->n_secs; i++) {
		const struct mod_sec *s = &sl->f->secs[i];

		if (!(s->flags & SHF_ALLOC))
			continue;
		if (s->align)
			at = (at + s->align - 1) & ~(s->align - 1);
		sl->base[i] = at;
		at += s->size;
	}
	return at - MODULES_BASE > MODFILE_MAX_BYTES ? fails(sl, "it is too large") : 0;
}

int simload_run(struct simload *sl)
{
	int r = check_sections(sl);

	if (r == 0)
		r = lay_out(sl);
	if (r == 0)
		r = check_modinfo(sl);
	if (r == 0)
		r = simload_symbols(sl);
	if (r == 0)
		r = check_versions(sl);
	if (r == 0)
		r = simload_relocations(sl);
	if (r == 0)
		r = check_this_module(sl);
	return r < 0 ? r : simload_klp(sl);
}

void simload_clear(struct simload *sl)
{
	free(sl->base);
	free(sl->syms);
	free(sl->seen);
	free(sl->objects);
	free(sl->funcs);
	free(sl->claims);
}

int simload_claim(struct simload *sl, const struct claim *c)
{
	struct claim *v = reallocarray(sl->claims, sl->n_claims + 1, sizeof(*v));

	if (!v)
		return oak_fail(sl->err, OAK_E_NOMEM, "out of memory");
	sl->claims = v;
	v[sl->n_claims++] = *c;
	return 0;
}

int selfcheck_load(const struct buf *module, const struct selfcheck_kernel *k,
		   struct selfcheck_report *ret, struct oak_error *err)
{
	_cleanup_(modfile_freep) struct modfile *f = NULL;
	struct simload sl = { .k = k, .err = err };
	int r = modfile_read(module->data, module->len, &f, err);

	sl.f = f;
	if (r == 0)
		r = simload_run(&sl);
	if (r == 0)
		*ret = (struct selfcheck_report){ .objects = (uint32_t)sl.n_objects,
						  .functions = (uint32_t)sl.n_funcs,
						  .relocations = f->n_relas,
						  .late = sl.n_late };
	simload_clear(&sl);
	return r;
}
