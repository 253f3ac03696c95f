/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/names.h"

#include <string.h>

/*
 * Per-use statics: the stem of their name, and the heads of the sections that the macro puts them
 * in, separated by spaces. Kernels 3.10 to 6.12: linux/{kernel,printk,bug,once_lite,ratelimit,
 * dynamic_debug,lockdep,netlink,tracepoint}.h, gcc's and clang's switch tables.
 *
 * Not here: ___done and ___once_key of linux/once.h. What they guard must happen once (a secret
 * of a hash table is drawn), so the patched function must go on with those of the original.
 */
static const struct fresh {
	const char *stem;
	const char *sections;
} fresh_table[] = {
	{ "__func__", ".rodata" },
	{ "__FUNCTION__", ".rodata" },
	{ "__PRETTY_FUNCTION__", ".rodata" },
	{ "CSWTCH", ".rodata" },
	{ "switch.table", ".rodata" },
	{ "__msg", ".rodata" },
	{ "__warned", ".data.unlikely .data..unlikely .data.once .data..once" },
	{ "__already_done", ".data.once .data..once .data.unlikely .data..unlikely" },
	{ "__print_once", ".data.once .data..once .data..read_mostly" },
	/* Nothing but its address is used; empty without lockdep. */
	{ "__key", ".bss" },
	{ "_rs", ".data" },
	{ "descriptor", "__dyndbg __verbose" },
	{ "_entry", ".rodata .data.rel.ro .data.ro" },
	{ "_entry_ptr", ".printk_index" },
	{ "___tp_str", "__tracepoint_str" },
	{ "trace_printk_fmt", "__trace_printk_fmt" },
};

static const char *const unique_prefixes[] = { "__UNIQUE_ID_", "__addressable_", "__BTF_ID__" };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t skip_digits(const char *name, size_t i)
{
	while (is_digit(name[i]))
		i++;
	return i;
}

/* Where ".llvm.<hash>" begins, else where the name ends. */
static size_t len_without_hash(const char *name)
{
	const char *p = strstr(name, ".llvm.");

	if (p && is_digit(p[6]) && name[skip_digits(name, (size_t)(p - name) + 6)] == '\0')
		return (size_t)(p - name);
	return strlen(name);
}

static bool begins_unique(const char *name)
{
	/* Asked of every symbol, mostly in vain. */
	if (name[0] != '_' || name[1] != '_')
		return false;
	for (size_t i = 0; i < sizeof(unique_prefixes) / sizeof(unique_prefixes[0]); i++)
		if (strncmp(name, unique_prefixes[i], strlen(unique_prefixes[i])) == 0)
			return true;
	return false;
}

bool name_is_made_unique(const char *name)
{
	size_t base = name_base_len(name);

	/* clang: "f.__UNIQUE_ID_x1" */
	return begins_unique(name) || (name[base] == '.' && begins_unique(name + base + 1));
}

size_t name_plain_len(const char *name)
{
	size_t len = len_without_hash(name);

	for (size_t i = 0; i + 1 < len; i++)
		if (name[i] == '.' && is_digit(name[i + 1]))
			len = i;
	/* The macro's counter: "__UNIQUE_ID_ddebug276.5", "__BTF_ID__func__f__7". */
	while (len && is_digit(name[len - 1]) && name_is_made_unique(name))
		len--;
	return len;
}

bool name_is_numbered(const char *name)
{
	size_t len = len_without_hash(name);

	for (size_t i = 1; i + 1 < len; i++)
		if (name[i] == '.' && is_digit(name[i + 1]))
			return true;
	return false;
}

size_t name_base_len(const char *name)
{
	/* A first dot belongs to the name: ".str". */
	return name[0] ? 1 + strcspn(name + 1, ".") : 0;
}

void name_stem(const char *name, char ret[NAME_STEM_MAX])
{
	size_t len = len_without_hash(name), out = 0, plain = name_plain_len(name);

	/* Every ".<digits>" becomes ".": "a.isra.0.constprop.1" has two. */
	for (size_t i = 0; i < len && out < NAME_STEM_MAX - 1; i++) {
		if (i == plain)
			i = skip_digits(name, i);
		if (i >= len)
			break;
		ret[out++] = name[i];
		if (name[i] == '.')
			i = skip_digits(name, i + 1) - 1;
	}
	ret[out] = '\0';
}

/* Does the section begin with one of @heads? "name" or "name.more", for -fdata-sections adds. */
static bool in_sections(const char *section, const char *heads)
{
	while (*heads) {
		size_t len = strcspn(heads, " ");

		if (strncmp(section, heads, len) == 0 &&
		    (section[len] == '\0' || section[len] == '.'))
			return true;
		heads += len;
		heads += *heads == ' ';
	}
	return false;
}

/*
 * "__warned.3" of gcc, "f.__warned" and "f.__warned.3" of clang, "switch.table.f" of clang. A
 * variable of file scope has no dot at all: an author called it so.
 */
static bool is_static_called(const char *name, size_t plain, size_t base, const char *stem)
{
	size_t len = strlen(stem);

	if (strncmp(name, stem, len) == 0 &&
	    (name[len] == '.' && (len == plain || strchr(stem, '.'))))
		return true;
	return base < plain && plain - base - 1 == len && memcmp(name + base + 1, stem, len) == 0;
}

bool name_is_fresh(const char *name, const char *section)
{
	size_t plain, base = name_base_len(name);

	/* Where state may be kept, a unique name is a variable like another. */
	if (name_is_made_unique(name))
		return !in_sections(section, ".data .bss");
	if (name[base] == '\0')
		return false;
	plain = name_plain_len(name);
	for (size_t i = 0; i < sizeof(fresh_table) / sizeof(fresh_table[0]); i++)
		if (is_static_called(name, plain, base, fresh_table[i].stem))
			return in_sections(section, fresh_table[i].sections);
	return false;
}
