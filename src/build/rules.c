/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/rules.h"

#include <string.h>

/*
 * What may be accepted leaves something out, or concerns what others do with memory and symbols.
 * Where the module itself would be wrong, or the kernel would not load it, nothing helps.
 */
static const struct rule rules[RULES] = {
	[RULE_NOT_COMPILED] = { "not-compiled",
				"the kernel does not contain this code: nothing needs to be patched",
				"the file is left out" },
	[RULE_HEADER] = { "header", "keep what it uses of the header as it is" },
	[RULE_LIBRARY] = { "library", "patch the callers of the function" },
	[RULE_ASSEMBLY] = { "assembly", "patch the C code around it" },
	[RULE_VDSO] = { "vdso", "no live patch can help here" },
	[RULE_EARLY_BOOT] = { "early-boot", "no live patch can help here",
			      "the file is left out; what it did at boot stays done" },
	[RULE_BUILD_SYSTEM] = { "build-system", "leave build files out of the fix",
				"the file is left out; objects are built as before" },
	[RULE_NO_OBJTOOL] = { "no-objtool", "no live patch can help here" },
	[RULE_NO_FENTRY] = { "no-fentry", "change its callers instead" },
	[RULE_NOINSTR] = { "noinstr", "change the code that is called where tracing is on again" },
	[RULE_INIT_CODE] = { "init-code",
			     "correct its effects in code that still runs, and leave the function "
			     "out (OAKUM_IGNORE_FUNCTION)" },
	[RULE_INIT_REFERENCE] = { "init-reference", "do not use boot-time code or data" },
	[RULE_BOOT_ONLY_GLOBAL] = { "boot-only-global",
				    "give it its value in a pre_patch callback, or where it is "
				    "first used, and accept this",
				    "the variable keeps the value that its definition gives it" },
	[RULE_DATA_CHANGED] = { "data-changed",
				"leave the variable as it is and change the code that reads it",
				"the running kernel keeps its own content" },
	[RULE_DATA_SIZE] = { "data-size",
			     "leave the variable's size as it is and keep new state elsewhere" },
	[RULE_TYPE_LAYOUT] = { "type-layout",
			       "keep the type as it is, and hold new state in a shadow variable",
			       "patched code uses the running kernel's memory by the new layout" },
	[RULE_EXPORT_CRC] = { "export-crc",
			      "keep prototype and types as they are, and give the new behaviour to a "
			      "new function",
			      "modules built against the old definition call the patched function" },
	[RULE_NEW_EXPORT] = { "new-export", "use it in files of the fix only", .warning = true },
	[RULE_UNSUPPORTED_SECTION] = { "unsupported-section", "do without it in a live patch" },
	[RULE_GOT_RELOCATION] = { "got-relocation", "declare the symbol it uses as hidden" },
	[RULE_UNNAMED_DATA] = { "unnamed-data", "give the data a name of its own" },
	[RULE_COMDAT] = { "comdat", "avoid the construct that makes the compiler emit it" },
	[RULE_AMBIGUOUS_TWIN] = { "ambiguous-twin",
				  "keep the set of functions that use it as it was" },
	[RULE_UNPROVEN] = { "unproven",
			    "look at 'oakum-build prove'; use the compiler and source of the "
			    "distribution" },
	[RULE_WEAK_LOSER] = { "weak-loser", "change the definition that the kernel uses" },
	[RULE_MODULE_STATIC_KEY] = { "module-static-key",
				     "test the key with static_key_enabled(), which reads it each "
				     "time" },
	[RULE_LATE_RELOCATION] = { "late-relocation", "do without it in a live patch" },
	[RULE_UNKNOWN_SYMBOL] = { "unknown-symbol",
				  "use another function, or carry a copy of it in the fix" },
	[RULE_AMBIGUOUS_SYMBOL] = { "ambiguous-symbol",
				    "refer to it from a function that already did" },
	[RULE_CALLBACKS] = { "callbacks", "keep one and call the other from it" },
	[RULE_IGNORED] = { "ignored", "take the record out, or name it as the refusal names it" },
	[RULE_NEVER_LEAVES] = { "never-leaves",
				"change a function that it calls and returns from instead",
				.warning = true },
	[RULE_KEPT_ADDRESS] = { "kept-address",
				"see that nothing holds it when the level goes (a pre_unpatch "
				"callback can wait for it), or never revert the level",
				.warning = true },
};

const struct rule *rule_of(enum rule_id id)
{
	return &rules[id];
}

const struct rule *rule_find(const char *name, size_t len)
{
	for (size_t i = 0; i < RULES; i++)
		if (strlen(rules[i].id) == len && strncmp(rules[i].id, name, len) == 0)
			return &rules[i];
	return NULL;
}
