/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/oakum-steps.h"

void steps_print(const struct cli *cli, const struct steps *s)
{
	double total = steps_total_ms(s);

	printf("%sstep                    ms%s\n", cli_color(cli, CLI_DIM),
	       cli_color(cli, CLI_RESET));
	for (size_t i = 0; i < s->n; i++)
		printf("%-16s %9.1f\n", s->v[i].name, s->v[i].ms);
	printf("%-16s %9.1f\n%-16s %9.1f  (without load, transition, unload)\n", "total", total,
	       "own", total - s->kernel_ms);
}
