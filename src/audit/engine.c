/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/engine.h"

#include <stdio.h>

#include "audit/inside.h"

bool engine_no_docker(struct audit *a, const struct audit_check *c)
{
	const struct docker *d = &a->ctx.docker;

	if (!d->present) {
		audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_INAPPLICABLE),
			  "/usr/bin/dockerd", "docker is not on this host");
		return true;
	}
	if (d->state == DOCKER_SETTINGS_BAD) {
		audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_UNKNOWN), d->settings_path,
			  "cannot be read, or is not JSON");
		return true;
	}
	return false;
}

bool engine_unit(int root, const char *name, char *ret, size_t size)
{
	static const char *const folders[] = {
		"/etc/systemd/system",     "/run/systemd/system", "/usr/local/lib/systemd/system",
		"/usr/lib/systemd/system", "/lib/systemd/system",
	};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		struct stat st;

		(void)snprintf(ret, size, "%s/%s", folders[i], name);
		if (inside_stat(root, ret, &st) == 0)
			return true;
	}
	return false;
}

struct finding *engine_docker_find(struct audit *a, const struct audit_check *c,
				   enum audit_verdict v, enum docker_option o,
				   const struct docker_value *value)
{
	struct finding *f = audit_find(a, c, ENGINE_DOCKER, v);

	audit_sawf(a, f, value->file, "%s=%s%s", docker_option_name(o), value->value,
		   value->is_default ? " (default)" : "");
	return f;
}
