/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/emit.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "build/emit-priv.h"

#define VERMAGIC_MAX     256
#define VERSION_NAME_MAX 56 /* struct modversion_info: u64 crc, char name[56] */
#define BUILD_ID_BYTES   20

int emit_no_memory(struct emitter *e)
{
	return oak_fail(e->err, OAK_E_NOMEM, "out of memory");
}

int emit_word(struct emitter *e, out_sec sec, uint64_t off, uint32_t type, out_sym sym,
	      int64_t addend)
{
	const struct out_rela rela = {
		.sec = sec, .off = off, .type = type, .sym = sym, .addend = addend
	};

	return elf_writer_rela(e->w, &rela, e->err);
}

int emit_vermagic(const struct kimage *img, char **ret, struct oak_error *err)
{
	const uint32_t *ids = NULL;
	size_t n = kimage_find(img, "vermagic", &ids);

	for (size_t i = 0; i < n; i++) {
		struct ksym s = kimage_sym(img, ids[i]);
		size_t max = s.size && s.size < VERMAGIC_MAX ? s.size : VERMAGIC_MAX;
		const char *text = (const char *)kimage_bytes(img, s.addr, max);

		if (!text || !memchr(text, 0, max))
			continue;
		*ret = strdup(text);
		return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	return oak_fail(err, OAK_E_UNSUPPORTED,
			"this kernel has no vermagic: it does not load modules");
}

/* The kernel's struct module, all zero but for the name; entry points follow. */
static int emit_this_module(struct emitter *e, out_sym *ret)
{
	struct out_symbol sym = { .name = "__this_module", .bind = STB_GLOBAL, .type = STT_OBJECT };
	uint32_t size = 0, name = 0;
	int r = kimage_struct_size(e->in->img, "module", &size, e->err);

	if (r == 0)
		r = kimage_member_offset(e->in->img, "module", "name", &name, e->err);
	if (r == 0)
		r = elf_writer_section(e->w, ".gnu.linkonce.this_module", SHT_PROGBITS,
				       SHF_ALLOC | SHF_WRITE, 64, &sym.sec, e->err);
	if (r < 0)
		return r;
	if (name + strlen(e->in->name) + 1 > size)
		return oak_fail(e->err, OAK_E_UNSUPPORTED, "struct module of an unknown shape");
	if (buf_add_zero(elf_writer_data(e->w, sym.sec), size) < 0)
		return emit_no_memory(e);
	memcpy(elf_writer_data(e->w, sym.sec)->data + name, e->in->name, strlen(e->in->name));
	sym.size = size;
	e->this_module = sym.sec;
	return elf_writer_symbol(e->w, &sym, ret, e->err);
}

static int emit_hook(struct emitter *e, const char *member, const struct out_symbol *func)
{
	uint32_t off = 0;
	out_sym sym = 0;
	int r = kimage_member_offset(e->in->img, "module", member, &off, e->err);

	if (r == 0)
		r = elf_writer_symbol(e->w, func, &sym, e->err);
	return r < 0 ? r : emit_word(e, e->this_module, off, R_X86_64_64, sym, 0);
}

/* The return thunk is a site that the loader rewrites where the processor needs another return. */
int emit_return(struct emitter *e, out_sec code)
{
	static const uint8_t thunk[] = { 0xe9, 0, 0, 0, 0 }, ret[] = { 0xc3, 0xcc };
	bool has_thunk = kimage_export(e->in->img, "__x86_return_thunk");
	struct buf *text = elf_writer_data(e->w, code), *list;
	uint64_t at = text->len;
	out_sym sym = 0;
	out_sec sites = 0;
	int r;

	if (buf_add(text, has_thunk ? thunk : ret, has_thunk ? sizeof(thunk) : sizeof(ret)) < 0)
		return emit_no_memory(e);
	if (!has_thunk)
		return 0;
	r = emit_import_export(e, "__x86_return_thunk", &sym);
	if (r == 0)
		r = emit_word(e, code, at + 1, R_X86_64_PLT32, sym, -4);
	if (r == 0)
		r = elf_writer_section(e->w, ".return_sites", SHT_PROGBITS, SHF_ALLOC, 4, &sites,
				       e->err);
	if (r == 0)
		r = emit_section_symbol(e, code, &sym);
	if (r < 0)
		return r;
	list = elf_writer_data(e->w, sites);
	return buf_add_zero(list, 4) < 0
		       ? emit_no_memory(e)
		       : emit_word(e, sites, list->len - 4, R_X86_64_PC32, sym, (int64_t)at);
}

/* klp_enable_patch(&patch) */
static int emit_init(struct emitter *e, out_sec sec, out_sym patch)
{
	/* endbr64; mov $patch,%rdi; jmp klp_enable_patch */
	static const uint8_t code[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x48, 0xc7, 0xc7, 0,
					0,    0,    0,    0xe9, 0,    0,    0,    0 };
	out_sym enable = 0;
	int r = emit_import_export(e, "klp_enable_patch", &enable);

	if (r < 0)
		return r;
	if (buf_add(elf_writer_data(e->w, sec), code, sizeof(code)) < 0)
		return emit_no_memory(e);
	r = emit_word(e, sec, 7, R_X86_64_32S, patch, 0);
	return r < 0 ? r : emit_word(e, sec, 12, R_X86_64_PLT32, enable, -4);
}

static int emit_exit(struct emitter *e, out_sec sec)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };

	if (buf_add(elf_writer_data(e->w, sec), endbr64, sizeof(endbr64)) < 0)
		return emit_no_memory(e);
	return emit_return(e, sec);
}

