/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "trust/author/publish.h"
#include "trust/author/repo-open.h"
#include "trust/author/state.h"

#define LOCK_POLL_MS 50u

static int take_lock(struct repo *repo, struct oak_error *err)
{
	const struct timespec pause = { .tv_nsec = LOCK_POLL_MS * 1000000L };

	repo->lockfd = openat(repo->dirfd, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (repo->lockfd < 0)
		return oak_fail_errno(err, errno, "%s/.lock", repo->opt->dir);
	for (unsigned waited = 0; flock(repo->lockfd, LOCK_EX | LOCK_NB) < 0;
	     waited += LOCK_POLL_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return oak_fail_errno(err, errno, "%s/.lock", repo->opt->dir);
		if (waited >= repo->opt->lock_wait_ms)
			return oak_fail(err, OAK_E_AGAIN,
					"%s: another publisher is at work; try again later",
					repo->opt->dir);
		if (waited == 0)
			progress_step(repo->opt->progress, "waiting for another publisher");
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

static int open_client(struct repo *repo, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf root = { 0 };
	int r = file_read(repo->dirfd, "1.root.json", TUF_ROOT_BYTES_MAX, &root, err);

	return r < 0 ? r : tuf_client_open_memory(root.data, root.len, &repo->client, err);
}

int author_reload(struct repo *repo, struct oak_error *err)
{
	/* At second 0 nothing has expired: the publisher renews what hosts would refuse. */
	const struct tuf_refresh how = { .now_s = 0 };
	int r = 0;

	if (!repo->client)
		r = open_client(repo, err);
	if (r == 0)
		r = tuf_client_refresh(repo->client, &repo->fetcher, &how, err);
	return r < 0 ? oak_context(err, "%s", repo->opt->dir) : 0;
}

/* A staged file that was published already is what a crash between two steps left. */
static int drop_published(struct repo *repo, struct oak_error *err)
{
	for (size_t i = repo->staged.n; i-- > 0;) {
		const struct staged_role *role = &repo->staged.roles[i];
		const struct metadata *now;
		int r = author_published(repo, role->name, &now, err);

		if (r < 0)
			return r;
		if (now && metadata_version(now) >= metadata_version(role->m))
			staged_drop(&repo->staged, role->name);
	}
	if (!repo->staged.n && unlinkat(repo->dirfd, AUTHOR_STAGED_FILE, 0) < 0)
		return oak_fail_errno(err, errno, "%s/%s", repo->opt->dir, AUTHOR_STAGED_FILE);
	return 0;
}

static int read_staged(struct repo *repo, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(repo->dirfd, AUTHOR_STAGED_FILE, STAGED_BYTES_MAX, &text, err);

	if (r == -OAK_E_NOTFOUND)
		return 0;
	if (r == 0)
		r = staged_parse(text.data, text.len, AUTHOR_STAGED_FILE, &repo->staged, err);
	if (r < 0)
		return oak_context(err, "%s", repo->opt->dir);
	return drop_published(repo, err);
}

int repo_open_dir(const struct repo_options *opt, struct repo **ret, struct oak_error *err)
{
	_cleanup_(repo_closep) struct repo *repo = calloc(1, sizeof(*repo));
	int r;

	if (!repo)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	repo->opt = opt;
	repo->lockfd = -1;
	repo->dirfd = open(opt->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (repo->dirfd < 0 && errno == ENOENT)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such directory", opt->dir);
	if (repo->dirfd < 0)
		return oak_fail_errno(err, errno, "%s", opt->dir);
	r = take_lock(repo, err);
	if (r == 0)
		r = fetcher_open(opt->dir, &repo->fetcher, err);
	if (r < 0)
		return r;
	*ret = take_ptr(repo);
	return 0;
}

int repo_open(const struct repo_options *opt, struct repo **ret, struct oak_error *err)
{
	_cleanup_(repo_closep) struct repo *repo = NULL;
	int r = repo_open_dir(opt, &repo, err);

	if (r == 0 && opt->keys)
		r = keystore_open(opt->keys, opt->ask, &repo->keys, err);
	if (r == 0)
		r = publish_finish(repo, err);
	if (r == 0 && file_exists(repo->dirfd, "1.root.json"))
		r = author_reload(repo, err);
	if (r == 0)
		r = read_staged(repo, err);
	if (r < 0)
		return r;
	if (!repo->client && !repo->staged.n)
		return oak_fail(err, OAK_E_NOTFOUND,
				"%s: not a repository (no 1.root.json); make one with: oakum-repo "
				"init",
				opt->dir);
	*ret = take_ptr(repo);
	return 0;
}

void repo_close(struct repo *repo)
{
	if (!repo)
		return;
	staged_free(&repo->staged);
	tuf_client_close(repo->client);
	fetcher_close(&repo->fetcher);
	keystore_close(repo->keys);
	closep(&repo->lockfd);
	closep(&repo->dirfd);
	free(repo);
}
