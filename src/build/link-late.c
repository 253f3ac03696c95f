/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link-late: where a field may not be resolved late.
 *
 * The loader applies alternatives, paravirt and return thunks, sorts exception tables and registers
 * static keys and calls before the level's first function runs. A field that is filled in later, in
 * an instruction that was replaced by then, would write an address into the middle of another
 * instruction; a table that was read by then was read with zeros in it.
 *
 * Source: arch/x86/kernel/module.c (module_finalize), kernel/jump_label.c (jump_label_add_module),
 * kernel/static_call_inline.c (static_call_add_module), all before klp_module_coming().
 */
#include "build/link.h"

#include <stdlib.h>
#include <string.h>

#define JMP8         0xeb
#define NOP2         0x66 /* 66 90 */
#define BRANCH_BYTES 5 /* call and jmp with a 32-bit field; the longest of static calls and keys */

/* How many bytes of code an entry's instruction takes; the entry's first ref names its start. */
static const struct site_rule {
	const char *section;
	uint8_t len;      /* 0: a byte of the entry says it, */
	uint8_t len_at;   /* counted from the entry's start, */
	uint8_t from_end; /* or from its end */
} site_rules[] = {
	/* {s32 instr, repl; u16 or u32 feature; u8 instrlen, repllen}: 12 or 14 bytes; with a
	 * padlen at the end 13 (before 5.14) */
	{ ".altinstructions", .from_end = 2 },
	/* {u64 instr; u8 type, len; padding} */
	{ ".parainstructions", .len_at = 9 },
	{ "__jump_table", .len = BRANCH_BYTES },
	{ ".static_call_sites", .len = BRANCH_BYTES },
	{ ".retpoline_sites", .len = BRANCH_BYTES },
	{ ".return_sites", .len = BRANCH_BYTES },
	{ ".call_sites", .len = BRANCH_BYTES },
};

/* How far the instruction reaches that the loader may rewrite because of @entry. */
static uint64_t site_len(const struct model *m, atom_id entry)
{
	const struct atom *a = &m->atoms[entry];
	const uint8_t *bytes = atom_bytes(m, entry);

	for (size_t i = 0; bytes && i < sizeof(site_rules) / sizeof(site_rules[0]); i++) {
		const struct site_rule *rule = &site_rules[i];
		uint64_t back = rule->from_end + (uint64_t)(a->size % 2);

		if (strcmp(rule->section, a->special->name) != 0)
			continue;
		if (rule->len)
			return rule->len;
		if (rule->len_at)
			return rule->len_at < a->size ? bytes[rule->len_at] : a->size;
		return back <= a->size ? bytes[a->size - back] : a->size;
	}
	return 0;
}

/* A static key's jump or nop may be of two bytes: then what follows it is not touched. */
static uint64_t rewritten_len(const struct model *m, atom_id entry, const struct ref *site)
{
	const struct atom *code = &m->atoms[site->to];
	const uint8_t *bytes = atom_bytes(m, site->to);
	uint64_t at = (uint64_t)site->addend;

	if (strcmp(m->atoms[entry].special->name, "__jump_table") == 0 && bytes &&
	    at < code->size && (bytes[at] == JMP8 || bytes[at] == NOP2))
		return 2;
	return site_len(m, entry);
}

/* The function whose special entries describe this piece of code. */
static atom_id root_of(const struct model *m, atom_id id)
{
	return m->atoms[id].kind == ATOM_PART && m->atoms[id].owner ? m->atoms[id].owner : id;
}

/* The ref that names the static key or call of an entry; NULL where it has none. */
static const struct ref *key_of(const struct model *m, atom_id entry)
{
	const struct atom *a = &m->atoms[entry];

	if (!a->special || !a->special->key_rel || a->special->key_rel >= a->n_refs)
		return NULL;
	return &m->refs[a->first_ref + a->special->key_rel];
}

/*
 * Entries that are better left out than refused:
 *
 *  - A static call's site only saves a jump. Without the entry the call goes through its
 *    trampoline, which each change of the call rewrites first (kernel/static_call_inline.c,
 *    __static_call_update).
 *  - Without a tracepoint's key its nop stays a nop: the tracepoint is quiet in the function that
 *    was replaced.
 */
