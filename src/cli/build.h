/* SPDX-License-Identifier: GPL-2.0-or-later */
/* build: what the verbs of oakum-build share when they print. */
#ifndef OAK_CLI_BUILD_H
#define OAK_CLI_BUILD_H

#include "build/make.h"
#include "cli/cli.h"

/* [{"rule","symbol","why","advice"}], with "reason" of what is accepted */
json_t *build_findings_json(const struct findings *f);

/* Names of the functions (and variables) with one verdict. */
json_t *build_atoms_json(const struct make_object *o, enum verdict v);

/* {"object","functions","identical","differs":[{"name","status","at","why","cause"}]} */
json_t *build_proof_json(const struct make_object *o);

void build_print_findings(const struct cli *cli, const struct findings *f);
void build_print_accepted(const struct cli *cli, const struct findings *f);
void build_print_warnings(const struct cli *cli, const struct findings *f);

/* The error about an --accept that matches nothing, if there is one. */
int build_check_accepts(const struct make_result *res, struct oak_error *err);
void build_print_proof(const struct cli *cli, const struct make_object *o);

#endif
