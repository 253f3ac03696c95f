/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scopes: their bits (enum http_scope) and their words. */
#ifndef OAK_FLEET_API_SCOPES_H
#define OAK_FLEET_API_SCOPES_H

#include <jansson.h>
#include <stdint.h>

/* ["read", ...]; NULL: out of memory. */
json_t *api_scope_names(uint32_t bits);
/* 0: there is no such scope. */
uint32_t api_scope_bit(const char *name);

#endif
