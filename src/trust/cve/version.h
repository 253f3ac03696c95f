/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * version: an upstream kernel version as one number that sorts: "6.1.78", "6.5-rc3", "2.6.32.70".
 *
 * From the top: 4 bits of zero, then five fields of 12 bits: the four numbers (absent ones are 0)
 * and the release candidate (a release has 4095, so that it comes after its candidates). Versions
 * of 2.6 are no exception: their third number is what others have as the second.
 *
 * Pure.
 */
#ifndef OAK_TRUST_CVE_VERSION_H
#define OAK_TRUST_CVE_VERSION_H

#include <stdint.h>

#include "base/error.h"

#define CVE_VERSION_MAX  UINT64_MAX /* greater than any version */
#define CVE_VERSION_TEXT 32         /* "4095.4095.4095.4095-rc4095" with the NUL */

/**
 * cve_version_parse() - the whole text is a version, of one to four numbers
 *
 * Return: the count of numbers, or -EINVAL.
 */
int cve_version_parse(const char *text, uint64_t *ret) _must_check_;

/**
 * cve_version_wild() - "6.1.*" or "*": where it begins, and the first version behind it
 *
 * Return: 0, or -EINVAL where the text is not of that form.
 */
int cve_version_wild(const char *text, uint64_t *ret_lo, uint64_t *ret_hi) _must_check_;

/*
 * The version in front of a release string: "6.1.176-1" and "6.18.44-fc" give three numbers,
 * "6.5.0-rc3+" and "6.5-rc3" the candidate. 0, or -EINVAL where there are less than two numbers.
 */
int cve_version_of_release(const char *release, uint64_t *ret) _must_check_;

/* Two numbers at least: "6.5", "6.1.78". 0 is "0", CVE_VERSION_MAX is "*". */
void cve_version_format(uint64_t version, char ret[CVE_VERSION_TEXT]);

/* Are both of one stable branch: 6.1.*, or 2.6.32.*? */
int cve_version_same_branch(uint64_t a, uint64_t b);

/* Is it a release candidate, and of which release? */
int cve_version_is_candidate(uint64_t version, uint64_t *ret_release);

#endif
