/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selfcheck-clear: code of the level's own, read as instructions and not as the emitter meant them. */
#include "build/selfcheck-meaning.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define FIELD_BYTES 16 /* {u64 at; u64 width} */

static struct spot plus(struct spot at, uint64_t off)
{
	return (struct spot){ .sec = at.sec, .off = at.off + off };
}

static int fails(const struct meaning *m, const char *why)
{
	return oak_fail(m->sl->err, OAK_E_FAILED, "%s", why);
}

static const uint8_t *bytes_at(const struct meaning *m, struct spot at, uint64_t len)
{
	const struct mod_sec *s = &m->sl->f->secs[at.sec];

	return s->data && at.off <= s->size && len <= s->size - at.off ? s->data + at.off : NULL;
}

bool meaning_has_bytes(const struct meaning *m, struct spot at, const void *want, uint64_t len)
{
	const uint8_t *got = bytes_at(m, at, len);

	return got && memcmp(got, want, len) == 0;
}

int meaning_kernel_word(struct meaning *m, struct spot field, uint32_t type, const char *name)
{
	bool exported = kimage_export(m->in->img, name);
	const struct mod_rela *rela = NULL;
	const uint32_t *ids = NULL;
	const struct sim_symbol *sym;
	const char *got;
	int r = simload_take(m->sl, field, type, &rela);

	if (r < 0)
		return r;
	sym = &m->sl->syms[rela->sym];
	got = m->sl->f->syms[rela->sym].name;
	if (!exported && strncmp(got, ".klp.sym.vmlinux.", 17) == 0)
		got += 17;
	if (strncmp(got, name, strlen(name)) != 0 ||
	    strcmp(got + strlen(name), exported ? "" : ",0") != 0 ||
	    sym->kind != (exported ? SIM_EXPORT : SIM_KLP) ||
	    rela->addend != (type == R_X86_64_PLT32 ? -4 : 0) ||
	    (!exported && (kimage_find(m->in->img, name, &ids) != 1 ||
			   kimage_sym(m->in->img, ids[0]).addr != sym->addr)))
		return oak_fail(m->sl->err, OAK_E_FAILED, "%s+0x%lx leads to %s, not to %s",
				m->sl->f->secs[field.sec].name, (unsigned long)field.off, got,
				name);
	return 0;
}

/* The entry that lets the loader rewrite a return at @at. */
static int take_return_site(struct meaning *m, struct spot at)
{
	const struct modfile *f = m->sl->f;
	uint32_t sec = modfile_section(f, ".return_sites");

	for (uint64_t off = 0; sec && off < f->secs[sec].size; off += 4) {
		const struct spot entry = { .sec = sec, .off = off };
		const struct mod_rela *rela = modfile_rela_at(f, sec, off);

		if (!rela || m->sl->seen[rela - f->relas] || rela->type != R_X86_64_PC32 ||
		    f->syms[rela->sym].type != STT_SECTION || f->syms[rela->sym].sec != at.sec ||
		    rela->addend != (int64_t)at.off)
			continue;
		m->sl->seen[rela - f->relas] = true;
		return simload_claim(m->sl, &(struct claim){ entry, 4, 4, "a return site" });
	}
	return fails(m, "a return that the loader cannot rewrite");
}

int meaning_return(struct meaning *m, struct spot at, uint64_t *ret_len)
{
	static const uint8_t thunk[] = { 0xe9, 0, 0, 0, 0 }, ret[] = { 0xc3, 0xcc };
	bool has_thunk = kimage_export(m->in->img, "__x86_return_thunk");
	int r;

	*ret_len = has_thunk ? sizeof(thunk) : sizeof(ret);
	if (!meaning_has_bytes(m, at, has_thunk ? thunk : ret, *ret_len))
		return fails(m, "code of the level's own does not return");
	if (!has_thunk)
		return 0;
	r = meaning_kernel_word(m, plus(at, 1), R_X86_64_PLT32, "__x86_return_thunk");
	return r < 0 ? r : take_return_site(m, at);
}

