/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform: the programs that containers stand on, and in which versions their flaws are fixed. */
#ifndef OAK_AUDIT_PLATFORM_H
#define OAK_AUDIT_PLATFORM_H

/* Names of all programs that are looked for; ends with NULL. */
extern const char *const platform_programs[];

#endif
