/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of rules and the document about them say the same. */
#include "test.h"

#include <fcntl.h>

#include "base/file.h"
#include "build/rules.h"

/* "| `rule`, `other` | ... | yes: ... |" */
static void read_row(char *line, bool documented[RULES])
{
	char *cell_end = strchr(line + 1, '|'), *last = strrchr(line, '|');
	bool yes;

	EXPECT(cell_end && last > cell_end);
	*last = '\0';
	last = strrchr(line, '|');
	EXPECT(last > cell_end);
	yes = strncmp(last, "| yes", strlen("| yes")) == 0;
	*cell_end = '\0';
	for (char *p = strchr(line, '`'), *end; p; p = strchr(end + 1, '`')) {
		end = strchr(p + 1, '`');
		EXPECT(end != NULL);
		*end = '\0';
		test_case = p + 1;
		for (size_t i = 0; i < RULES; i++) {
			const struct rule *rule = rule_of((enum rule_id)i);

			if (strcmp(rule->id, p + 1) != 0)
				continue;
			EXPECT(!documented[i]);
			documented[i] = true;
			EXPECT(yes == (rule->risk != NULL));
			EXPECT(rule->warning == (strncmp(last, "| warning", 9) == 0));
		}
		EXPECT(rule_find(p + 1, strlen(p + 1)) != NULL);
	}
}

TEST(rules_are_those_of_the_document)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	bool documented[RULES] = { false };
	struct oak_error err;
	char *save = NULL;

	EXPECT(file_read(AT_FDCWD, "docs/refusals.md", 1u << 20, &text, &err) == 0);
	for (char *line = strtok_r((char *)text.data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "| `", 3) == 0)
			read_row(line, documented);
	for (size_t i = 0; i < RULES; i++) {
		test_case = rule_of((enum rule_id)i)->id;
		EXPECT(documented[i]);
	}
}

TEST(rules_are_complete_and_found_by_name)
{
	for (size_t i = 0; i < RULES; i++) {
		const struct rule *rule = rule_of((enum rule_id)i);

		EXPECT(rule->id && rule->id[0]);
		test_case = rule->id;
		EXPECT(rule->advice && rule->advice[0]);
		EXPECT(!rule->warning || !rule->risk);
		EXPECT(strlen(rule->id) == strspn(rule->id, "abcdefghijklmnopqrstuvwxyz-"));
		EXPECT(rule_find(rule->id, strlen(rule->id)) == rule);
		EXPECT(rule_find(rule->id, strlen(rule->id) - 1) == NULL);
	}
	EXPECT(rule_find("", 0) == NULL);
}
