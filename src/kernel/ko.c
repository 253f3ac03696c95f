/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/ko.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "elf/object.h"

#define SECTIONS_MAX (1u << 20) /* 1 << 53 in addresses */
#define SYMBOLS_MAX  (1u << 22)
#define UNDEFINED    ((uint64_t)1 << 56) /* address of the undefined symbol 0 */

struct ko {
	struct obj *obj;
	const char *name;
	uint32_t *by_name; /* ids of named symbols, by name and then id */
	uint32_t n_named;
	uint64_t *sites; /* __mcount_loc, rising */
	uint32_t n_sites;
};

static uint64_t section_base(sec_id sec)
{
	return ((uint64_t)sec + 1) * KO_SPACE;
}

static sec_id section_of(const struct ko *ko, uint64_t addr)
{
	uint64_t n = addr / KO_SPACE;

	return n > 1 && n - 1 < ko->obj->n_secs ? (sec_id)(n - 1) : 0;
}

uint64_t ko_offset(uint64_t addr)
{
	return addr % KO_SPACE;
}

static uint64_t symbol_addr(const struct ko *ko, sym_id id)
{
	const struct obj_sym *s = &ko->obj->syms[id];

	if (s->sec)
		return section_base(s->sec) + s->value;
	return s->shndx == SHN_UNDEF ? UNDEFINED + id * KO_SPACE : 0;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int compare_named(const void *pa, const void *pb, void *arg)
{
	const struct obj *o = arg;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	int r = strcmp(o->syms[a].name, o->syms[b].name);

	return r ? r : (a > b) - (a < b);
}

/* Section symbols have no name of their own, so the kernel never finds them. */
static bool is_named(const struct obj_sym *s)
{
	return s->type != STT_SECTION && s->name[0];
}

static int index_names(struct ko *ko, struct oak_error *err)
{
	struct obj *o = ko->obj;

	ko->by_name = calloc(o->n_syms + 1u, sizeof(*ko->by_name));
	if (!ko->by_name)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (sym_id i = 1; i < o->n_syms; i++)
		if (is_named(&o->syms[i]))
			ko->by_name[ko->n_named++] = i;
	qsort_r(ko->by_name, ko->n_named, sizeof(*ko->by_name), compare_named, o);
	return 0;
}

static sec_id find_section(const struct obj *o, const char *name)
{
	for (sec_id i = 1; i < o->n_secs; i++)
		if (strcmp(o->secs[i].name, name) == 0)
			return i;
	return 0;
}

static int read_sites(struct ko *ko, struct oak_error *err)
{
	const struct obj *o = ko->obj;
	sec_id sec = find_section(o, "__mcount_loc");
	const struct obj_sec *s = &o->secs[sec];

	if (!sec)
		return 0; /* a kernel without ftrace, or a module of data */
	ko->sites = calloc(s->n_rels + 1u, sizeof(*ko->sites));
	if (!ko->sites)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (uint32_t i = 0; i < s->n_rels; i++) {
		const struct obj_rel *rel = &o->rels[s->first_rel + i];
		uint64_t to = symbol_addr(ko, rel->sym);

		if (to)
			ko->sites[ko->n_sites++] = to + (uint64_t)rel->addend;
	}
	qsort(ko->sites, ko->n_sites, sizeof(*ko->sites), compare_u64);
	return 0;
}

const char *ko_modinfo(const struct ko *ko, const char *key)
{
	const struct obj_sec *s = &ko->obj->secs[find_section(ko->obj, ".modinfo")];
	size_t len = strlen(key);

	for (uint64_t at = 0; s->data && at < s->size;) {
		const char *p = (const char *)s->data + at;
		size_t left = s->size - at, n = strnlen(p, left);

		/* The last text must end in the section, for it is handed out as a string. */
		if (n < left && n > len && strncmp(p, key, len) == 0 && p[len] == '=')
			return p + len + 1;
		at += n + 1;
	}
	return NULL;
}

void ko_build_id(const struct ko *ko, char ret[KO_BUILD_ID_HEX])
{
	static const uint8_t head[] = { 4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0 };
	const struct obj_sec *s = &ko->obj->secs[find_section(ko->obj, ".note.gnu.build-id")];
	const size_t bytes = (KO_BUILD_ID_HEX - 1) / 2;

	ret[0] = '\0';
	if (s->data && s->size >= sizeof(head) + bytes && memcmp(s->data, head, sizeof(head)) == 0)
		hex_encode(s->data + sizeof(head), bytes, ret);
}

static int read_all(struct ko *ko, const char *what, struct oak_error *err)
{
	const struct obj *o = ko->obj;
	int r;

	if (o->n_secs > SECTIONS_MAX || o->n_syms > SYMBOLS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: too many sections or symbols", what);
	for (sec_id i = 1; i < o->n_secs; i++)
		if (o->secs[i].size > OBJECT_MAX_BYTES)
			return oak_fail(err, OAK_E_TOOLARGE,
					"%s: a section is larger than %u bytes", what,
					OBJECT_MAX_BYTES);
	ko->name = ko_modinfo(ko, "name");
	if (!ko->name || !ko->name[0])
		return oak_fail(err, OAK_E_FORMAT,
				"%s: not a kernel module: it does not say its name", what);
	r = index_names(ko, err);
	return r < 0 ? r : read_sites(ko, err);
}

int ko_parse(const void *data, size_t len, const char *what, struct ko **ret, struct oak_error *err)
{
	_cleanup_(ko_freep) struct ko *ko = calloc(1, sizeof(*ko));
	int r;

	if (!ko)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = object_read(data, len, what, &ko->obj, err);
	if (r == 0)
		r = read_all(ko, what, err);
	if (r < 0)
		return r;
	*ret = take_ptr(ko);
	return 0;
}

int ko_open(const char *path, struct ko **ret, struct oak_error *err)
{
	_cleanup_(mapping_close) struct mapping map = { 0 };
	int r = mapping_open(AT_FDCWD, path, &map, err);

	return r < 0 ? r : ko_parse(map.data, map.len, path, ret, err);
}

void ko_free(struct ko *ko)
{
	if (!ko)
		return;
	object_free(ko->obj);
	free(ko->by_name);
	free(ko->sites);
	free(ko);
}

const char *ko_name(const struct ko *ko)
{
	return ko->name;
}

size_t ko_n_syms(const struct ko *ko)
{
	return ko->obj->n_syms;
}

struct ko_sym ko_sym(const struct ko *ko, uint32_t id)
{
	const struct obj_sym *s = &ko->obj->syms[id];

	return (struct ko_sym){
		.name = s->name,
		.addr = symbol_addr(ko, id),
		.size = s->size,
		.defined = s->shndx != SHN_UNDEF,
		.global = s->bind != STB_LOCAL,
	};
}

size_t ko_find(const struct ko *ko, const char *name, const uint32_t **ret_ids)
{
	uint32_t lo = 0, hi = ko->n_named;
	size_t n = 0;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (strcmp(ko->obj->syms[ko->by_name[mid]].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo + n < ko->n_named && strcmp(ko->obj->syms[ko->by_name[lo + n]].name, name) == 0)
		n++;
	if (n)
		*ret_ids = &ko->by_name[lo];
	return n;
}

/* Does the kernel drop the symbol when the module has started? See is_core_symbol(). */
static bool is_transient(const struct ko *ko, const struct obj_sym *s)
{
	const struct obj_sec *sec = &ko->obj->secs[s->sec];

	return !s->sec || !(sec->flags & SHF_ALLOC) || strncmp(sec->name, ".init", 5) == 0 ||
	       strcmp(sec->name, ".modinfo") == 0 || strcmp(sec->name, "__versions") == 0;
}

int ko_sympos(const struct ko *ko, const char *name, uint64_t addr)
{
	const uint32_t *ids = NULL;
	size_t n = ko_find(ko, name, &ids);
	int all = 0, stay = 0, found = -1;

	for (size_t i = 0; i < n; i++) {
		const struct obj_sym *s = &ko->obj->syms[ids[i]];

		if (s->shndx == SHN_UNDEF)
			continue;
		all++;
		if (is_transient(ko, s))
			continue;
		stay++;
		if (found < 0 && symbol_addr(ko, ids[i]) == addr && all == stay)
			found = all;
	}
	return found == 1 && all == 1 ? 0 : found;
}

const uint8_t *ko_bytes(const struct ko *ko, uint64_t addr, size_t len)
{
	const struct obj_sec *s = &ko->obj->secs[section_of(ko, addr)];
	uint64_t off = ko_offset(addr);

	if (!s->data || off > s->size || len > s->size - off)
		return NULL;
	return s->data + off;
}

const char *ko_section_at(const struct ko *ko, uint64_t addr)
{
	sec_id sec = section_of(ko, addr);

	return sec && ko_offset(addr) <= ko->obj->secs[sec].size ? ko->obj->secs[sec].name : NULL;
}

bool ko_relocation_in(const struct ko *ko, uint64_t addr, uint64_t len, struct ko_rel *ret)
{
	const struct obj_sec *s = &ko->obj->secs[section_of(ko, addr)];
	const struct obj_rel *rels = ko->obj->rels + s->first_rel;
	uint64_t off = ko_offset(addr), to;
	uint32_t lo = 0, hi = s->n_rels;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (rels[mid].off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == s->n_rels || rels[lo].off - off >= len)
		return false;
	to = symbol_addr(ko, rels[lo].sym);
	*ret = (struct ko_rel){ .at = addr + (rels[lo].off - off),
				.type = rels[lo].type,
				.target = to ? to + (uint64_t)rels[lo].addend : 0 };
	return true;
}

uint64_t ko_ftrace_site_in(const struct ko *ko, uint64_t addr, uint64_t len)
{
	uint32_t lo = 0, hi = ko->n_sites;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ko->sites[mid] < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < ko->n_sites && ko->sites[lo] - addr < len ? ko->sites[lo] : 0;
}

/* The exporter's table names its entries: "__ksymtab_" and the symbol. */
bool ko_exports(const struct ko *ko, const char *name)
{
	static const char prefix[] = "__ksymtab_";
	_cleanup_(freep) char *entry = malloc(sizeof(prefix) + strlen(name));
	const uint32_t *ids = NULL;

	if (!entry)
		return false;
	memcpy(entry, prefix, sizeof(prefix) - 1);
	memcpy(entry + sizeof(prefix) - 1, name, strlen(name) + 1);
	for (size_t n = ko_find(ko, entry, &ids); n; n--)
		if (ko->obj->syms[ids[n - 1]].sec)
			return true;
	return false;
}
