/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * person: who may do what. A role is a set of scopes (fleet/http/http.h), so that a person and a token are held
 * to the same rows of the same tables of routes.
 *
 *	viewer	  sees all but people, tokens, webhooks and the audit log
 *	operator  viewer, and changes hosts, enrols, makes and commands rollouts, stops
 *	approver  viewer, and approves other people's rollouts
 *	admin	  everything; but never approves what the same person made
 */
#ifndef OAK_FLEET_PEOPLE_PERSON_H
#define OAK_FLEET_PEOPLE_PERSON_H

#include <stdbool.h>
#include <stdint.h>

enum person_role {
	ROLE_VIEWER,
	ROLE_OPERATOR,
	ROLE_APPROVER,
	ROLE_ADMIN,
	ROLES
};

#define PERSON_NAME_MAX 64u
#define PERSON_CSRF_LEN 43u /* 256 random bits in base64url */

uint32_t role_scopes(enum person_role role);
const char *role_name(enum person_role role);
/* Return: false: no such role. */
bool role_parse(const char *name, enum person_role *ret);

#endif
