/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/shipped.h"

#include <elf.h>

struct shipped_ops {
	size_t (*find)(const void *of, const char *name, const uint32_t **ret_ids);
	uint64_t (*addr)(const void *of, uint32_t id);
	const uint8_t *(*bytes)(const void *of, uint64_t addr, size_t len);
	bool (*target)(const void *of, const struct ref *ref, uint64_t field, uint64_t *ret);
	bool (*is_plain)(const void *of, uint64_t addr, uint64_t len);
	uint64_t (*ftrace_site_in)(const void *of, uint64_t addr, uint64_t len);
	const char *(*section_at)(const void *of, uint64_t addr);
	int (*sympos)(const void *of, const char *name, uint64_t addr);
};

/* The value of a field whose relocation the linker or the assembler has resolved. */
static bool resolved_target(const uint8_t *p, const struct ref *ref, uint64_t field, uint64_t *ret)
{
	unsigned width = arch_rel_width(ref->type);
	uint64_t v = 0;

	if (!p)
		return false;
	for (unsigned i = 0; i < width; i++)
		v |= (uint64_t)p[i] << (8 * i);
	if (width == 4 && ref->type != R_X86_64_32 && (v & 0x80000000u))
		v |= 0xffffffff00000000u;
	if (arch_rel_is_pcrel(ref->type))
		v += field + ref->bias;
	*ret = v - (uint64_t)ref->addend;
	return true;
}

static size_t image_find(const void *of, const char *name, const uint32_t **ret_ids)
{
	return kimage_find(of, name, ret_ids);
}

static uint64_t image_addr(const void *of, uint32_t id)
{
	return kimage_sym(of, id).addr;
}

static const uint8_t *image_bytes(const void *of, uint64_t addr, size_t len)
{
	return kimage_bytes(of, addr, len);
}

static bool image_target(const void *of, const struct ref *ref, uint64_t field, uint64_t *ret)
{
	return resolved_target(kimage_bytes(of, field, arch_rel_width(ref->type)), ref, field, ret);
}

/* A linked image has no relocations left: all of its bytes say what they mean. */
static bool image_is_plain(const void *of, uint64_t addr, uint64_t len)
{
	(void)of;
	(void)addr;
	(void)len;
	return true;
}

static uint64_t image_ftrace_site_in(const void *of, uint64_t addr, uint64_t len)
{
	return kimage_ftrace_site_in(of, addr, len);
}

static const char *image_section_at(const void *of, uint64_t addr)
{
	return kimage_section_at(of, addr);
}

static int image_sympos(const void *of, const char *name, uint64_t addr)
{
	const uint32_t *ids = NULL;
	size_t n = kimage_find(of, name, &ids);

	for (size_t i = 0; i < n; i++)
		if (kimage_sym(of, ids[i]).addr == addr)
			return n == 1 ? 0 : (int)i + 1;
	return -1;
}

static const struct shipped_ops image_ops = {
	image_find,     image_addr,           image_bytes,      image_target,
	image_is_plain, image_ftrace_site_in, image_section_at, image_sympos,
};

static size_t module_find(const void *of, const char *name, const uint32_t **ret_ids)
{
	return ko_find(of, name, ret_ids);
}

static uint64_t module_addr(const void *of, uint32_t id)
{
	return ko_sym(of, id).addr;
}

static const uint8_t *module_bytes(const void *of, uint64_t addr, size_t len)
{
	return ko_bytes(of, addr, len);
}

static bool module_target(const void *of, const struct ref *ref, uint64_t field, uint64_t *ret)
{
	unsigned width = arch_rel_width(ref->type);
	bool pcrel = arch_rel_is_pcrel(ref->type);
	struct ko_rel rel;

	if (!ko_relocation_in(of, field, width, &rel)) {
		/* Calls within .text need no relocation, for their distance never changes. */
		return pcrel && resolved_target(ko_bytes(of, field, width), ref, field, ret);
	}
	if (rel.at != field || !rel.target || arch_rel_width(rel.type) != width ||
	    arch_rel_is_pcrel(rel.type) != pcrel)
		return false;
	/* Both say symbol + addend, ours with the distance to the instruction's end taken out. */
	*ret = rel.target + ref->bias - (uint64_t)ref->addend;
	return true;
}

static bool module_is_plain(const void *of, uint64_t addr, uint64_t len)
{
	struct ko_rel rel;

	return !ko_relocation_in(of, addr, len, &rel);
}

static uint64_t module_ftrace_site_in(const void *of, uint64_t addr, uint64_t len)
{
	return ko_ftrace_site_in(of, addr, len);
}

static const char *module_section_at(const void *of, uint64_t addr)
{
	return ko_section_at(of, addr);
}

static int module_sympos(const void *of, const char *name, uint64_t addr)
{
	return ko_sympos(of, name, addr);
}

static const struct shipped_ops module_ops = {
	module_find,     module_addr,           module_bytes,      module_target,
	module_is_plain, module_ftrace_site_in, module_section_at, module_sympos,
};

struct shipped shipped_image(const struct kimage *img)
{
	return (struct shipped){ .ops = &image_ops, .of = img };
}

struct shipped shipped_module(const struct ko *ko)
{
	return (struct shipped){ .ops = &module_ops, .of = ko };
}

size_t shipped_find(const struct shipped *s, const char *name, const uint32_t **ret_ids)
{
	return s->ops->find(s->of, name, ret_ids);
}

uint64_t shipped_addr(const struct shipped *s, uint32_t id)
{
	return s->ops->addr(s->of, id);
}

bool shipped_name_is_at(const struct shipped *s, const char *name, uint64_t addr, bool *ret_known)
{
	const uint32_t *ids = NULL;
	size_t n = shipped_find(s, name, &ids);

	*ret_known = n > 0;
	for (size_t i = 0; i < n; i++)
		if (shipped_addr(s, ids[i]) == addr)
			return true;
	return false;
}

const uint8_t *shipped_bytes(const struct shipped *s, uint64_t addr, uint64_t len)
{
	return s->ops->bytes(s->of, addr, len);
}

bool shipped_target(const struct shipped *s, const struct ref *ref, uint64_t field, uint64_t *ret)
{
	return s->ops->target(s->of, ref, field, ret);
}

bool shipped_is_plain(const struct shipped *s, uint64_t addr, uint64_t len)
{
	return s->ops->is_plain(s->of, addr, len);
}

uint64_t shipped_ftrace_site_in(const struct shipped *s, uint64_t addr, uint64_t len)
{
	return s->ops->ftrace_site_in(s->of, addr, len);
}

const char *shipped_section_at(const struct shipped *s, uint64_t addr)
{
	return s->ops->section_at(s->of, addr);
}

int shipped_sympos(const struct shipped *s, const char *name, uint64_t addr)
{
	return s->ops->sympos(s->of, name, addr);
}
