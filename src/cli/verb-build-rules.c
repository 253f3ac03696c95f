/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/verbs-build.h"

#include "base/json.h"
#include "build/rules.h"

static const char *kind_of(const struct rule *rule)
{
	return rule->warning ? "warning" : "refusal";
}

static int print_json(struct oak_error *err)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < RULES; i++) {
		const struct rule *rule = rule_of((enum rule_id)i);

		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s?, s:s}", "id",
							    rule->id, "kind", kind_of(rule),
							    "acceptable", rule->risk != NULL, "risk",
							    rule->risk, "advice", rule->advice));
	}
	return cli_print_json(json_pack("{s:o}", "rules", list), err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	(void)args;
	if (cli->json)
		return print_json(err);
	for (size_t i = 0; i < RULES; i++) {
		const struct rule *rule = rule_of((enum rule_id)i);

		printf("%s%-20s%s %s\n", cli_color(cli, rule->warning ? CLI_YELLOW : CLI_RED),
		       rule->id, cli_color(cli, CLI_RESET), kind_of(rule));
		printf("        advice: %s\n", rule->advice);
		if (rule->risk)
			printf("        may be accepted: %s\n", rule->risk);
	}
	return 0;
}

const struct verb verb_build_rules = {
	.name = "rules",
	.args = "",
	.help = "list the reasons for which 'make' refuses or warns",
	.more = "docs/refusals.md explains each.",
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
