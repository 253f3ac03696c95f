/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Delegated roles: where their files come from (memory, the trust directory, the repository), with
 * all checks each time. The search among them is client-find.c.
 *
 * What is kept of a role proves nothing by itself: its delegator may have rotated keys since, and
 * another delegator may name other keys. Its signatures are counted again whenever it is used.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "trust/client-state.h"
#include "trust/safe-name.h"
#include "trust/signers.h"

#define ROLE_FILE_MAX (ROLE_NAME_MAX + 8)

/* A delegated role that is being loaded. */
struct wanted {
	char file[ROLE_FILE_MAX]; /* "<name>.json", as snapshot lists it and messages name it */
	struct metadata_link link;
	const struct signers *signers;
	const struct tuf_lookup *how;
};

static int name_wanted(const struct tuf_client *c, const char *name, struct wanted *w,
		       struct oak_error *err)
{
	const struct metadata *snapshot = c->trusted[TUF_SNAPSHOT];

	if (!snapshot || !c->trusted[TUF_TARGETS])
		return oak_fail(err, OAK_E_AGAIN,
				"nothing of the repository is loaded; refresh first");
	if (snprintf(w->file, sizeof(w->file), "%s.json", name) >= (int)sizeof(w->file))
		return oak_fail(err, OAK_E_FORMAT, "%.64s...: the role's name is too long", name);
	if (!metadata_find_link(snapshot, w->file, &w->link))
		return oak_fail(err, OAK_E_TRUST, "snapshot.json: does not list %s", w->file);
	return 0;
}

/* Everything but expiry, of bytes from anywhere. */
static int check_bytes(const struct tuf_client *c, const struct wanted *w, const struct buf *bytes,
		       struct metadata **ret, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	int r = metadata_link_check(&w->link, w->file, "snapshot.json", bytes->data, bytes->len,
				    err);

	if (r == 0)
		r = metadata_parse_as(TUF_TARGETS, c->keyids, bytes->data, bytes->len, w->file, &m,
				      err);
	if (r == 0)
		r = metadata_verify(m, w->signers, err);
	if (r == 0)
		r = client_check_version(m, &w->link, "snapshot.json", err);
	if (r < 0)
		return r;
	*ret = take_ptr(m);
	return 0;
}

/*
 * What is remembered of a role and signed by @signers. A role may be there more than once: where
 * snapshot.json gives no hashes, two delegators may each have seen another file.
 */
static const struct metadata *recall(const struct tuf_client *c, const char *name,
				     const struct signers *signers)
{
	for (size_t i = 0; i < c->n_delegated; i++)
		if (strcmp(c->delegated[i].name, name) == 0 &&
		    metadata_verify(c->delegated[i].m, signers, NULL) == 0)
			return c->delegated[i].m;
	return NULL;
}

/* Takes @m, also on failure. */
static int remember(struct tuf_client *c, const char *name, struct metadata *m,
		    struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *guard = m;
	struct delegated *more =
		reallocarray(c->delegated, c->n_delegated + 1, sizeof(*c->delegated));

	if (!more)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	c->delegated = more;
	more[c->n_delegated].name = strdup(name);
	if (!more[c->n_delegated].name)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	more[c->n_delegated++].m = take_ptr(guard);
	return 0;
}

static int read_stored(const struct tuf_client *c, const char *name, struct buf *ret,
		       struct oak_error *err)
{
	_cleanup_(buf_free) struct buf file = { 0 };

	if (c->dirfd < 0)
		return oak_fail(err, OAK_E_NOTFOUND, "%s.json: not stored", name);
	if (safe_file_name(name, ".json", &file) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_read(c->dirfd, buf_str(&file), TUF_TARGETS_BYTES_MAX, ret, err);
}

/*
 * Kept for later, no more: while a refresh of another process has the lock, which could just be
 * removing the role, nothing is stored.
 */
static int store(const struct tuf_client *c, const char *name, const struct buf *bytes,
		 struct oak_error *err)
{
	_cleanup_(buf_free) struct buf file = { 0 };
	int r;

	if (c->dirfd < 0 || flock(c->dirfd, LOCK_EX | LOCK_NB) < 0)
		return 0;
	if (safe_file_name(name, ".json", &file) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	else
		r = file_write(c->dirfd, buf_str(&file), bytes->data, bytes->len, CLIENT_FILE_MODE,
			       err);
	(void)flock(c->dirfd, LOCK_UN);
	return r < 0 ? oak_context(err, "cannot store what was verified") : 0;
}

/* Must not pass for "no role has the target": whoever withholds a file could hide a level so. */
static int fail_withheld(struct oak_error *err)
{
	if (err)
		err->code = OAK_E_AGAIN;
	(void)oak_context(err, "snapshot.json lists a file that the server does not have");
	return -OAK_E_AGAIN;
}

static int fetch_role(const struct tuf_client *c, const struct wanted *w, struct buf *ret,
		      struct oak_error *err)
{
	_cleanup_(buf_free) struct buf path = { 0 };
	size_t max = TUF_TARGETS_BYTES_MAX;
	int r = 0;

