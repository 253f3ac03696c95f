/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/model-build.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

static const char *const not_modelled[] = { ".discard", ".note", ".comment", ".modinfo", ".llvm" };

bool sec_is_modelled(const struct obj_sec *s)
{
	if (!(s->flags & SHF_ALLOC))
		return false;
	for (size_t i = 0; i < sizeof(not_modelled) / sizeof(not_modelled[0]); i++)
		if (strncmp(s->name, not_modelled[i], strlen(not_modelled[i])) == 0)
			return false;
	return s->type == SHT_PROGBITS || s->type == SHT_NOBITS || s->type == SHT_INIT_ARRAY ||
	       s->type == SHT_FINI_ARRAY;
}

static int read_one(struct builder *b, const struct obj_sec *s, const struct obj_rel *rel,
		    struct rel_use use)
{
	const struct obj_sym *sym = &b->m->obj->syms[rel->sym];
	struct ref *ref = &b->m->refs[b->m->n_refs];
	struct target *t = &b->targets[b->m->n_refs];
	unsigned width = arch_rel_width(rel->type);
	int64_t addend;

	if (width == 0)
		return oak_fail(b->err, OAK_E_UNSUPPORTED,
				"section %s: relocation type %u at 0x%lx is not supported", s->name,
				rel->type, (unsigned long)rel->off);
	if (rel->off + width > s->size)
		return oak_fail(b->err, OAK_E_FORMAT,
				"section %s: a relocated field reaches beyond its end", s->name);
	/* In an object of 65,000 sections one has this number: then the symbol has a section. */
	if (!sym->sec && sym->shndx == SHN_COMMON)
		return oak_fail(b->err, OAK_E_UNSUPPORTED,
				"%s: common symbols are not supported (compile with -fno-common)",
				sym->name);
	if (__builtin_add_overflow(rel->addend, use.bias, &addend) ||
	    __builtin_add_overflow((int64_t)sym->value, addend, &t->off))
		return oak_fail(b->err, OAK_E_FORMAT, "section %s: a relocation overflows", s->name);
	*ref = (struct ref){ .off = rel->off,
			     .sym = rel->sym,
			     .type = rel->type,
			     .addend = addend,
			     .bias = use.bias,
			     .use = use.use };
	t->sec = sym->sec;
	/* A section symbol says only the sum: the byte itself decides which atom is meant. */
	t->base = sym->type == STT_SECTION ? arch_target_off(t->off) : (int64_t)sym->value;
	b->m->n_refs++;
	return 0;
}

static int read_section_refs(struct builder *b, const struct obj_sec *s)
{
	const struct obj_rel *rels = b->m->obj->rels + s->first_rel;
	struct rel_use *use = calloc(s->n_rels + 1u, sizeof(*use));
	int r = 0;

	if (!use)
		return oak_fail(b->err, OAK_E_NOMEM, "out of memory");
	if (sec_is_code(s) && s->data)
		(void)arch_classify(s->data, s->size, rels, s->n_rels, use);
	for (uint32_t i = 0; r == 0 && i < s->n_rels; i++)
		r = read_one(b, s, &rels[i], use[i]);
	free(use);
	return r;
}

int builder_read_refs(struct builder *b)
{
	const struct obj *o = b->m->obj;
	int r = 0;

	b->m->refs = calloc(o->n_rels + 1u, sizeof(*b->m->refs));
	b->targets = calloc(o->n_rels + 1u, sizeof(*b->targets));
	if (!b->m->refs || !b->targets)
		return oak_fail(b->err, OAK_E_NOMEM, "out of memory");
	for (sec_id i = 1; r == 0 && i < o->n_secs; i++)
		if (sec_is_modelled(&o->secs[i]))
			r = read_section_refs(b, &o->secs[i]);
	return r;
}
