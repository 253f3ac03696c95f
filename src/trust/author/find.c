/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the name that a person gives a level to the kernel and the number. */
#include <stdio.h>
#include <string.h>

#include "trust/author/names.h"
#include "trust/author/state.h"
#include "trust/fields.h"
#include "trust/levels.h"
#include "trust/target.h"

#define BUILD_ID_MIN 8

struct search {
	const char *kernel; /* the beginning of a build-id */
	size_t len;
	struct repo_level *ret;
	bool found, several;
};

/* "<beginning of a build-id>/<number>" */
static int split(const char *name, struct search *s, struct repo_level *ret, struct oak_error *err)
{
	const char *slash = strchr(name, '/');
	uint32_t n = 0;

	s->kernel = name;
	s->len = slash ? (size_t)(slash - name) : 0;
	for (const char *p = slash ? slash + 1 : "";
	     *p >= '0' && *p <= '9' && n < MANIFEST_LEVEL_MAX; p++) {
		n = 10 * n + (uint32_t)(*p - '0');
		if (!p[1]) {
			ret->level = n;
			break;
		}
	}
	if (s->len < BUILD_ID_MIN || s->len > 40 || strspn(name, "0123456789abcdef") < s->len ||
	    !ret->level || ret->level > MANIFEST_LEVEL_MAX)
		return oak_fail(
			err, OAK_E_USAGE,
			"'%.80s': a level is named BUILD-ID/NUMBER; of the build-id the first %d "
			"digits are enough",
			name, BUILD_ID_MIN);
	return 0;
}

/* "kernels/<arch>/<build-id>/levels.json" of a kernel that is meant. */
static void look_at(struct search *s, const char *path)
{
	char arch[33], build_id[41], again[MANIFEST_PATH_MAX];

	if (sscanf(path, "kernels/%32[^/]/%40[0-9a-f]/", arch, build_id) != 2)
		return;
	levels_path(arch, build_id, again);
	if (strcmp(again, path) != 0 || strncmp(build_id, s->kernel, s->len) != 0)
		return;
	s->several = s->several || s->found;
	s->found = true;
	(void)snprintf(s->ret->arch, sizeof(s->ret->arch), "%s", arch);
	(void)snprintf(s->ret->build_id, sizeof(s->ret->build_id), "%s", build_id);
}

static int look_in(struct repo *repo, const char *role, struct search *s, struct oak_error *err)
{
	struct tuf_target_iter it = { 0 };
	const struct metadata *m;
	struct tuf_target target;
	int r = author_latest(repo, role, &m, err);

	while (r == 0 && m && target_next(metadata_targets(m), &it, &target))
		look_at(s, target.path);
	return r;
}

/* Only roles whose patterns can match: a list of the kernel with the rest of the digits as 0. */
static int look_everywhere(struct repo *repo, struct search *s, struct oak_error *err)
{
	char build_id[41] = "0000000000000000000000000000000000000000", path[MANIFEST_PATH_MAX];
	const struct metadata *targets;
	struct delegation_iter it = { 0 };
	struct delegation d;
	int r = look_in(repo, "targets", s, err);

	if (r == 0)
		r = author_latest(repo, "targets", &targets, err);
	memcpy(build_id, s->kernel, s->len);
	levels_path("x", build_id, path);
	while (r == 0 && metadata_delegations(targets) &&
	       delegations_next(metadata_delegations(targets), path, &it, &d))
		r = look_in(repo, d.name, s, err);
	return r;
}

int repo_find_level(struct repo *repo, const char *name, struct repo_level *ret,
		    struct oak_error *err)
{
	struct search s = { .ret = ret };
	int r;

	*ret = (struct repo_level){ 0 };
	r = split(name, &s, ret, err);
	if (r == 0)
		r = look_everywhere(repo, &s, err);
	if (r < 0)
		return r;
	if (!s.found)
		return oak_fail(err, OAK_E_NOTFOUND,
				"%s: has no kernel whose build-id begins with %.*s", repo->opt->dir,
				(int)s.len, name);
	if (s.several)
		return oak_fail(err, OAK_E_REFUSED,
				"%s: several build-ids begin with %.*s; give more digits",
				repo->opt->dir, (int)s.len, name);
	return 0;
}
