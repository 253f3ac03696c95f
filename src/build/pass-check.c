/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check: all refusals at once. Each rule looks at one atom or one ref and adds at most one
 * finding; docs/refusals.md explains each.
 */
#include "build/diff.h"

#include <elf.h>
#include <string.h>

struct checker {
	const struct check_input *in;
	struct findings *f;
	struct oak_error *err;
};

static bool has_prefix(const char *s, const char *const *prefixes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(s, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static bool is_init(const char *section)
{
	static const char *const prefixes[] = { ".init.", ".exit.", ".ref.", ".meminit.",
						".memexit." };

	return has_prefix(section, prefixes, sizeof(prefixes) / sizeof(prefixes[0]));
}

/* Sections whose content a module may bring along; the rest is found and read by the kernel's
 * build or its boot code and would be silently ignored in a live patch. */
static bool may_be_carried(const char *section)
{
	static const char *const prefixes[] = {
		".text",
		".rodata",
		".data.rel",
		".data.ro",
		".data..read_mostly",
		".data..ro_after_init",
		".data.once",
		".data..once",
		".data.unlikely",
		".data..unlikely",
		"__dyndbg",
		".altinstr_",
		".fixup",
		".noinstr.text",
		".sched.text",
		".cpuidle.text",
		".spinlock.text",
	};

	if (strcmp(section, ".data") == 0 || strcmp(section, ".bss") == 0 ||
	    strncmp(section, ".bss.", 5) == 0)
		return true;
	/* ".data.name" is one variable; ".data..name" is a section with a meaning. */
	if (strncmp(section, ".data.", 6) == 0 && section[6] != '.')
		return true;
	return has_prefix(section, prefixes, sizeof(prefixes) / sizeof(prefixes[0]));
}

static int add(struct checker *c, enum rule_id rule, atom_id id, const char *advice, const char *why)
{
	const char *name = atom_name(c->in->patched, id);

	return finding_add(c->f, rule, name[0] ? name : atom_section(c->in->patched, id), advice,
			   c->err, "%s (section %s)", why, atom_section(c->in->patched, id));
}

static int check_changed_code(struct checker *c, atom_id id)
{
	const struct check_input *in = c->in;

	if (in->verdicts->of[id] == VERDICT_CALLER)
		return climb_finding(in, id, c->f, c->err);
	if (is_init(atom_section(in->patched, id)))
		return add(c, RULE_INIT_CODE, id, NULL, "the function is freed after boot");
	if (in->pairing->doubtful[id])
		return add(c, RULE_AMBIGUOUS_TWIN, id,
			   "make the change in a way that leaves the other specialisations alone",
			   "several functions share this name but for the compiler's number, so which "
			   "one is replaced cannot be told");
	return climb_finding(in, id, c->f, c->err);
}

static bool has_other_size(const struct check_input *in, atom_id id)
{
	return in->patched->atoms[id].size != in->orig->atoms[in->pairing->to_orig[id]].size;
}

/* By anything that the module carries. */
static bool is_used(const struct check_input *in, atom_id id)
{
	for (uint32_t i = 0; i < in->patched->n_refs; i++)
		if (in->patched->refs[i].to == id &&
		    in->closure->included[in->patched->refs[i].from])
			return true;
	return false;
}

static int check_data(struct checker *c, atom_id id, enum verdict verdict)
{
	const char *section = atom_section(c->in->patched, id);

	if (strstr(section, "__ksymtab") || strcmp(section, ".export_symbol") == 0)
		return 0; /* never carried; pass_warn() tells of new ones */
	if (verdict == VERDICT_CHANGED && has_other_size(c->in, id) && is_used(c->in, id))
		return add(c, RULE_DATA_SIZE, id, NULL,
			   "the size of existing data changed and patched code uses it, which would "
			   "reach beyond what the running kernel has");
	if (verdict == VERDICT_CHANGED)
		return add(c, RULE_DATA_CHANGED, id, NULL,
			   "the content or size of existing data changed; the running kernel keeps "
			   "its own");
	if (verdict == VERDICT_NEW && !may_be_carried(section))
		return add(c, RULE_UNSUPPORTED_SECTION, id,
			   "do without this registration in a live patch",
			   "new data in a section that only the kernel's boot code reads");
	return 0;
}

static int check_ref(struct checker *c, const struct ref *ref)
{
	const struct check_input *in = c->in;

	if (arch_rel_is_got(ref->type))
		return add(c, RULE_GOT_RELOCATION, ref->from, NULL,
			   "code reads an address from a table that kernels do not make for modules");
	if (!ref->to && in->patched->obj->syms[ref->sym].sec)
		return add(c, RULE_UNSUPPORTED_SECTION, ref->from, NULL,
			   "patched code refers to data that is not part of the running kernel");
	if (link_of(in->patched, in->verdicts, ref) != LINK_KERNEL || !ref->to)
		return 0;
	if (is_init(atom_section(in->patched, ref->to)))
		return add(c, RULE_INIT_REFERENCE, ref->to, NULL,
			   "patched code refers to memory that is freed after boot");
	if (in->pairing->doubtful[ref->to])
		return add(c, RULE_AMBIGUOUS_TWIN, ref->to,
			   "keep the set of functions that use this variable as it was",
			   "several variables share this name but for the compiler's number, so which "
			   "one is meant cannot be told");
	return 0;
}

static int check_carried(struct checker *c, atom_id id)
{
	const struct model *p = c->in->patched;
	const struct atom *a = &p->atoms[id];
	const char *section = atom_section(p, id);
	int r = 0;

	if (c->in->verdicts->of[id] == VERDICT_NEW && c->in->pairing->doubtful[id])
		r = add(c, RULE_AMBIGUOUS_TWIN, id,
			"keep the set of functions that use it as it was, or give it another name",
			"it looks new, but may be one of several originals of the same name");
	else if (p->obj->secs[a->sec].grouped)
		r = add(c, RULE_COMDAT, id, NULL, "the code or data lies in a COMDAT group");
	else if (a->kind == ATOM_MISC && atom_is_writable(p, id))
		r = add(c, RULE_UNNAMED_DATA, id, NULL,
			"patched code refers to writable data that has no name");
	else if (a->kind != ATOM_ENTRY && is_init(section))
		r = add(c, RULE_INIT_CODE, id, "do not add boot-time code in a live patch",
			"the new code or data would be freed after boot");
	else if (a->kind != ATOM_ENTRY && !may_be_carried(section))
		r = add(c, RULE_UNSUPPORTED_SECTION, id, NULL, "a module cannot carry this section");
	for (uint32_t i = 0; r == 0 && i < a->n_refs; i++)
		r = check_ref(c, &p->refs[a->first_ref + i]);
	return r;
}

static int check_atom(struct checker *c, atom_id id)
{
	enum verdict verdict = c->in->verdicts->of[id];
	enum atom_kind kind = c->in->patched->atoms[id].kind;

	if (kind == ATOM_CODE && (verdict == VERDICT_CHANGED || verdict == VERDICT_CALLER)) {
		size_t before = c->f->n;
		int r = check_changed_code(c, id);

		/* One good reason a function is enough. */
		if (r < 0 || c->f->n != before)
			return r;
	}
	if (kind == ATOM_DATA) {
		size_t before = c->f->n;
		int r = check_data(c, id, verdict);

		if (r < 0 || c->f->n != before)
			return r;
	}
	return c->in->closure->included[id] ? check_carried(c, id) : 0;
}

/* Several refs to one symbol say the same thing once. */
static void drop_repeated(struct findings *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		bool seen = false;

		for (size_t k = 0; k < n && !seen; k++)
			seen = f->v[k].rule == f->v[i].rule &&
			       strcmp(f->v[k].symbol, f->v[i].symbol) == 0;
		if (!seen)
			f->v[n++] = f->v[i];
	}
	f->n = n;
}

int pass_check(const struct check_input *in, struct findings *ret, struct oak_error *err)
{
	struct checker c = { in, ret, err };
	int boot;

	for (atom_id i = 1; i < in->patched->n_atoms; i++) {
		int r = check_atom(&c, i);

		if (r < 0)
			return r;
	}
	boot = boot_check(in, ret, err);
	drop_repeated(ret);
	return boot;
}
