/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "trust/key-file.h"
#include "trust/key-priv.h"
#include "trust/key-token.h"

struct entry {
	char *file;
	struct tuf_key *key; /* gets its private half when it is first asked for */
};

struct keystore {
	int dirfd;
	char *dir;
	struct passphrase_source ask;
	struct entry v[KEYSTORE_KEYS_MAX];
	size_t n;
	struct buf good; /* the last passphrase that was right */
};

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), tail = strlen(suffix);

	return len > tail && name[0] != '.' && strcmp(name + len - tail, suffix) == 0;
}

/* Without its .pub a key tells who it is only where it is not encrypted. */
static int public_from_private(int dirfd, const char *file, const char *public_file,
			       struct tuf_key **ret, struct oak_error *err)
{
	bool encrypted = true;
	int r = has_suffix(file, ".pem") ? key_file_is_encrypted(dirfd, file, &encrypted, err) : 0;

	if (r < 0)
		return r;
	if (encrypted)
		return oak_fail(err, OAK_E_REFUSED,
				"%s: its public half %s is missing; make it with: oakum-repo key "
				"pub %s",
				file, public_file, file);
	return key_file_read(dirfd, file, NULL, ret, err);
}

static int check_private(int dirfd, const char *file, struct oak_error *err)
{
	_cleanup_(secret_free) struct buf pem = { 0 };

	return has_suffix(file, ".pem")
		       ? secret_read(dirfd, file, "private key", KEY_FILE_BYTES_MAX, &pem, err)
		       : 0;
}

static int add(struct keystore *ks, const char *file, struct oak_error *err)
{
	_cleanup_(freep) char *public = key_file_public_path(file), *name = strdup(file);
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	int r;

	if (!public || !name)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (ks->n == KEYSTORE_KEYS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %d keys", KEYSTORE_KEYS_MAX);
	r = check_private(ks->dirfd, file, err);
	if (r == 0)
		r = file_exists(ks->dirfd, public)
			    ? key_file_read_public(ks->dirfd, public, &key, err)
			    : public_from_private(ks->dirfd, file, public, &key, err);
	if (r < 0)
		return r;
	ks->v[ks->n++] = (struct entry){ .file = take_ptr(name), .key = take_ptr(key) };
	return 0;
}

static int by_file(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->file, ((const struct entry *)b)->file);
}

static int add_all(struct keystore *ks, struct oak_error *err)
{
	_cleanup_(closedirp) DIR *d = NULL;
	const struct dirent *e;
	int r = 0, fd = openat(ks->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		closep(&fd);
		return oak_fail_errno(err, errno, "cannot list it");
	}
	while (r == 0 && (e = readdir(d)))
		if (has_suffix(e->d_name, ".pem") || has_suffix(e->d_name, ".p11"))
			r = add(ks, e->d_name, err);
	if (r == 0)
		qsort(ks->v, ks->n, sizeof(ks->v[0]), by_file);
	return r;
}

static int nobody_to_ask(void *ctx, const char *what, bool again, struct buf *ret,
			 struct oak_error *err)
{
	(void)ctx;
	(void)again;
	(void)ret;
	return oak_fail(err, OAK_E_REFUSED, "%s: locked, and no passphrase was given", what);
}

int keystore_open(const char *dir, const struct passphrase_source *ask, struct keystore **ret,
		  struct oak_error *err)
{
	_cleanup_(keystore_closep) struct keystore *ks = calloc(1, sizeof(*ks));
	int r;

	if (!ks)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	ks->ask = ask ? *ask : (struct passphrase_source){ .ask = nobody_to_ask };
	ks->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ks->dirfd < 0 && errno == ENOENT)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such directory", dir);
	if (ks->dirfd < 0)
		return oak_fail_errno(err, errno, "%s", dir);
	ks->dir = strdup(dir);
	if (!ks->dir)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = add_all(ks, err);
	if (r < 0)
		return oak_context(err, "%s", dir);
	*ret = take_ptr(ks);
	return 0;
}

size_t keystore_n(const struct keystore *ks)
{
	return ks->n;
}

const struct tuf_key *keystore_public(const struct keystore *ks, size_t i)
{
	return ks->v[i].key;
}

const char *keystore_file(const struct keystore *ks, size_t i)
{
	return ks->v[i].file;
}

static struct entry *find(const struct keystore *ks, const char *keyid)
{
	for (size_t i = 0; i < ks->n; i++)
		if (strcmp(tuf_key_id(ks->v[i].key), keyid) == 0)
			return (struct entry *)(uintptr_t)&ks->v[i];
	return NULL;
}

bool keystore_has(const struct keystore *ks, const char *keyid)
{
	return find(ks, keyid);
}

static int load_token(struct keystore *ks, const struct entry *e, struct tuf_key **ret,
		      struct oak_error *err)
{
	_cleanup_(freep) char *uri = NULL;
	int r = key_token_read(ks->dirfd, e->file, &uri, err);

	if (r < 0)
		return r;
	r = key_token_open(uri, e->key, &ks->ask, ret, err);
	return r < 0 ? oak_context(err, "%s", e->file) : 0;
}

static int load(struct keystore *ks, struct entry *e, struct oak_error *err)
{
	_cleanup_(tuf_key_freep) struct tuf_key *private = NULL;
	int r = has_suffix(e->file, ".p11")
			? load_token(ks, e, &private, err)
			: key_file_unlock(ks->dirfd, e->file, &ks->ask, &ks->good, &private, err);

	if (r < 0)
		return r;
	if (!key_move_secret(private, e->key))
		return oak_fail(err, OAK_E_REFUSED,
				"%s: the .pub beside it is that of another key; put the right one "
				"there",
				e->file);
	return 0;
}

int keystore_unlock(struct keystore *ks, const char *keyid, const struct tuf_key **ret,
		    struct oak_error *err)
{
	struct entry *e = find(ks, keyid);
	int r;

	if (!e)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no key %s in it", ks->dir, keyid);
	r = e->key->secret ? 0 : load(ks, e, err);
	if (r < 0)
		return oak_context(err, "%s", ks->dir);
	*ret = e->key;
	return 0;
}

void keystore_close(struct keystore *ks)
{
	if (!ks)
		return;
	for (size_t i = 0; i < ks->n; i++) {
		free(ks->v[i].file);
		tuf_key_free(ks->v[i].key);
	}
	secret_free(&ks->good);
	closep(&ks->dirfd);
	free(ks->dir);
	free(ks);
}
