/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selfcheck-relocs: symbols resolved and fields filled in, by the rules of loader and livepatch. */
#include "build/selfcheck-priv.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHF_RELA_LIVEPATCH 0x00100000 /* include/uapi/linux/elf.h */
#define SHN_LIVEPATCH      0xff20
#define KLP_SYM            ".klp.sym."
#define KLP_RELA           ".klp.rela."
#define SYMPOS_DIGITS      9

/* "<object>." at the start of @text, as "%55[^.]." reads it. Return: what follows, NULL. */
static const char *read_object(const char *text, char ret[KLP_MODULE_MAX])
{
	size_t len = strcspn(text, ".");

	if (!len || len >= KLP_MODULE_MAX || text[len] != '.')
		return NULL;
	memcpy(ret, text, len);
	ret[len] = '\0';
	return text + len + 1;
}

/* ",<number>" to the end, in the one way in which a number is written. */
static bool read_sympos(const char *text, uint64_t *ret)
{
	size_t len = strspn(text + 1, "0123456789");

	if (text[0] != ',' || !len || len > SYMPOS_DIGITS || text[1 + len] ||
	    (text[1] == '0' && len > 1))
		return false;
	*ret = 0;
	for (const char *p = text + 1; *p; p++)
		*ret = *ret * 10 + (uint64_t)(*p - '0');
	return true;
}

/* KSYM_NAME_LEN: 512 since 6.1, 128 before (commit b8a94bfb3395). */
static size_t name_max(const struct kimage *img)
{
	unsigned major = 0, minor = 0;

	for (const char *p = kimage_release(img); *p >= '0' && *p <= '9' && major < 1000; p++)
		major = major * 10 + (unsigned)(*p - '0');
	for (const char *p = strchr(kimage_release(img), '.');
	     p && p[1] >= '0' && p[1] <= '9' && minor < 1000; p++)
		minor = minor * 10 + (unsigned)(p[1] - '0');
	return major > 6 || (major == 6 && minor >= 1) ? KLP_SYMBOL_MAX : 128;
}

const struct ko *simload_ko(const struct simload *sl, const char *name)
{
	return sl->k->module ? sl->k->module(sl->k->context, name) : NULL;
}

static uint64_t find_in_module(const struct ko *ko, const char *name, uint64_t sympos)
{
	const uint32_t *ids = NULL;
	size_t n = ko_find(ko, name, &ids);
	uint64_t count = 0, addr = 0;

	for (size_t i = 0; i < n; i++) {
		struct ko_sym s = ko_sym(ko, ids[i]);

		if (s.defined && ++count == (sympos ? sympos : 1))
			addr = s.addr;
	}
	/* The count while the module starts; ko_sympos() knows whether it stays true. */
	return addr && (sympos || count == 1) && ko_sympos(ko, name, addr) == (int)sympos ? addr
											  : 0;
}

uint64_t simload_find(const struct simload *sl, const char *object, const char *name,
		      uint64_t sympos)
{
	const struct ko *ko = object ? simload_ko(sl, object) : NULL;
	const uint32_t *ids = NULL;
	size_t n;

	if (strlen(name) >= name_max(sl->k->img))
		return 0;
	if (object)
		return ko ? find_in_module(ko, name, sympos) : 0;
	n = kimage_find(sl->k->img, name, &ids);
	if (sympos > n || (!sympos && n != 1))
		return 0;
	return kimage_sym(sl->k->img, ids[sympos ? sympos - 1 : 0]).addr;
}

static int resolve_klp(struct simload *sl, const struct mod_sym *sym, struct sim_symbol *ret)
{
	char name[KLP_SYMBOL_MAX];
	const char *text = strncmp(sym->name, KLP_SYM, strlen(KLP_SYM)) == 0
				   ? read_object(sym->name + strlen(KLP_SYM), ret->object)
				   : NULL;
	size_t len = text ? strcspn(text, ",") : 0;
	uint64_t sympos = 0;

	if (!len || len >= sizeof(name) || !read_sympos(text + len, &sympos))
		return oak_fail(sl->err, OAK_E_FAILED, "livepatch cannot read the symbol %s",
				sym->name);
	memcpy(name, text, len);
	name[len] = '\0';
	ret->kind = SIM_KLP;
	ret->addr =
		simload_find(sl, strcmp(ret->object, "vmlinux") ? ret->object : NULL, name, sympos);
	return ret->addr ? 0
			 : oak_fail(sl->err, OAK_E_FAILED, "livepatch does not find exactly one %s",
				    sym->name);
}

