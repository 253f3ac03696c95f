/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * passphrase: where a program gets passphrases and PINs from. The first that applies:
 *
 *	--passphrase-file FILE             its first line; "-" is standard input
 *	$CREDENTIALS_DIRECTORY/passphrase  the same, for a service of systemd (LoadCredential=)
 *	the terminal                       typed without echo
 *
 * A FILE that others can read is refused. From a file the same line answers every question; a wrong
 * one is not tried again.
 */
#ifndef OAK_CLI_PASSPHRASE_H
#define OAK_CLI_PASSPHRASE_H

#include "cli/cli.h"
#include "trust/passphrase.h"

/* The row of a verb's table of options. */
#define CLI_PASSPHRASE_OPTION                                                    \
	{                                                                        \
		.name = "passphrase-file", .arg = "FILE",                        \
		.help = "its first line is the passphrase or PIN; - reads stdin" \
	}

/* Zeroed but for @file; must outlive the source made of it. */
struct cli_passphrase {
	const char *file; /* value of the option, or NULL */
	struct buf line;  /* read once */
};

/* Errors of its ask(): OAK_E_REFUSED (nobody to ask; wrong; FILE open to others), OAK_E_IO ... */
struct passphrase_source cli_passphrase_source(struct cli_passphrase *p);

/* For a new key: typed twice on a terminal. @ret: empty; the caller wipes it, also on failure. */
int cli_passphrase_new(struct cli_passphrase *p, const char *what, struct buf *ret,
		       struct oak_error *err) _must_check_;

void cli_passphrase_wipe(struct cli_passphrase *p); /* also a guard */

#endif
