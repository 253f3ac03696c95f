/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/flags.h"

#include <string.h>

static const char no_value[] = "";

/* The word after @word, or NULL. The last may lack its NUL: the text as a whole has one. */
static const char *next_word(const struct flag_words *argv, const char *word)
{
	const char *end = argv->text + argv->len;

	word += strlen(word) + 1;
	return word < end ? word : NULL;
}

/* Whether the word is the option; @ret_value: what follows "=", or NULL. */
static bool is_flag(const char *word, const struct flag *flag, const char **ret_value)
{
	size_t len = strlen(flag->name);

	*ret_value = NULL;
	if (word[0] != '-')
		return false;
	if (word[1] == '-') {
		if (strncmp(word + 2, flag->name, len) != 0 ||
		    (word[2 + len] && word[2 + len] != '='))
			return false;
		*ret_value = word[2 + len] ? word + 3 + len : NULL;
		return true;
	}
	if (!flag->letter || word[1] != flag->letter)
		return false;
	if (word[2] && !flag->is_switch)
		*ret_value = word + 2 + (word[2] == '=');
	else if (word[2] == '=')
		*ret_value = word + 3;
	return true;
}

const char *flag_value(const struct flag_words *argv, const struct flag *flag, size_t i)
{
	const char *word = argv->len ? next_word(argv, argv->text) : NULL;

	for (; word; word = next_word(argv, word)) {
		const char *value;

		if (strcmp(word, "--") == 0)
			return NULL;
		if (!is_flag(word, flag, &value))
			continue;
		if (!value && flag->is_switch) {
			value = "true";
		} else if (!value) {
			/* Whatever the next word looks like, it is the value. */
			value = next_word(argv, word);
			word = value ? value : word;
			value = value ? value : no_value;
		}
		if (i-- == 0)
			return value;
	}
	return NULL;
}

bool flag_is_true(const char *value, bool otherwise)
{
	static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True" };
	static const char *const no[] = { "0", "f", "F", "false", "FALSE", "False" };

	for (size_t i = 0; value && i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcmp(value, yes[i]) == 0)
			return true;
		if (strcmp(value, no[i]) == 0)
			return false;
	}
	return otherwise;
}
