/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/author/publish.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "trust/author/names.h"

#define JOURNAL_FILE ".publish.json"

/*
 * The order of writing. Immutable files first, in no order that a reader could notice;
 * timestamp.json makes them current. A root comes last of all where what it vouches for is signed
 * by the old keys as well as by the new, so that there is no moment at which a reader fails. Where
 * the old keys are gone it comes first, and a reader between the two writes fails and tries again.
 */
enum stage {
	STAGE_ROOT_FIRST,
	STAGE_IMMUTABLE,
	STAGE_TIMESTAMP,
	STAGE_ROOT_LAST,
	STAGES
};

static bool signed_by_old_root(const struct staged *roles, const struct metadata *old)
{
	for (size_t i = 0; old && i < roles->n; i++) {
		enum tuf_role role = role_of_name(roles->roles[i].name);
		const struct metadata *m = roles->roles[i].m;

		if (strcmp(roles->roles[i].name, tuf_role_name(role)) == 0 &&
		    metadata_verify(m, metadata_signers(old, role), NULL) < 0)
			return false;
	}
	return true;
}

static enum stage stage_of(const char *name, bool root_last)
{
	switch (role_of_name(name)) {
	case TUF_ROOT:
		return root_last ? STAGE_ROOT_LAST : STAGE_ROOT_FIRST;
	case TUF_TIMESTAMP:
		return STAGE_TIMESTAMP;
	case TUF_SNAPSHOT:
	case TUF_TARGETS:
	case TUF_ROLES:
	default:
		return STAGE_IMMUTABLE;
	}
}

static int write_role(const struct repo *repo, const struct staged_role *role, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	char file[ROLE_FILE_MAX];
	int r = author_text(role->m, &bytes, err);

	if (r < 0)
		return r;
	role_published_file(role->name, metadata_version(role->m), file);
	r = author_write_file(repo, file, &bytes, err);
	if (r == 0)
		progress_step(repo->opt->progress, "published %s version %llu (%zu bytes)",
			      role->name, (unsigned long long)metadata_version(role->m), bytes.len);
	return r;
}

/* Puts the roles into the order of writing, in which the journal keeps them. */
static int sort(struct staged *roles, bool root_last, struct oak_error *err)
{
	struct staged_role *sorted = calloc(roles->n + 1, sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (enum stage stage = STAGE_ROOT_FIRST; stage < STAGES; stage++)
		for (size_t i = 0; i < roles->n; i++)
			if (stage_of(roles->roles[i].name, root_last) == stage)
				sorted[n++] = roles->roles[i];
	free(roles->roles);
	roles->roles = sorted;
	return 0;
}

static int write_all(const struct repo *repo, const struct staged *roles, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < roles->n; i++)
		r = write_role(repo, &roles->roles[i], err);
	return r;
}

static int remove_file(const struct repo *repo, const char *name, struct oak_error *err)
{
	if (unlinkat(repo->dirfd, name, 0) < 0 && errno != ENOENT)
		return oak_fail_errno(err, errno, "%s/%s", repo->opt->dir, name);
	return 0;
}

/* What is published is no longer staged. */
static int unstage(struct repo *repo, const struct staged *roles, struct oak_error *err)
{
	for (size_t i = 0; i < roles->n; i++)
		staged_drop(&repo->staged, roles->roles[i].name);
	return repo->staged.n ? author_save(repo, err) : remove_file(repo, AUTHOR_STAGED_FILE, err);
}

int publish_roles(struct repo *repo, struct staged *roles, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	const struct metadata *old;
	int r = author_published(repo, "root", &old, err);

	if (r == 0)
		r = sort(roles, old && signed_by_old_root(roles, old), err);
	if (r == 0)
		r = staged_text(roles, &text, err);
	if (r == 0)
		r = file_write(repo->dirfd, JOURNAL_FILE, text.data, text.len, AUTHOR_FILE_MODE,
			       err);
	if (r < 0)
		return r;
	r = write_all(repo, roles, err);
	if (r == 0)
		r = author_reload(repo, err);
	if (r == 0)
		r = unstage(repo, roles, err);
	return r < 0 ? r : remove_file(repo, JOURNAL_FILE, err);
}

int publish_finish(struct repo *repo, struct oak_error *err)
{
	_cleanup_(staged_free) struct staged roles = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	int r;

	if (!file_exists(repo->dirfd, JOURNAL_FILE))
		return 0;
	r = file_read(repo->dirfd, JOURNAL_FILE, STAGED_BYTES_MAX, &text, err);
	if (r == 0)
		r = staged_parse(text.data, text.len, JOURNAL_FILE, &roles, err);
	if (r < 0)
		return oak_context(err, "%s", repo->opt->dir);
	progress_step(repo->opt->progress, "ending a publishing that was interrupted");
	r = write_all(repo, &roles, err);
	return r < 0 ? r : remove_file(repo, JOURNAL_FILE, err);
}
