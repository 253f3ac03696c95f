/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * address: where a webhook may go. An address of this machine or of its link (there clouds keep their
 * metadata, with credentials) would make the server a way into what only it can reach. So the address is
 * looked at that the socket connects to, after the name was resolved.
 *
 * Source: RFC 6890 (special addresses), RFC 6052 and RFC 3056 (IPv4 within IPv6).
 */
#ifndef OAK_FLEET_HOOKS_ADDRESS_H
#define OAK_FLEET_HOOKS_ADDRESS_H

#include <stdbool.h>

#include <sys/socket.h>

#include "base/error.h"

/*
 * Pure. "https://host[:port]/path", without a user, a password or a fragment; "http://" only to a
 * loopback address. @ret_loopback: the host is written as a loopback address: somebody means it.
 * Errors: OAK_E_FORMAT. Fuzzed by tests/fuzz/fuzz-webhook-url.c.
 */
int hook_url_check(const char *url, bool *ret_loopback, struct oak_error *err) _must_check_;

/* Why no webhook goes there; NULL: it may. Pure. */
const char *hook_address_refused(const struct sockaddr *address, bool loopback);

#endif
