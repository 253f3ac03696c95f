/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forwarded: whose request a proxy brings. Pure; fuzzed by tests/fuzz/fuzz-http-conditional.c. */
#ifndef OAK_FLEET_HTTP_FORWARDED_H
#define OAK_FLEET_HTTP_FORWARDED_H

#include <stdbool.h>

/**
 * forwarded_peer() - the client of a request
 * @proxies: addresses that are believed, with spaces between them; NULL: none
 * @peer:    who sent it; replaced where that is a proxy, by the last of @list that is not
 * @list:    X-Forwarded-For; NULL: none
 *
 * What stands left of an address that is not a proxy of ours was written by that client: anybody could.
 */
void forwarded_peer(const char *proxies, const char *list, char peer[48]);

/* Of this machine: "127.…", "::1". */
bool address_is_loopback(const char *address);

/* What limits go by: the address; of IPv6 the first 64 bits, which one machine may have all to itself. */
void address_network(const char *address, char ret[48]);

#endif
