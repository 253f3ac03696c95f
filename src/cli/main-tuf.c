/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oakum-tuf: the bare TUF client, for checking ours against others. Options come before the verb,
 * as the conformance tests of TUF call a client; exit status 0 or 1. Trusted metadata lies in the
 * metadata directory byte for byte as served.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "trust/client.h"
#include "trust/fetch.h"
#include "trust/safe-name.h"

#define TARGETS_MAX      64
#define TARGET_BYTES_MAX (1u << 30)

struct tuf {
	const char *metadata_dir, *metadata_url, *target_base_url, *target_dir;
	const char *target_names[TARGETS_MAX];
	size_t n_targets;
	const char *root; /* of init */
};

/* The base URL has the whole of a target's place; keyids are what the repository likes. */
static const struct tuf_options options_of_client = { .targets_prefix = "", .opaque_keyids = true };

static int init(const struct tuf *t, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf root = { 0 };
	int r;

	if (!t->root)
		return oak_fail(err, OAK_E_USAGE, "init: which root.json?");
	r = file_read(AT_FDCWD, t->root, TUF_ROOT_BYTES_MAX, &root, err);
	return r < 0 ? r
		     : tuf_client_init_as(t->metadata_dir, &options_of_client, root.data, root.len,
					  err);
}

/* A client that was refreshed, and what its look-ups need. */
struct session {
	struct tuf_client *client;
	struct fetcher metadata;
	int64_t now_s; /* the same for all checks */
};

static void session_close(struct session *s)
{
	tuf_client_close(s->client);
	fetcher_close(&s->metadata);
}

static int session_open(const struct tuf *t, struct session *s, struct oak_error *err)
{
	const struct tuf_refresh how = { .now_s = s->now_s };
	int r;

	if (!t->metadata_url)
		return oak_fail(err, OAK_E_USAGE, "--metadata-url is required");
	r = tuf_client_open(t->metadata_dir, &options_of_client, &s->client, err);
	if (r == 0)
		r = fetcher_open(t->metadata_url, &s->metadata, err);
	if (r == 0)
		r = tuf_client_refresh(s->client, &s->metadata, &how, err);
	return r < 0 ? r : 0;
}

static int refresh(const struct tuf *t, struct oak_error *err)
{
	_cleanup_(session_close) struct session s = { .now_s = (int64_t)time(NULL) };

	return session_open(t, &s, err);
}

/* One flat file a target. NULL: out of memory. */
static char *local_name(const char *dir, const char *path)
{
	_cleanup_(buf_free) struct buf name = { 0 };

	if (buf_printf(&name, "%s/", dir) < 0 || safe_file_name(path, "", &name) < 0)
		return NULL;
	return (char *)buf_take(&name, NULL);
}

static int download_one(const struct tuf *t, const struct session *s, const struct fetcher *fetcher,
			const char *path, struct oak_error *err)
{
	const struct tuf_lookup how = { .fetcher = &s->metadata, .now_s = s->now_s };
	_cleanup_(freep) char *file = local_name(t->target_dir, path);
	_cleanup_(buf_free) struct buf bytes = { 0 };
	struct tuf_target target;
	int r;

	if (!file)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = tuf_client_find(s->client, path, &how, &target, err);
	if (r < 0)
		return r;
	if (target.length > TARGET_BYTES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: larger than %u bytes", path,
				TARGET_BYTES_MAX);
	/* A copy that is already right is not fetched again. */
	if (file_read(AT_FDCWD, file, (size_t)target.length, &bytes, NULL) == 0 &&
	    tuf_target_check(&target, bytes.data, bytes.len, NULL) == 0)
		return 0;
	bytes.len = 0;
	r = tuf_client_download(s->client, &target, fetcher, &bytes, err);
	return r < 0 ? r : file_write(AT_FDCWD, file, bytes.data, bytes.len, 0644, err);
}

static int download(const struct tuf *t, struct oak_error *err)
{
	_cleanup_(session_close) struct session s = { .now_s = (int64_t)time(NULL) };
	_cleanup_(fetcher_close) struct fetcher targets = { 0 };
	int r;

	if (!t->n_targets || !t->target_base_url || !t->target_dir)
		return oak_fail(err, OAK_E_USAGE,
				"--target-name, --target-base-url and --target-dir are required");
	r = session_open(t, &s, err);
	if (r == 0)
		r = fetcher_open(t->target_base_url, &targets, err);
	for (size_t i = 0; r == 0 && i < t->n_targets; i++)
		r = download_one(t, &s, &targets, t->target_names[i], err);
	return r;
}

static const struct {
	const char *name;
	int (*run)(const struct tuf *t, struct oak_error *err);
} verbs[] = {
	{ "init", init },
	{ "refresh", refresh },
	{ "download", download },
};

static int run(const struct tuf *t, const char *verb, struct oak_error *err)
{
	if (!t->metadata_dir)
		return oak_fail(err, OAK_E_USAGE, "--metadata-dir is required");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, verb) == 0)
			return verbs[i].run(t, err);
	return oak_fail(err, OAK_E_USAGE, "unknown verb '%s'; one of init, refresh, download", verb);
}

static void help(void)
{
	puts("oakum-tuf - a bare TUF client\n\n"
	     "usage: oakum-tuf --metadata-dir D init ROOT\n"
	     "       oakum-tuf --metadata-dir D --metadata-url U refresh\n"
	     "       oakum-tuf --metadata-dir D --metadata-url U --target-name P ...\n"
	     "                 --target-base-url T --target-dir X download\n\n"
	     "exit status: 0 done, 1 failed");
}

static int parse_option(struct tuf *t, int option, struct oak_error *err)
{
	switch (option) {
	case 'd':
		t->metadata_dir = optarg;
		return 0;
	case 'u':
		t->metadata_url = optarg;
		return 0;
	case 't':
		t->target_base_url = optarg;
		return 0;
	case 'x':
		t->target_dir = optarg;
		return 0;
	case 'n':
		if (t->n_targets == TARGETS_MAX)
			return oak_fail(err, OAK_E_USAGE, "more than %d targets", TARGETS_MAX);
		t->target_names[t->n_targets++] = optarg;
		return 0;
	default:
		return oak_fail(err, OAK_E_USAGE, "try oakum-tuf --help");
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "metadata-dir", required_argument, NULL, 'd' },
		{ "metadata-url", required_argument, NULL, 'u' },
		{ "target-name", required_argument, NULL, 'n' },
		{ "target-base-url", required_argument, NULL, 't' },
		{ "target-dir", required_argument, NULL, 'x' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct oak_error err = { .code = OAK_OK };
	struct tuf t = { 0 };
	int option, r = 0;

	while (r == 0 && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h') {
			help();
			return 0;
		}
		r = parse_option(&t, option, &err);
	}
	if (r == 0 && optind >= argc)
		r = oak_fail(&err, OAK_E_USAGE, "no verb given; try oakum-tuf --help");
	if (r == 0) {
		t.root = optind + 1 < argc ? argv[optind + 1] : NULL;
		r = run(&t, argv[optind], &err);
	}
	if (r < 0)
		(void)fprintf(stderr, "oakum-tuf: %s\n", err.msg);
	return r < 0;
}