static int resolve_symbol(struct simload *sl, const struct mod_sym *sym, struct sim_symbol *ret)
{
	const struct kexport *x;

	if (sym->sec) {
		*ret = (struct sim_symbol){ .kind = SIM_OWN,
					    .addr = sl->base[sym->sec] + sym->value };
		return 0;
	}
	if (sym->value || sym->size || sym->bind != STB_GLOBAL || sym->type != STT_NOTYPE)
		return oak_fail(sl->err, OAK_E_FAILED, "%s is no plain undefined symbol", sym->name);
	if (sym->shndx == SHN_LIVEPATCH)
		return resolve_klp(sl, sym, ret);
	if (sym->shndx != SHN_UNDEF)
		return oak_fail(sl->err, OAK_E_FAILED, "%s lies in section 0x%x, which is none",
				sym->name, sym->shndx);
	x = kimage_export(sl->k->img, sym->name);
	if (!x)
		return oak_fail(sl->err, OAK_E_FAILED, "the kernel does not export %s", sym->name);
	*ret = (struct sim_symbol){ .kind = SIM_EXPORT, .addr = x->addr };
	return 0;
}

int simload_symbols(struct simload *sl)
{
	int r = 0;

	sl->syms = calloc(sl->f->n_syms, sizeof(*sl->syms));
	if (!sl->syms)
		return oak_fail(sl->err, OAK_E_NOMEM, "out of memory");
	for (uint32_t i = 1; r == 0 && i < sl->f->n_syms; i++)
		r = resolve_symbol(sl, &sl->f->syms[i], &sl->syms[i]);
	return r;
}

void simload_late(const struct modfile *f, uint32_t holder, char ret[KLP_MODULE_MAX])
{
	const char *name = f->secs[holder].name;

	ret[0] = '\0';
	if (strncmp(name, KLP_RELA, strlen(KLP_RELA)) != 0 ||
	    !read_object(name + strlen(KLP_RELA), ret) || strcmp(ret, "vmlinux") == 0)
		ret[0] = '\0';
}

/* ".rela<section>", or ".klp.rela.<object>.<section>" with the flag that livepatch goes by. */
static int check_holder(const struct simload *sl, const struct mod_sec *s)
{
	const char *target = sl->f->secs[s->info].name, *rest = NULL;
	uint64_t flags = SHF_INFO_LINK;
	char object[KLP_MODULE_MAX];

	if (strncmp(s->name, KLP_RELA, strlen(KLP_RELA)) == 0) {
		rest = read_object(s->name + strlen(KLP_RELA), object);
		flags |= SHF_ALLOC | SHF_RELA_LIVEPATCH;
	} else if (strncmp(s->name, ".rela", 5) == 0) {
		rest = s->name + 5;
	}
	if (!rest || strcmp(rest, target) != 0 || s->flags != flags)
		return oak_fail(sl->err, OAK_E_FAILED,
				"%s does not say which fields of %s are filled in, and when",
				s->name, target);
	return 0;
}

/* Which kinds of symbols the kernel takes in which section. */
static int check_kind(const struct simload *sl, const struct mod_rela *rela)
{
	const struct mod_sec *holder = &sl->f->secs[rela->holder];
	const struct sim_symbol *sym = &sl->syms[rela->sym];
	char late[KLP_MODULE_MAX];
	bool klp = holder->flags & SHF_RELA_LIVEPATCH;

	simload_late(sl->f, rela->holder, late);
	if (klp != (sym->kind == SIM_KLP))
		return oak_fail(sl->err, OAK_E_FAILED, "%s in %s: only livepatch resolves such",
				sl->f->syms[rela->sym].name, holder->name);
	if (klp && !late[0] != (strcmp(sym->object, "vmlinux") == 0))
		return oak_fail(sl->err, OAK_E_FAILED, "%s in %s: not there at that time",
				sl->f->syms[rela->sym].name, holder->name);
	return late[0] && strncmp(sl->f->secs[rela->sec].name, ".init", 5) == 0
		       ? oak_fail(sl->err, OAK_E_FAILED,
				  "%s changes startup code, which is gone by then", holder->name)
		       : 0;
}

