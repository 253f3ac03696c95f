/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/tls.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include <gnutls/x509.h>

#include "base/file.h"
#include "trust/key-file.h"

#define CHAIN_BYTES_MAX (64u << 10)

struct pair {
	gnutls_pcert_st chain[TLS_CHAIN_MAX];
	unsigned n;
	gnutls_privkey_t key;
	int64_t expires_s;
	struct pair *older; /* sessions may still point to it: kept to the end, a few kilobytes each */
};

struct stamp {
	struct timespec mtime;
	ino_t ino;
	off_t size;
};

struct tls {
	char *certificate, *key_path;
	struct stamp stamps[2];
	pthread_mutex_t lock; /* of newest */
	struct pair *newest;
};

static void pair_free(struct pair *p)
{
	for (unsigned i = 0; i < p->n; i++)
		gnutls_pcert_deinit(&p->chain[i]);
	if (p->key)
		gnutls_privkey_deinit(p->key);
	free(p);
}
DEFINE_CLEANUP(struct pair *, pair_free)

static int fail_gnutls(struct oak_error *err, const char *path, int code)
{
	return oak_fail(err, code == GNUTLS_E_MEMORY_ERROR ? OAK_E_NOMEM : OAK_E_FORMAT, "%s: %s",
			path, gnutls_strerror(code));
}

static int read_expiry(struct pair *p, const char *path, struct oak_error *err)
{
	gnutls_x509_crt_t crt;
	int r = gnutls_pcert_export_x509(&p->chain[0], &crt);

	if (r < 0)
		return fail_gnutls(err, path, r);
	p->expires_s = gnutls_x509_crt_get_expiration_time(crt);
	gnutls_x509_crt_deinit(crt);
	return 0;
}

static int read_chain(struct pair *p, const char *path, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	gnutls_datum_t data;
	unsigned n = TLS_CHAIN_MAX;
	int r = file_read(AT_FDCWD, path, CHAIN_BYTES_MAX, &text, err);

	if (r < 0)
		return r;
	data = (gnutls_datum_t){ text.data, (unsigned)text.len };
	r = gnutls_pcert_list_import_x509_raw(p->chain, &n, &data, GNUTLS_X509_FMT_PEM,
					      GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED);
	if (r < 0)
		return fail_gnutls(err, path, r);
	p->n = n;
	return read_expiry(p, path, err);
}

static int read_private(struct pair *p, const char *path, struct oak_error *err)
{
	_cleanup_(secret_free) struct buf text = { 0 };
	gnutls_datum_t data;
	int r = secret_read(AT_FDCWD, path, NULL, KEY_FILE_BYTES_MAX, &text, err);

	if (r < 0)
		return r;
	data = (gnutls_datum_t){ text.data, (unsigned)text.len };
	r = gnutls_privkey_init(&p->key);
	if (r >= 0)
		r = gnutls_privkey_import_x509_raw(p->key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
	return r < 0 ? fail_gnutls(err, path, r) : 0;
}

static bool same_key(struct pair *p)
{
	unsigned char a[64], b[64];
	size_t a_len = sizeof(a), b_len = sizeof(b);
	gnutls_pubkey_t pub;
	bool same;

	if (gnutls_pubkey_init(&pub) < 0)
		return false;
	same = gnutls_pubkey_import_privkey(pub, p->key, 0, 0) == 0 &&
	       gnutls_pubkey_get_key_id(pub, GNUTLS_KEYID_USE_SHA256, a, &a_len) == 0 &&
	       gnutls_pubkey_get_key_id(p->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, b, &b_len) ==
		       0 &&
	       a_len == b_len && memcmp(a, b, a_len) == 0;
	gnutls_pubkey_deinit(pub);
	return same;
}

static int read_pair(const struct tls *t, struct pair **ret, struct oak_error *err)
{
	_cleanup_(pair_freep) struct pair *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = read_chain(p, t->certificate, err);
	if (r == 0)
		r = read_private(p, t->key_path, err);
	if (r < 0)
		return r;
	if (!same_key(p))
		return oak_fail(err, OAK_E_FORMAT, "%s: not the key of the certificate %s",
				t->key_path, t->certificate);
	*ret = take_ptr(p);
	return 0;
}

static struct stamp stamp_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return (struct stamp){ 0 };
	return (struct stamp){ st.st_mtim, st.st_ino, st.st_size };
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->mtime.tv_sec == b->mtime.tv_sec && a->mtime.tv_nsec == b->mtime.tv_nsec &&
	       a->ino == b->ino && a->size == b->size;
}

int tls_refresh(struct tls *t, struct oak_error *err)
{
	/* Before they are read: what changes meanwhile is seen the next time. */
	const struct stamp now[2] = { stamp_of(t->certificate), stamp_of(t->key_path) };
	struct pair *p = NULL;
	int r;

	if (same_stamp(&now[0], &t->stamps[0]) && same_stamp(&now[1], &t->stamps[1]))
		return 0;
	memcpy(t->stamps, now, sizeof(now));
	r = read_pair(t, &p, err);
	if (r < 0 || !p)
		return r;
	(void)pthread_mutex_lock(&t->lock);
	p->older = t->newest;
	t->newest = p;
	(void)pthread_mutex_unlock(&t->lock);
	return 1;
}

void tls_current(struct tls *t, gnutls_pcert_st **ret_chain, unsigned *ret_n,
		 gnutls_privkey_t *ret_key)
{
	(void)pthread_mutex_lock(&t->lock);
	*ret_chain = t->newest->chain;
	*ret_n = t->newest->n;
	*ret_key = t->newest->key;
	(void)pthread_mutex_unlock(&t->lock);
}

int64_t tls_expires_s(struct tls *t)
{
	int64_t s;

	(void)pthread_mutex_lock(&t->lock);
	s = t->newest->expires_s;
	(void)pthread_mutex_unlock(&t->lock);
	return s;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	for (struct pair *p = t->newest, *older; p; p = older) {
		older = p->older;
		pair_free(p);
	}
	(void)pthread_mutex_destroy(&t->lock);
	free(t->certificate);
	free(t->key_path);
	free(t);
}

int tls_open(const char *certificate, const char *key, struct tls **ret, struct oak_error *err)
{
	_cleanup_(tls_freep) struct tls *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	(void)pthread_mutex_init(&t->lock, NULL);
	t->certificate = strdup(certificate);
	t->key_path = strdup(key);
	if (!t->certificate || !t->key_path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = tls_refresh(t, err);
	if (r < 0)
		return r;
	if (!t->newest) /* neither file is there: their stamps are those of nothing */
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such file", certificate);
	*ret = take_ptr(t);
	return 0;
}
