/* SPDX-License-Identifier: GPL-2.0-or-later */
/* access-priv: between the files of access. */
#ifndef OAK_HOST_ACCESS_ACCESS_PRIV_H
#define OAK_HOST_ACCESS_ACCESS_PRIV_H

#include "host/access/access.h"
#include "host/security/survey.h"

struct access_bound {
	char module[MODULE_NAME_MAX];
	enum fact bound;
};

struct access_text_key { /* a profile that was parsed, by its bytes */
	uint8_t *text;
	size_t len;
};

struct access_map {
	int root;
	const struct built *built;
	struct access_host host;
	struct module_policy policy;
	struct access_text_key *keys; /* of host.profiles */
	struct access_ability *abilities;
	size_t n_abilities;
	struct access_actor *actors;
	size_t n_actors;
	struct access_bound *bound;
	size_t n_bound, cap_bound;
	uint8_t *cells; /* row, bound, ability: 0 not asked, else 1 + answer * 3 + sure */
	struct access *scratch;
};

/* Settings, devices and servers of the host. 0 or an error. */
int access_read_host(struct access_map *m, struct oak_error *err) _must_check_;

/* Nodes that anybody may open, mounts that everybody sees. */
void ability_of_user(const struct access_map *m, struct access_ability *ret);
int ability_of_container(struct access_map *m, const struct surveyed *v, struct access_ability *ret)
	_must_check_;

/* Is a device bound to a driver of this module? */
enum fact access_is_bound(struct access_map *m, const char *module);

#endif