static bool is_in_range(const struct simload *sl, const struct mod_rela *rela)
{
	uint64_t value = sl->syms[rela->sym].addr + (uint64_t)rela->addend;

	if (arch_rel_is_pcrel(rela->type))
		value -= sl->base[rela->sec] + rela->off;
	if (rela->type == R_X86_64_32)
		return value <= UINT32_MAX;
	return arch_rel_width(rela->type) == 8 || (uint64_t)(int64_t)(int32_t)value == value;
}

/* The kernel adds to nothing: it refuses a field that is not zero. */
static bool is_clear(const struct simload *sl, const struct mod_rela *rela)
{
	const uint8_t *data = sl->f->secs[rela->sec].data;

	for (unsigned i = 0; data && i < arch_rel_width(rela->type); i++)
		if (data[rela->off + i])
			return false;
	return data;
}

static int check_rela(struct simload *sl, const struct mod_rela *rela)
{
	char late[KLP_MODULE_MAX];
	int r = check_kind(sl, rela);

	if (r < 0)
		return r;
	if (!is_clear(sl, rela))
		return oak_fail(sl->err, OAK_E_FAILED,
				"%s+0x%lx is not zero before it is filled in",
				sl->f->secs[rela->sec].name, (unsigned long)rela->off);
	simload_late(sl->f, rela->holder, late);
	sl->n_late += !!late[0];
	/* Addresses of a module that is yet to come are made up; all modules lie within 2 GB. */
	if (!late[0] && !is_in_range(sl, rela))
		return oak_fail(sl->err, OAK_E_FAILED, "%s+0x%lx cannot reach %s",
				sl->f->secs[rela->sec].name, (unsigned long)rela->off,
				sl->f->syms[rela->sym].name);
	return 0;
}

int simload_relocations(struct simload *sl)
{
	int r = 0;

	for (uint32_t i = 1; r == 0 && i < sl->f->n_secs; i++)
		if (sl->f->secs[i].type == SHT_RELA)
			r = check_holder(sl, &sl->f->secs[i]);
	for (uint32_t i = 0; r == 0 && i < sl->f->n_relas; i++)
		r = check_rela(sl, &sl->f->relas[i]);
	return r;
}

int simload_take(struct simload *sl, struct spot at, uint32_t type, const struct mod_rela **ret)
{
	const struct mod_rela *rela = modfile_rela_at(sl->f, at.sec, at.off);

	if (!rela || rela->type != type)
		return oak_fail(sl->err, OAK_E_FAILED, "%s+0x%lx: %s, wanted %s",
				sl->f->secs[at.sec].name, (unsigned long)at.off,
				rela ? arch_rel_name(rela->type) : "no relocation",
				arch_rel_name(type));
	if (sl->seen[rela - sl->f->relas])
		return oak_fail(sl->err, OAK_E_FAILED, "%s+0x%lx is two things at once",
				sl->f->secs[at.sec].name, (unsigned long)at.off);
	sl->seen[rela - sl->f->relas] = true;
	*ret = rela;
	return 0;
}

int simload_lead(const struct simload *sl, const struct mod_rela *rela, enum pointer how,
		 struct spot *ret)
{
	const struct mod_sym *sym = &sl->f->syms[rela->sym];
	bool by_section = sym->type == STT_SECTION;

	*ret = (struct spot){ sym->sec, sym->value + (uint64_t)rela->addend, rela->sym };
	if (!sym->sec || ret->off >= sl->f->secs[sym->sec].size)
		return oak_fail(sl->err, OAK_E_FAILED, "%s+0x%lx leads outside the module",
				sl->f->secs[rela->sec].name, (unsigned long)rela->off);
	if (by_section != (how == BY_SECTION) || (by_section ? sym->value != 0 : rela->addend != 0))
		return oak_fail(sl->err, OAK_E_FAILED, "%s+0x%lx names %s%+ld, not a plain %s",
				sl->f->secs[rela->sec].name, (unsigned long)rela->off, sym->name,
				(long)rela->addend, how == BY_SECTION ? "section" : "symbol");
	return 0;
}

int simload_follow(struct simload *sl, struct spot word, enum pointer how, struct spot *ret)
{
	const struct mod_rela *rela = modfile_rela_at(sl->f, word.sec, word.off);
	int r;

	*ret = (struct spot){ 0 };
	if (!rela)
		return 0;
	r = simload_take(sl, word, R_X86_64_64, &rela);
	return r < 0 ? r : simload_lead(sl, rela, how, ret);
}
