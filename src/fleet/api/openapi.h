/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * openapi: the description of the API, made of the table of routes and docs/api/schemas.json, so that it
 * says what the program does. docs/api/openapi.json is a copy that a test compares.
 *
 * Source: OpenAPI 3.1.0, https://spec.openapis.org/oas/v3.1.0.
 */
#ifndef OAK_FLEET_API_OPENAPI_H
#define OAK_FLEET_API_OPENAPI_H

#include <jansson.h>

#include "fleet/http/route.h"

int openapi_document(const struct route *routes, json_t **ret, struct oak_error *err) _must_check_;

#endif
