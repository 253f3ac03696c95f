/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-build: the patch author's program. */
#include "cli/cli.h"
#include "cli/verbs-build.h"

static const struct verb *const verbs[] = {
	&verb_build_kernel_add, &verb_build_kernel_list, &verb_build_kernel_show,
	&verb_build_candidates, &verb_build_make,        &verb_build_prove,
	&verb_build_diff,       &verb_build_check,       &verb_build_explain,
	&verb_build_test,       &verb_build_rules,       NULL,
};

static const struct program program = {
	.name = "oakum-build",
	.about = "make a live patch of a source fix, proven against the shipped kernel",
	.verbs = verbs,
};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