static int check_exit(struct meaning *m)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	struct spot at = m->sl->exit;
	uint64_t len;
	int r;

	if (!meaning_has_bytes(m, at, endbr64, sizeof(endbr64)))
		return fails(m, "unknown code where the module ends");
	r = meaning_return(m, plus(at, sizeof(endbr64)), &len);
	return r < 0 ? r
		     : simload_claim(m->sl, &(struct claim){ at, sizeof(endbr64) + len, 16,
							     "the module's end" });
}

static uint64_t count_late(const struct meaning *m, const char *object)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < m->sl->f->n_relas; i++) {
		char late[KLP_MODULE_MAX];

		simload_late(m->sl->f, m->sl->f->relas[i].holder, late);
		n += strcmp(late, object) == 0;
	}
	return n;
}

/* An entry of the table: a late field of this module, with its width. */
static int check_entry(struct meaning *m, struct spot at, const char *object,
		       const struct mod_rela **ret)
{
	const uint8_t *width = bytes_at(m, plus(at, 8), 8);
	char late[KLP_MODULE_MAX];
	struct spot field;
	uint64_t want;
	int r = simload_follow(m->sl, at, BY_SECTION, &field);

	if (r < 0)
		return r;
	*ret = field.sec ? modfile_rela_at(m->sl->f, field.sec, field.off) : NULL;
	if (!*ret || !width)
		return fails(m, "it would clear what is no field");
	simload_late(m->sl->f, (*ret)->holder, late);
	want = arch_rel_width((*ret)->type);
	if (strcmp(late, object) != 0 || memcmp(width, &want, sizeof(want)) != 0)
		return fails(m, "it would clear what is no field of this module");
	return 0;
}

/* Eight bytes of zeros, then as many entries as there are late fields, each field once. */
static int check_table(struct meaning *m, struct spot table, uint64_t n, const char *object)
{
	_cleanup_(freep) bool *cleared = calloc(m->sl->f->n_relas + 1u, sizeof(*cleared));
	int r = cleared ? 0 : oak_fail(m->sl->err, OAK_E_NOMEM, "out of memory");

	if (r == 0 && !meaning_has_bytes(m, table, &(const uint64_t){ 0 }, 8))
		r = fails(m, "it would clear fields with something else than zeros");
	for (uint64_t i = 0; r == 0 && i < n; i++) {
		const struct mod_rela *rela = NULL;

		r = check_entry(m, plus(table, 8 + i * FIELD_BYTES), object, &rela);
		if (r == 0 && cleared[rela - m->sl->f->relas])
			r = fails(m, "it would clear a field twice");
		if (r == 0)
			cleared[rela - m->sl->f->relas] = true;
	}
	return r < 0 ? r
		     : simload_claim(m->sl, &(struct claim){ table, 8 + n * FIELD_BYTES, 8,
							     "the table of late fields" });
}

/* clang-format off */
static const uint8_t clear_code[] = {
	0xf3, 0x0f, 0x1e, 0xfa,  0x53,  0x48, 0x8b, 0x87, 0, 0, 0, 0,  0x83, 0xb8, 0, 0, 0, 0, 0,
	0x74, 0x44,  0x48, 0xc7, 0xc7, 0, 0, 0, 0,  0xe8, 0, 0, 0, 0,  0x48, 0xc7, 0xc3, 0, 0, 0, 0,
	0x48, 0x8b, 0x3b,  0x48, 0x8b, 0x53, 0x08,  0x48, 0xc7, 0xc6, 0, 0, 0, 0,  0xe8, 0, 0, 0, 0,
	0x48, 0x83, 0xc3, 0x10,  0x48, 0x81, 0xfb, 0, 0, 0, 0,  0x75, 0xe0,  0xe8, 0, 0, 0, 0,
	0x48, 0xc7, 0xc7, 0, 0, 0, 0,  0xe8, 0, 0, 0, 0,  0x5b,
};
/* clang-format on */

