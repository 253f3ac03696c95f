/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build.h"

#include <string.h>

static json_t *finding_json(const struct finding *f)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:s}", "rule", f->rule->id, "symbol", f->symbol,
			      "why", f->why, "advice", f->advice);

	if (j && f->reason)
		(void)json_object_set_new(j, "reason", json_string(f->reason));
	return j;
}

json_t *build_findings_json(const struct findings *f)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < f->n; i++)
		(void)json_array_append_new(list, finding_json(&f->v[i]));
	return list;
}

json_t *build_atoms_json(const struct make_object *o, enum verdict v)
{
	json_t *list = json_array();

	for (atom_id i = 1; list && i < o->patched->n_atoms; i++)
		if (o->diff.verdicts.of && o->diff.verdicts.of[i] == v)
			(void)json_array_append_new(list, json_string(atom_name(o->patched, i)));
	return list;
}

static bool is_unproven(const struct make_object *o, atom_id id)
{
	enum proof_status s = o->proof->atoms[id].status;

	return s != PROOF_NONE && s != PROOF_IDENTICAL;
}

json_t *build_proof_json(const struct make_object *o)
{
	const struct proof *p = o->proof;
	json_t *differs = json_array();

	for (atom_id i = 1; differs && i < o->orig->n_atoms; i++)
		if (is_unproven(o, i))
			(void)json_array_append_new(
				differs, json_pack("{s:s, s:s, s:I, s:s, s:s}", "name",
						   atom_name(o->orig, i), "status",
						   proof_status_name(p->atoms[i].status), "at",
						   (json_int_t)p->atoms[i].differs_at, "why",
						   p->atoms[i].differs_why, "cause",
						   proof_likely_cause(o->orig, p, i)));
	return json_pack("{s:s, s:i, s:i, s:o}", "object", o->command.object, "functions",
			 (int)p->n_functions, "identical", (int)p->n_identical, "differs", differs);
}

static void print_finding(const struct cli *cli, enum cli_color color, const char *word,
			  const struct finding *f)
{
	printf("%s%s%s %s: %s: %s\n        %s: %s\n", cli_color(cli, color), word,
	       cli_color(cli, CLI_RESET), f->rule->id, f->symbol, f->why,
	       f->reason ? "reason" : "advice", f->reason ? f->reason : f->advice);
}

void build_print_findings(const struct cli *cli, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		print_finding(cli, CLI_RED, "refused", &f->v[i]);
}

void build_print_accepted(const struct cli *cli, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		print_finding(cli, CLI_YELLOW, "accepted", &f->v[i]);
}

void build_print_warnings(const struct cli *cli, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		print_finding(cli, CLI_YELLOW, "warning", &f->v[i]);
}

int build_check_accepts(const struct make_result *res, struct oak_error *err)
{
	return res->stale_accept ? oak_fail(err, OAK_E_USAGE,
					    "--accept %s: the fix has no such refusal; take it out",
					    res->stale_accept)
				 : 0;
}

void build_print_proof(const struct cli *cli, const struct make_object *o)
{
	const struct proof *p = o->proof;

	printf("%s: %s%u of %u functions identical%s\n", o->command.object,
	       cli_color(cli, p->n_identical == p->n_functions ? CLI_GREEN : CLI_YELLOW),
	       p->n_identical, p->n_functions, cli_color(cli, CLI_RESET));
	for (atom_id i = 1; i < o->orig->n_atoms; i++) {
		const struct proof_atom *a = &p->atoms[i];

		if (!is_unproven(o, i))
			continue;
		printf("  %s: %s", atom_name(o->orig, i), proof_status_name(a->status));
		if (a->differs_why[0])
			printf(" at +0x%lx (%s)", (unsigned long)a->differs_at, a->differs_why);
		printf(": %s\n", proof_likely_cause(o->orig, p, i));
	}
}
