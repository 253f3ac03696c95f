/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * climb: from a changed function that ftrace cannot redirect up to functions that it can.
 *
 * Sound only where every way into the function is known: it is local, it is called or jumped to
 * and never kept as an address, and each caller still runs and can be replaced or climbed over
 * itself. All callers then lead to the copy that the module carries; the old one is never entered
 * again.
 */
#include "build/diff.h"

#include <stdlib.h>
#include <string.h>

struct climber {
	const struct model *orig, *patched;
	const struct pairing *pairing;
	struct verdicts *verdicts;
	struct climb *climb;
	uint32_t *first;    /* n_atoms + 1: where the refs to each atom begin in @incoming */
	uint32_t *incoming; /* indices of refs, grouped by the atom that they lead to */
	atom_id *todo;
	uint32_t n;
	bool boot_is_over;
};

static bool lies_in(const struct climber *c, atom_id id, const char *const *prefixes, size_t n)
{
	const char *section = atom_section(c->patched, id);

	for (size_t i = 0; i < n; i++)
		if (strncmp(section, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static bool runs_at_boot(const struct climber *c, atom_id id)
{
	static const char *const boot[] = { ".init.", ".exit." };

	return lies_in(c, id, boot, sizeof(boot) / sizeof(boot[0]));
}

/* Nobody can say when these run. */
static bool may_be_freed(const struct climber *c, atom_id id)
{
	static const char *const freed[] = { ".ref.", ".meminit.", ".memexit." };

	return runs_at_boot(c, id) || lies_in(c, id, freed, sizeof(freed) / sizeof(freed[0]));
}

static bool is_replaceable(const struct climber *c, atom_id id)
{
	return atom_has_fentry(c->orig, c->pairing->to_orig[id]);
}

/* A counting sort of all refs by their target. */
static int index_incoming(struct climber *c, struct oak_error *err)
{
	const struct model *m = c->patched;

	c->first = calloc((size_t)m->n_atoms + 2, sizeof(*c->first));
	c->incoming = calloc((size_t)m->n_refs + 1, sizeof(*c->incoming));
	c->todo = calloc(m->n_atoms, sizeof(*c->todo));
	if (!c->first || !c->incoming || !c->todo)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (uint32_t i = 0; i < m->n_refs; i++)
		c->first[m->refs[i].to + 2]++;
	for (atom_id i = 2; i <= m->n_atoms + 1; i++)
		c->first[i] += c->first[i - 1];
	for (uint32_t i = 0; i < m->n_refs; i++)
		c->incoming[c->first[m->refs[i].to + 1]++] = i;
	return 0;
}

static void block(struct climber *c, atom_id id, atom_id by, const char *why)
{
	if (c->climb->blocked[id])
		return;
	c->climb->blocked[id] = why;
	c->climb->blocker[id] = by;
}

/* The function that a piece of code belongs to; 0: not code, or nobody's. */
static atom_id function_of(const struct model *m, atom_id id)
{
	if (m->atoms[id].kind == ATOM_CODE)
		return id;
	return m->atoms[id].kind == ATOM_PART ? m->atoms[id].owner : 0;
}

static void climb_to(struct climber *c, atom_id caller, atom_id callee)
{
	if (c->verdicts->of[caller] != VERDICT_SAME)
		return; /* changed, new or climbed to: in the module already */
	if (c->boot_is_over && runs_at_boot(c, caller))
		return;
	c->verdicts->of[caller] = VERDICT_CALLER;
	c->climb->callee[caller] = callee;
	c->todo[c->n++] = caller;
}

static void follow_ref(struct climber *c, atom_id id, const struct ref *ref)
{
	const struct atom *from = &c->patched->atoms[ref->from];
	atom_id caller = function_of(c->patched, ref->from);

	if (caller == id || from->owner == id)
		return; /* its own entries, parts and loops */
	if (ref->use == USE_CALL || ref->use == USE_JUMP) {
		if (caller)
			climb_to(c, caller, id);
		else
			block(c, id, ref->from, "is called from code without an owner");
	} else if (ref->addend == 0) {
		/* Elsewhere than at its entry it is a label: an entry of its switch table. */
		block(c, id, ref->from, "has its address kept in");
	}
}

static void climb_over(struct climber *c, atom_id id)
{
	const struct model *m = c->patched;
	uint32_t i = c->first[id], end = c->first[id + 1];

	if (atom_is_global(m, id) || atom_is_global(c->orig, c->pairing->to_orig[id])) {
		block(c, id, id, "can be called from other files:");
		return;
	}
	if (i == end)
		block(c, id, id, "is called by nothing that is known:");
	for (; i < end; i++)
		follow_ref(c, id, &m->refs[c->incoming[i]]);
}

/* Is there a reason why this caller can be neither replaced nor climbed over? */
static bool is_dead_end(struct climber *c, atom_id id)
{
	if (may_be_freed(c, id)) {
		block(c, id, id, "is called by boot code:");
		return true;
	}
	if (c->pairing->doubtful[id])
		block(c, id, id, "is called by one of several functions of one name:");
	return c->pairing->doubtful[id];
}

static int climb_new(struct climb *ret, uint32_t n_atoms, struct oak_error *err)
{
	ret->callee = calloc(n_atoms, sizeof(*ret->callee));
	ret->blocker = calloc(n_atoms, sizeof(*ret->blocker));
	ret->blocked = calloc(n_atoms, sizeof(*ret->blocked));
	ret->replaced = calloc(n_atoms, sizeof(*ret->replaced));
	if (!ret->callee || !ret->blocker || !ret->blocked || !ret->replaced)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int pass_climb(const struct model *orig, const struct model *patched, const struct pairing *pairing,
	       struct verdicts *verdicts, bool boot_is_over, struct climb *ret,
	       struct oak_error *err)
{
	struct climber c = { .orig = orig,
			     .patched = patched,
			     .pairing = pairing,
			     .verdicts = verdicts,
			     .climb = ret,
			     .boot_is_over = boot_is_over };
	int r = climb_new(ret, patched->n_atoms, err);

	if (r == 0)
		r = index_incoming(&c, err);
	for (atom_id i = 1; r == 0 && i < patched->n_atoms; i++)
		if (patched->atoms[i].kind == ATOM_CODE && verdicts->of[i] == VERDICT_CHANGED)
			c.todo[c.n++] = i;
	while (r == 0 && c.n) {
		atom_id id = c.todo[--c.n];

		if (verdicts->of[id] == VERDICT_CALLER && is_dead_end(&c, id))
			continue;
		if (is_replaceable(&c, id))
			ret->replaced[id] = true;
		else
			climb_over(&c, id);
	}
	free(c.first);
	free(c.incoming);
	free(c.todo);
	return r;
}

/* Code that runs while tracing must not happen: entry, exceptions, and since 6.3 idle. */
static bool is_noinstr(const struct model *m, atom_id id)
{
	static const char *const sections[] = { ".noinstr.text", ".entry.text", ".cpuidle.text" };

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strncmp(atom_section(m, id), sections[i], strlen(sections[i])) == 0)
			return true;
	return false;
}

int climb_finding(const struct check_input *in, atom_id id, struct findings *f,
		  struct oak_error *err)
{
	const struct climb *climb = in->climb;
	const struct model *m = in->patched;
	atom_id by = climb->blocker[id], root = id;
	const char *name = atom_name(m, by);

	if (!climb->blocked[id])
		return 0;
	while (climb->callee[root])
		root = climb->callee[root];
	return finding_add(f, is_noinstr(m, root) ? RULE_NOINSTR : RULE_NO_FENTRY,
			   atom_name(m, root), NULL, err,
			   "%s; nor can its callers be replaced: %s %s %s (section %s)",
			   is_noinstr(m, root)
				   ? "the function runs where tracing is forbidden (noinstr), so "
				     "ftrace cannot redirect it"
				   : "the function does not call __fentry__, so ftrace cannot "
				     "redirect it",
			   atom_name(m, id), climb->blocked[id], name[0] ? name : "unnamed data",
			   atom_section(m, by));
}