/* What the code is with this kernel's offsets in it. */
static int expect_clear_code(const struct meaning *m, uint8_t code[sizeof(clear_code)])
{
	uint32_t mod = 0, state = 0;
	int r = kimage_member_offset(m->in->img, "klp_object", "mod", &mod, m->sl->err);

	if (r == 0)
		r = kimage_member_offset(m->in->img, "module", "state", &state, m->sl->err);
	memcpy(code, clear_code, sizeof(clear_code));
	memcpy(code + 8, &mod, sizeof(mod));
	memcpy(code + 14, &state, sizeof(state));
	return r;
}

/* A field of the code that leads into the table; its start is at offset 0 of what comes back. */
static int lead_to_table(struct meaning *m, struct spot field, uint64_t inside, struct spot *ret)
{
	const struct mod_rela *rela = NULL;
	int r = simload_take(m->sl, field, R_X86_64_32S, &rela);

	if (r < 0)
		return r;
	*ret = (struct spot){ m->sl->f->syms[rela->sym].sec, (uint64_t)rela->addend - inside,
			      rela->sym };
	if (m->sl->f->syms[rela->sym].type != STT_SECTION || !ret->sec)
		return fails(m, "what clears late fields reads no table");
	return 0;
}

/* zeros, first and end of the table, each from its own field. */
static int find_table(struct meaning *m, struct spot code, uint64_t n, struct spot *ret)
{
	struct spot zeros = { 0 }, first = { 0 }, end = { 0 };
	int r = lead_to_table(m, plus(code, 50), 0, &zeros);

	if (r == 0)
		r = lead_to_table(m, plus(code, 36), 8, &first);
	if (r == 0)
		r = lead_to_table(m, plus(code, 66), 8 + n * FIELD_BYTES, &end);
	if (r == 0 && (first.sec != zeros.sec || end.sec != zeros.sec || first.off != zeros.off ||
		       end.off != zeros.off))
		r = fails(m, "what clears late fields reads two tables");
	*ret = zeros;
	return r;
}

int meaning_clear(struct meaning *m, const struct sim_object *o, struct spot at)
{
	static const struct {
		uint8_t off;
		uint32_t type;
		const char *name;
	} words[] = {
		{ 24, R_X86_64_32S, "text_mutex" },  { 29, R_X86_64_PLT32, "mutex_lock" },
		{ 55, R_X86_64_PLT32, "text_poke" }, { 73, R_X86_64_PLT32, "text_poke_sync" },
		{ 80, R_X86_64_32S, "text_mutex" },  { 85, R_X86_64_PLT32, "mutex_unlock" },
	};
	uint64_t n = count_late(m, o->name), len = 0;
	struct spot table = { 0 };
	uint8_t code[sizeof(clear_code)];
	int r = expect_clear_code(m, code);

	if (r == 0 && !meaning_has_bytes(m, at, code, sizeof(code)))
		r = fails(m, "unknown code clears late fields");
	for (size_t i = 0; r == 0 && i < sizeof(words) / sizeof(words[0]); i++)
		r = meaning_kernel_word(m, plus(at, words[i].off), words[i].type, words[i].name);
	if (r == 0)
		r = find_table(m, at, n, &table);
	if (r == 0)
		r = check_table(m, table, n, o->name);
	if (r == 0)
		r = meaning_return(m, plus(at, sizeof(code)), &len);
	return r < 0 ? r
		     : simload_claim(m->sl, &(struct claim){ at, sizeof(code) + len, 16,
							     "what clears late fields" });
}

bool meaning_wants_clear(const struct meaning *m, const struct sim_object *o)
{
	const uint32_t *ids = NULL;

	return o->name && count_late(m, o->name) &&
	       !kimage_find(m->in->img, "clear_relocate_add", &ids);
}

int meaning_own_code(struct meaning *m)
{
	int r = check_exit(m);

	for (size_t i = 0; r == 0 && i < m->sl->n_objects; i++)
		r = meaning_hooks(m, &m->sl->objects[i]);
	return r;
}
