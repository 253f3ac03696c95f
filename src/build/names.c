/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/names.h"

#include <string.h>

/*
 * Stems of statics that macros declare inside functions: per-use state whose only reader is the
 * very statement (linux/once.h, ratelimit.h, dynamic_debug.h, lockdep.h, gcc's switch tables).
 * Measured on the objects of Debian's 6.1; see shared facts, part 1.2.
 */
static const char *const fresh_stems[] = {
	"__func__.",   "__FUNCTION__.",   "__PRETTY_FUNCTION__.",
	"__warned.",   "__already_done.", "__key.",
	"_rs.",        "CSWTCH.",         "__print_once.",
	"___done.",    "___once_key.",    "_entry.",
	"_entry_ptr.", "__msg.",          "descriptor.",
	"_section.",
};

static const char *const fresh_prefixes[] = { "__UNIQUE_ID_", "__addressable_", "__BTF_ID__" };

static size_t digits_at_end(const char *name, size_t len)
{
	size_t n = 0;

	while (n < len && name[len - n - 1] >= '0' && name[len - n - 1] <= '9')
		n++;
	return n;
}

bool name_is_numbered(const char *name)
{
	size_t len = strlen(name), n = digits_at_end(name, len);

	return n && n < len && name[len - n - 1] == '.';
}

void name_stem(const char *name, char ret[NAME_STEM_MAX])
{
	size_t len = strnlen(name, NAME_STEM_MAX - 1), out = 0;

	/* Every ".<digits>" becomes ".": "a.isra.0.constprop.1" has two. */
	for (size_t i = 0; i < len; i++) {
		ret[out++] = name[i];
		if (name[i] != '.')
			continue;
		while (i + 1 < len && name[i + 1] >= '0' && name[i + 1] <= '9')
			i++;
	}
	ret[out] = '\0';
}

bool name_is_fresh(const char *name)
{
	char stem[NAME_STEM_MAX];

	for (size_t i = 0; i < sizeof(fresh_prefixes) / sizeof(fresh_prefixes[0]); i++)
		if (strncmp(name, fresh_prefixes[i], strlen(fresh_prefixes[i])) == 0)
			return true;
	if (!name_is_numbered(name))
		return false;
	name_stem(name, stem);
	for (size_t i = 0; i < sizeof(fresh_stems) / sizeof(fresh_stems[0]); i++)
		if (strcmp(stem, fresh_stems[i]) == 0)
			return true;
	return false;
}
