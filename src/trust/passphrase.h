/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * passphrase: who knows the passphrases and PINs. The trust room asks; it touches no terminal and
 * no environment. cli/passphrase.h is the one for programs.
 */
#ifndef OAK_TRUST_PASSPHRASE_H
#define OAK_TRUST_PASSPHRASE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

struct passphrase_source {
	/**
	 * ask() - the passphrase or PIN of something
	 * @what:  "root.pem", "token oakum"
	 * @again: the last answer for it was wrong; a source with one answer alone refuses
	 * @ret:   empty; the asker wipes it, also after a failure
	 */
	int (*ask)(void *ctx, const char *what, bool again, struct buf *ret, struct oak_error *err);
	void *ctx;
};

#endif