static bool can_be_left_out(const struct atom *entry, const char *key)
{
	if (strcmp(entry->special->name, ".static_call_sites") == 0)
		return true;
	return strcmp(entry->special->name, "__jump_table") == 0 &&
	       strncmp(key, "__tracepoint_", strlen("__tracepoint_")) == 0;
}

int link_omits(const struct link_world *w, const struct unit *u, atom_id entry, bool *ret,
	       struct oak_error *err)
{
	const struct ref *key = key_of(u->patched, entry);
	struct findings ignored = { 0 };
	struct kernel_symbol s;
	int r;

	*ret = false;
	if (!key || !u->module || link_of(u->patched, &u->diff->verdicts, key) != LINK_KERNEL)
		return 0;
	r = link_resolve(w, u, key, &s, &ignored, err);
	free(ignored.v);
	if (r == 0)
		*ret = s.late && can_be_left_out(&u->patched->atoms[entry], s.name);
	return r < 0 ? r : 0;
}

/* Is the instruction that @entry describes the one with this field? */
static bool describes(const struct model *m, atom_id entry, const struct ref *field)
{
	const struct atom *e = &m->atoms[entry];
	const struct ref *site = &m->refs[e->first_ref];
	uint64_t at = (uint64_t)site->addend;

	if (e->kind != ATOM_ENTRY || !e->n_refs || site->to != field->from)
		return false;
	return field->off < at + rewritten_len(m, entry, site) &&
	       at < field->off + arch_rel_width(field->type);
}

/* The entry that lets the loader rewrite the instruction with this field; 0 for none. */
static int find_rewriter(const struct link_world *w, const struct unit *u, const struct ref *field,
			 atom_id *ret, struct oak_error *err)
{
	const struct model *m = u->patched;
	const struct atom *root = &m->atoms[root_of(m, field->from)];
	int r = 0;

	*ret = 0;
	for (uint32_t i = 0; r == 0 && !*ret && i < root->n_entries; i++) {
		atom_id entry = m->entries[root->first_entry + i];
		bool omitted;

		if (!describes(m, entry, field))
			continue;
		r = link_omits(w, u, entry, &omitted, err);
		if (r == 0 && !omitted)
			*ret = entry;
	}
	return r;
}

static int refuse_entry(const struct unit *u, const struct ref *ref, const struct kernel_symbol *s,
			struct findings *f, struct oak_error *err)
{
	const struct atom *a = &u->patched->atoms[ref->from];

	if (ref == key_of(u->patched, ref->from))
		return finding_add(f, RULE_MODULE_STATIC_KEY, s->name, NULL, err,
				   "%s uses a static key of module %s, whose address is not known yet "
				   "when the kernel reads the level's table of keys",
				   atom_name(u->patched, a->owner), s->object);
	return finding_add(
		f, RULE_LATE_RELOCATION, s->name, NULL, err,
		"section %s refers to a symbol of module %s, but the kernel reads it before "
		"that is resolved",
		atom_section(u->patched, ref->from), s->object);
}

int link_check_late(const struct link_world *w, const struct unit *u, const struct ref *ref,
		    const struct kernel_symbol *s, struct findings *f, struct oak_error *err)
{
	const struct model *m = u->patched;
	const char *section = atom_section(m, ref->from);
	atom_id entry;
	int r;

	if (m->atoms[ref->from].kind == ATOM_ENTRY || strcmp(section, "__dyndbg") == 0)
		return refuse_entry(u, ref, s, f, err);
	r = find_rewriter(w, u, ref, &entry, err);
	if (r < 0)
		return r;
	if (entry || strcmp(section, ".altinstr_replacement") == 0)
		return finding_add(
			f, RULE_LATE_RELOCATION, s->name,
			"move its use out of the alternative instruction", err,
			"%s refers to it, a symbol of module %s, in an instruction that the "
			"kernel rewrites (%s) before that is resolved",
			atom_name(m, root_of(m, ref->from)), s->object,
			entry ? atom_section(m, entry) : section);
	return 0;
}