	if (metadata_consistent_snapshot(c->trusted[TUF_ROOT]))
		r = buf_printf(&path, "%llu.", (unsigned long long)w->link.version);
	if (r < 0 || safe_url_part(w->file, &path) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (w->link.length && w->link.length < max)
		max = (size_t)w->link.length;
	r = w->how->fetcher->fetch(w->how->fetcher->ctx, buf_str(&path), max, ret, err);
	if (r == 0)
		progress_step(w->how->progress, "fetched %s (%zu bytes)", buf_str(&path), ret->len);
	return r == -OAK_E_NOTFOUND ? fail_withheld(err) : r;
}

/* Is it the file that snapshot.json lists? A stored one may be of an earlier snapshot. */
static bool is_listed(const struct wanted *w, const struct buf *bytes)
{
	return metadata_link_check(&w->link, w->file, "snapshot.json", bytes->data, bytes->len,
				   NULL) == 0;
}

/* From the trust directory, else from the repository. */
static int load(struct tuf_client *c, const char *name, const struct wanted *w,
		const struct metadata **ret, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	_cleanup_(buf_free) struct buf bytes = { 0 };
	bool fetched = false;
	int r = read_stored(c, name, &bytes, err);

	if (!w->how->fetcher && (r == -OAK_E_NOTFOUND || (r == 0 && !is_listed(w, &bytes))))
		return oak_fail(err, OAK_E_AGAIN,
				"%s: the version that snapshot.json lists is not stored yet; "
				"refresh with the repository at hand",
				w->file);
	if (r == 0)
		r = check_bytes(c, w, &bytes, &m, err);
	if (r < 0 && w->how->fetcher) {
		fetched = true;
		bytes.len = 0;
		r = fetch_role(c, w, &bytes, err);
		if (r == 0)
			r = check_bytes(c, w, &bytes, &m, err);
	}
	if (r == 0 && w->how->now_s >= 0)
		r = metadata_check_fresh(m, w->how->now_s, err);
	if (r == 0 && fetched)
		r = store(c, name, &bytes, err);
	if (r < 0)
		return r;
	*ret = m;
	return remember(c, name, take_ptr(m), err);
}

int tuf_client_delegated(struct tuf_client *c, const char *name, const struct signers *signers,
			 const struct tuf_lookup *how, const struct metadata **ret,
			 struct oak_error *err)
{
	struct wanted w = { .signers = signers, .how = how };
	const struct metadata *m;
	int r = name_wanted(c, name, &w, err);

	if (r < 0)
		return r;
	/* What is remembered goes whenever the snapshot does, so it is of the present version. */
	m = recall(c, name, signers);
	if (!m)
		r = load(c, name, &w, &m, err);
	else if (how->now_s >= 0)
		r = metadata_check_fresh(m, how->now_s, err);
	if (r < 0)
		return r;
	*ret = m;
	return 0;
}

void client_forget_delegated(struct tuf_client *c)
{
	for (size_t i = 0; i < c->n_delegated; i++) {
		metadata_free(c->delegated[i].m);
		free(c->delegated[i].name);
	}
	free(c->delegated);
	c->delegated = NULL;
	c->n_delegated = 0;
}

static bool has_suffix(const char *text, const char *suffix)
{
	size_t n = strlen(text), len = strlen(suffix);

	return n > len && strcmp(text + n - len, suffix) == 0;
}

/* The file names, as stored, of all that the snapshot lists; NULL: out of memory. */
static json_t *listed_files(const struct tuf_client *c)
{
	_cleanup_(json_decrefp) json_t *names = json_object();
	json_t *meta = json_object_get(metadata_signed(c->trusted[TUF_SNAPSHOT]), "meta"), *link;
	const char *file;

	json_object_foreach(meta, file, link)
	{
		size_t len = strlen(file);
		_cleanup_(buf_free) struct buf stored = { 0 };
		_cleanup_(freep) char *name = NULL;

		if (!has_suffix(file, ".json"))
			continue;
		name = strndup(file, len - strlen(".json"));
		if (!name || safe_file_name(name, ".json", &stored) < 0 ||
		    json_object_set_new(names, buf_str(&stored), json_true()) < 0)
			return NULL;
	}
	return take_ptr(names);
}

static bool is_top_level_file(const char *file)
{
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		if (strcmp(tuf_role_file(role), file) == 0)
			return true;
	return false;
}

void client_remove_unlisted(const struct tuf_client *c)
{
	_cleanup_(json_decrefp) json_t *listed = listed_files(c);
	_cleanup_(closedirp) DIR *dir = NULL;
	struct dirent *e;
	int fd = c->dirfd < 0 ? -1 : openat(c->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return;
	}
	while (listed && (e = readdir(dir)))
		if (has_suffix(e->d_name, ".json.tmp") ||
		    (has_suffix(e->d_name, ".json") && !is_top_level_file(e->d_name) &&
		     !json_object_get(listed, e->d_name)))
			(void)unlinkat(c->dirfd, e->d_name, 0);
}