/* The module's two entry points; neither needs a stack frame or unwinding. */
static int emit_entry_points(struct emitter *e, out_sym patch)
{
	struct out_symbol init = { .name = "init_module", .bind = STB_GLOBAL, .type = STT_FUNC };
	struct out_symbol exit = { .name = "cleanup_module", .bind = STB_GLOBAL, .type = STT_FUNC };
	const uint64_t flags = SHF_ALLOC | SHF_EXECINSTR;
	int r = elf_writer_section(e->w, ".init.text", SHT_PROGBITS, flags, 16, &init.sec, e->err);

	if (r == 0)
		r = elf_writer_section(e->w, ".exit.text", SHT_PROGBITS, flags, 16, &exit.sec,
				       e->err);
	if (r == 0)
		r = emit_init(e, init.sec, patch);
	if (r == 0)
		r = emit_exit(e, exit.sec);
	if (r < 0)
		return r;
	init.size = elf_writer_data(e->w, init.sec)->len;
	exit.size = elf_writer_data(e->w, exit.sec)->len;
	r = emit_hook(e, "init", &init);
	return r < 0 ? r : emit_hook(e, "exit", &exit);
}

static int add_version(struct emitter *e, struct buf *b, const struct kexport *x)
{
	char name[VERSION_NAME_MAX] = { 0 };
	uint64_t crc = x->crc;

	memcpy(name, x->name, strnlen(x->name, sizeof(name) - 1));
	return buf_add(b, &crc, sizeof(crc)) < 0 || buf_add(b, name, sizeof(name)) < 0
		       ? emit_no_memory(e)
		       : 0;
}

/* struct module's own CRC comes first: the loader refuses a module without it. */
static int emit_versions(struct emitter *e)
{
	const struct kexport *layout = kimage_export(e->in->img, "module_layout");
	out_sec sec = 0;
	int r;

	if (!layout || !layout->has_crc)
		return 0; /* a kernel without CONFIG_MODVERSIONS */
	r = elf_writer_section(e->w, "__versions", SHT_PROGBITS, SHF_ALLOC, 32, &sec, e->err);
	if (r == 0)
		r = add_version(e, elf_writer_data(e->w, sec), layout);
	for (size_t i = 0; r == 0 && i < e->n_imports; i++)
		if (e->imports[i].export)
			r = add_version(e, elf_writer_data(e->w, sec), e->imports[i].export);
	return r;
}

/* Did an import before the @n-th bring the same namespace along? */
static bool namespace_is_known(const struct emitter *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (e->imports[i].export &&
		    strcmp(e->imports[i].export->ns, e->imports[n].export->ns) == 0)
			return true;
	return false;
}

