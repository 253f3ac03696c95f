/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crc: does a fix change what an exported symbol is to the modules that use it?
 *
 * genksyms, which made the shipped kernel's CRCs, gives two texts of a preprocessed source: the CRC
 * of each exported symbol, and the definitions that went into them ("symtypes"). A CRC also changes
 * where a source merely comes to see the members of a type, by one more #include; no module could
 * tell. So a changed CRC counts where a definition behind the symbol differs, and both were seen.
 *
 * Pure. Source: scripts/genksyms/genksyms.c. Fuzzed by tests/fuzz/fuzz-crc.c.
 */
#ifndef OAK_BUILD_CRC_H
#define OAK_BUILD_CRC_H

#include <stddef.h>

#include "base/error.h"
#include "build/diff.h"

/* What genksyms said of one source; borrowed. */
struct crc_text {
	const char *crcs; /* "#SYMVER NAME 0x..." or "__crc_NAME = 0x...;" a line, other lines too */
	const char *symtypes; /* "NAME definition ..." a line */
};

/**
 * crc_compare() - exported symbols of both sides that became others
 * @ret: appended to: rule "export-crc", one finding a symbol
 *
 * Errors: OAK_E_FORMAT (not what genksyms writes), OAK_E_NOMEM.
 */
int crc_compare(const struct crc_text *orig, const struct crc_text *patched, struct findings *ret,
		struct oak_error *err) _must_check_;

/**
 * crc_check_shipped() - is what we compute of the original what was shipped?
 * @symvers: text of Module.symvers
 * @ret:     the first symbol whose CRC is another, "" for none; a symbol that is not there is fine
 */
int crc_check_shipped(const char *crcs, const char *symvers, char ret[256], struct oak_error *err)
	_must_check_;

#endif
