/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum doctor: a support bundle, written here and sent nowhere. */
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <zstd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/doctor.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "cli/tar.h"
#include "trust/date.h"

#define LEVEL     3
#define NAME_SIZE 80u

enum {
	OUTPUT = OAKUM_ROOT + 1,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "output",
	  .arg = "FILE",
	  .help = "write it there, not into this directory",
	  .letter = 'o' },
	{ .name = NULL },
};

struct bundle {
	struct buf tar;
	char name[NAME_SIZE];
	int64_t now;
	json_t *entries;
};

/* Of a date or a host's name only what a file's name may hold. */
static void add_word(char *name, const char *word)
{
	size_t n = strlen(name);

	for (; *word && n + 1 < NAME_SIZE; word++)
		if (isalnum((unsigned char)*word) || *word == '.')
			name[n++] = *word;
	name[n] = '\0';
}

/* "oakum-doctor-HOST-20261126T211048Z" */
static void name_it(struct bundle *b)
{
	char host[33] = "", date[DATE_TEXT_MAX];

	(void)gethostname(host, sizeof(host) - 1);
	date_format(b->now, date);
	(void)snprintf(b->name, sizeof(b->name), "oakum-doctor-");
	add_word(b->name, host[0] ? host : "host");
	(void)strncat(b->name, "-", sizeof(b->name) - strlen(b->name) - 1);
	add_word(b->name, date);
}

static int take(void *ctx, const char *name, const struct buf *text)
{
	struct bundle *b = ctx;
	char path[TAR_NAME_MAX + NAME_SIZE];

	(void)snprintf(path, sizeof(path), "%s/%s", b->name, name);
	(void)json_array_append_new(b->entries, json_string(name));
	return tar_add(&b->tar, path, buf_str(text), text->len, b->now);
}

static int compress(const struct buf *tar, struct buf *ret, struct oak_error *err)
{
	size_t n = ZSTD_compressBound(tar->len);

	if (buf_reserve(ret, n) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = ZSTD_compress(ret->data, n, tar->data, tar->len, LEVEL);
	if (ZSTD_isError(n))
		return oak_fail(err, OAK_E_FAILED, "zstd: %s", ZSTD_getErrorName(n));
	ret->len = n;
	return 0;
}

static int write_bundle(const struct doctor *d, struct bundle *b, const char *path,
			struct oak_error *err)
{
	_cleanup_(buf_free) struct buf packed = { 0 };
	int r;

	if (doctor_gather(d, take, b) < 0 || tar_end(&b->tar) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = compress(&b->tar, &packed, err);
	return r == 0 ? file_write(AT_FDCWD, path, packed.data, packed.len, 0600, err) : r;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *entries = json_array();
	struct bundle b = { .now = time(NULL), .entries = entries };
	_cleanup_(closep) int root = -1;
	char otherwise[NAME_SIZE + sizeof(".tar.zst")];
	const char *path, *root_path;
	struct doctor d;
	int r = oakum_open_root(args, &root, &root_path, err);

	if (r < 0)
		return oakum_finish(cli, NULL, "doctor", r, err);
	name_it(&b);
	(void)snprintf(otherwise, sizeof(otherwise), "%s.tar.zst", b.name);
	path = cli_value(args, OUTPUT, otherwise);
	d = (struct doctor){ .root = root, .real = !root_path[0] };
	r = write_bundle(&d, &b, path, err);
	buf_free(&b.tar);
	if (r == 0 && !cli->json)
		printf("%s\nIt was sent nowhere. Look into it before you pass it on: tar -tf %s\n",
		       path, path);
	return oakum_finish(cli,
			    cli->json ? json_pack("{s:s, s:O}", "file", path, "entries", entries)
				      : NULL,
			    "doctor", r, err);
}

const struct verb verb_oakum_doctor = {
	.name = "doctor",
	.help = "write a support bundle, without secrets",
	.more = "Written with mode 0600, sent nowhere. As root it holds more.",
	.options = options,
	.run = run,
};