/* The loader lets nobody use a symbol of a namespace who does not ask for it. */
static int emit_namespaces(struct emitter *e, out_sec modinfo)
{
	for (size_t i = 0; i < e->n_imports; i++) {
		const struct kexport *x = e->imports[i].export;
		struct buf *b = elf_writer_data(e->w, modinfo);

		if (!x || !x->ns[0] || namespace_is_known(e, i))
			continue;
		if (buf_printf(b, "import_ns=%s", x->ns) < 0 || buf_add_zero(b, 1) < 0)
			return emit_no_memory(e);
	}
	return 0;
}

static int emit_modinfo(struct emitter *e)
{
	_cleanup_(freep) char *vermagic = NULL;
	out_sec sec = 0;
	int r = emit_vermagic(e->in->img, &vermagic, e->err);

	if (r == 0)
		r = elf_writer_section(e->w, ".modinfo", SHT_PROGBITS, SHF_ALLOC, 1, &sec, e->err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < 8; i++) {
		const struct {
			const char *key, *value;
		} rows[8] = {
			{ "license", "GPL" },    { "description", e->in->description },
			{ "name", e->in->name }, { "vermagic", vermagic },
			{ "depends", "" },       { "retpoline", "Y" },
			{ "livepatch", "Y" },    { "oakum_kernel", kimage_build_id(e->in->img) },
		};
		struct buf *b = elf_writer_data(e->w, sec);

		if (buf_printf(b, "%s=%s", rows[i].key, rows[i].value) < 0 || buf_add_zero(b, 1) < 0)
			return emit_no_memory(e);
	}
	return emit_namespaces(e, sec);
}

static int emit_build_id(struct emitter *e)
{
	uint8_t hash[SHA256_BYTES];
	char hex[SHA256_HEX_MAX];
	Elf64_Nhdr note = { .n_namesz = 4, .n_descsz = BUILD_ID_BYTES, .n_type = NT_GNU_BUILD_ID };
	out_sec sec = 0;
	struct buf *b;
	int r = elf_writer_hash(e->w, hex, e->err);

	if (r == 0 && hex_decode(hex, hash, sizeof(hash)) < 0)
		r = oak_fail(e->err, OAK_E_FAILED, "no hash");
	if (r == 0)
		r = elf_writer_section(e->w, ".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, 4, &sec,
				       e->err);
	if (r < 0)
		return r;
	b = elf_writer_data(e->w, sec);
	if (buf_add(b, &note, sizeof(note)) < 0 || buf_add(b, "GNU", 4) < 0 ||
	    buf_add(b, hash, BUILD_ID_BYTES) < 0)
		return emit_no_memory(e);
	return 0;
}

int emit_module(const struct emit_input *in, struct buf *ret, struct oak_error *err)
{
	_cleanup_(elf_writer_freep) struct elf_writer *w = NULL;
	struct emitter e = { .in = in, .world = { in->img, in->units, in->n_units }, .err = err };
	out_sym module = 0, patch = 0;
	int r = elf_writer_new(&w, err);

	e.w = w;
	if (r == 0)
		r = emit_find_targets(&e);
	if (r == 0)
		r = emit_place(&e);
	if (r == 0)
		r = emit_refs(&e);
	if (r == 0)
		r = emit_this_module(&e, &module);
	if (r == 0)
		r = emit_klp(&e, module, &patch);
	if (r == 0)
		r = emit_entry_points(&e, patch);
	if (r == 0)
		r = emit_versions(&e);
	if (r == 0)
		r = emit_modinfo(&e);
	if (r == 0)
		r = emit_build_id(&e);
	if (r == 0)
		r = elf_writer_finish(w, ret, err);
	for (size_t u = 0; e.places && u < in->n_units; u++)
		free(e.places[u]);
	free(e.places);
	for (size_t i = 0; i < e.n_imports; i++)
		free(e.imports[i].name);
	free(e.imports);
	free(e.sec_syms);
	emit_free_targets(&e);
	return r;
}
