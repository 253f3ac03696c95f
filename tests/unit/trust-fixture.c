/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust-fixture.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "trust/key-file.h"

#define MODULE_BYTES 5000

static void must(int r, const struct oak_error *err)
{
	if (r < 0)
		print_error("fixture: %s\n", err->msg);
	EXPECT(r >= 0);
}

void fixture_write(const char *dir, const char *name, const void *data, size_t len)
{
	_cleanup_(freep) char *path = path_join(dir, name);
	_cleanup_(fclosep) FILE *file = NULL;

	/* Not file_write(): tests need no fsync, and a damaged file may be written in place. */
	file = fopen(path, "we");
	EXPECT(file && fwrite(data, 1, len, file) == len);
}

void fixture_read(const char *dir, const char *name, struct buf *ret)
{
	_cleanup_(freep) char *path = path_join(dir, name);
	struct oak_error err;

	ret->len = 0;
	must(file_read(AT_FDCWD, path, 1u << 24, ret, &err), &err);
}

/* One key a role, unencrypted, and the repository that they sign. */
static void fixture_create(struct fixture *f, unsigned bin_digits)
{
	struct repo_design design = { .bin_digits = bin_digits };
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct repo_outcome out;
	struct oak_error err;

	must(repo_prepare(&f->opt, &err), &err);
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++) {
		char path[512];

		(void)snprintf(path, sizeof(path), "%s/%s.pem", f->keys_dir, tuf_role_name(role));
		must(tuf_key_generate(&f->keys[role], &err), &err);
		must(key_file_write(f->keys[role], AT_FDCWD, path, NULL, &err), &err);
		design.roles[role] = (struct repo_signers){ &f->keys[role], 1, 1 };
	}
	must(repo_create(&f->opt, &design, &repo, &err), &err);
	must(repo_sign(repo, &out, &err), &err);
	EXPECT(out.published);
}

static void make(struct fixture *f, unsigned bin_digits, int64_t now_s)
{
	static unsigned n;
	_cleanup_(buf_free) struct buf root = { 0 };
	struct oak_error err;

	*f = (struct fixture){ 0 };
	n++;
	(void)snprintf(f->repo, sizeof(f->repo), "%s/%u/repo", test_dir(), n);
	(void)snprintf(f->keys_dir, sizeof(f->keys_dir), "%s/%u/keys", test_dir(), n);
	(void)snprintf(f->state, sizeof(f->state), "%s/%u/state", test_dir(), n);
	f->opt = (struct repo_options){ .dir = f->repo, .keys = f->keys_dir, .now_s = now_s };
	fixture_create(f, bin_digits);
	must(fetcher_open(f->repo, &f->fetcher, &err), &err);
	fixture_read(f->repo, "1.root.json", &root);
	must(tuf_client_init(f->state, root.data, root.len, &err), &err);
}

void fixture_new(struct fixture *f)
{
	fixture_new_with_bins(f, 0);
}

void fixture_new_with_bins(struct fixture *f, unsigned bin_digits)
{
	make(f, bin_digits, FIXTURE_NOW);
}

void fixture_new_at(struct fixture *f, int64_t now_s)
{
	make(f, 0, now_s);
}

void fixture_free(struct fixture *f)
{
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		tuf_key_free(f->keys[role]);
	fetcher_close(&f->fetcher);
}

const char *fixture_level(const struct fixture *f, unsigned level, const char *channel)
{
	static char dir[512];
	_cleanup_(buf_free) struct buf text = { 0 };
	uint8_t module[MODULE_BYTES];
	char name[32], hex[SHA256_HEX_MAX];
	struct oak_error err;

	for (size_t i = 0; i < sizeof(module); i++)
		module[i] = (uint8_t)(i * level);
	sha256_hex(module, sizeof(module), hex);
	(void)snprintf(dir, sizeof(dir), "%s-level-%u-%s", f->keys_dir, level, channel);
	(void)snprintf(name, sizeof(name), "oakum_%u.ko", level);
	must(dir_make(AT_FDCWD, dir, &err), &err);
	fixture_write(dir, name, module, sizeof(module));
	EXPECT(buf_printf(&text,
			  "{\"schema\":1,\"kernel\":{\"build_id\":\"" FIXTURE_BUILD_ID "\","
			  "\"release\":\"6.1.0-50-amd64\",\"arch\":\"x86_64\",\"distribution\":"
			  "\"debian\",\"package_version\":\"6.1.176-1\"},\"level\":%u,"
			  "\"replaces\":\"all\",\"channel\":\"%s\",\"module\":{\"name\":"
			  "\"oakum_%u\",\"size\":%zu,\"sha256\":\"%s\",\"vermagic\":"
			  "\"6.1.0-50-amd64 SMP \",\"signer\":null},\"fixes\":[{\"id\":"
			  "\"CVE-2026-89603\",\"cve\":[\"CVE-2026-89603\"],\"title\":\"flags\","
			  "\"patch_sha256\":\"%064d\",\"functions\":[{\"object\":\"vmlinux\","
			  "\"name\":\"syscall_trace_enter.constprop.0\",\"sympos\":0,\"address\":"
			  "\"0xffffffff8118a2b0\",\"proof\":\"identical\"}]}],"
			  "\"effective_version\":null,\"built\":{},\"tested\":[],"
			  "\"withdrawn\":null}",
			  level, channel, level, sizeof(module), hex, 0) == 0);
	fixture_write(dir, "manifest.json", text.data, text.len);
	return dir;
}

void fixture_publish_level(const struct fixture *f, unsigned level, const char *channel)
{
	const char *dir = fixture_level(f, level, channel);
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct repo_outcome out;
	char module[600], manifest[600];
	struct repo_added added;
	struct oak_error err;

	(void)snprintf(module, sizeof(module), "%s/oakum_%u.ko", dir, level);
	(void)snprintf(manifest, sizeof(manifest), "%s/manifest.json", dir);
	must(repo_open(&f->opt, &repo, &err), &err);
	must(repo_add(repo, module, manifest, &added, &err), &err);
	must(repo_sign(repo, &out, &err), &err);
	EXPECT(out.published);
}

struct tuf_client *fixture_open(const struct fixture *f)
{
	struct tuf_client *c = NULL;
	struct oak_error err;

	must(tuf_client_open(f->state, NULL, &c, &err), &err);
	return c;
}

int fixture_refresh(const struct fixture *f, bool quick, struct oak_error *err)
{
	const struct tuf_refresh how = { .now_s = FIXTURE_NOW, .quick = quick };
	_cleanup_(tuf_client_closep) struct tuf_client *c = fixture_open(f);

	*err = (struct oak_error){ .code = OAK_OK };
	return tuf_client_refresh(c, &f->fetcher, &how, err);
}

json_t *fixture_signed(const struct fixture *f, enum tuf_role role)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	_cleanup_(json_decrefp) json_t *envelope = NULL;
	char name[64];
	struct oak_error err;
	unsigned version = 1;

	(void)snprintf(name, sizeof(name), "timestamp.json");
	/* The newest file of a role is the one before the first that is missing. */
	for (unsigned v = 1; role != TUF_TIMESTAMP; v++) {
		_cleanup_(freep) char *path = NULL;

		(void)snprintf(name, sizeof(name), "%u.%s", v, tuf_role_file(role));
		path = path_join(f->repo, name);
		if (!file_exists(AT_FDCWD, path))
			break;
		version = v;
	}
	if (role != TUF_TIMESTAMP)
		(void)snprintf(name, sizeof(name), "%u.%s", version, tuf_role_file(role));
	fixture_read(f->repo, name, &bytes);
	must(json_parse(bytes.data, bytes.len, 1u << 24, name, &envelope, &err), &err);
	return json_deep_copy(json_object_get(envelope, "signed"));
}

/* Text of the signed file; its version goes to @ret_version. */
static void sign_text(enum tuf_role role, json_t *signed_part, struct tuf_key *const *keys,
		      size_t n, struct buf *ret, uint64_t *ret_version)
{
	_cleanup_(metadata_freep) struct metadata *m = NULL;
	struct oak_error err;

	must(metadata_new(role, tuf_role_file(role), signed_part, &m, &err), &err);
	for (size_t i = 0; i < n; i++)
		must(metadata_sign(m, keys[i], &err), &err);
	must(metadata_text(m, ret, &err), &err);
	*ret_version = metadata_version(m);
}

static void write_role(const struct fixture *f, enum tuf_role role, uint64_t version,
		       const struct buf *text)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%llu.%s", (unsigned long long)version,
		       tuf_role_file(role));
	fixture_write(f->repo, role == TUF_TIMESTAMP ? "timestamp.json" : name, text->data,
		      text->len);
}

void fixture_sign(const struct fixture *f, enum tuf_role role, json_t *signed_part,
		  struct tuf_key *const *keys, size_t n)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	uint64_t version;

	sign_text(role, signed_part, keys, n, &text, &version);
	write_role(f, role, version, &text);
}

static json_t *link_of(const struct buf *text, uint64_t version, bool bare)
{
	char hex[SHA256_HEX_MAX];

	if (bare)
		return json_pack("{s:I}", "version", (json_int_t)version);
	sha256_hex(text->data, text->len, hex);
	return json_pack("{s:I, s:I, s:{s:s}}", "version", (json_int_t)version, "length",
			 (json_int_t)text->len, "hashes", "sha256", hex);
}

void fixture_forge(const struct fixture *f, const struct forge *forge)
{
	static const enum tuf_role order[] = { TUF_TARGETS, TUF_SNAPSHOT, TUF_TIMESTAMP };
	json_t *link = NULL;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		enum tuf_role role = order[i];
		json_t *j = fixture_signed(f, role);
		struct tuf_key *key = f->keys[forge->by_root_key[role] ? TUF_ROOT : role];
		_cleanup_(buf_free) struct buf text = { 0 };
		uint64_t version = (uint64_t)json_integer_value(json_object_get(j, "version"));

		(void)json_object_set_new(j, "version", json_integer((json_int_t)version + 1));
		if (link)
			(void)json_object_set_new(json_object_get(j, "meta"),
						  tuf_role_file(order[i - 1]), link);
		if (forge->overlay[role]) {
			_cleanup_(json_decrefp)
				json_t *overlay = json_loads(forge->overlay[role], 0, NULL);

			EXPECT(overlay && json_object_update(j, overlay) == 0);
		}
		sign_text(role, j, &key, 1, &text, &version);
		write_role(f, role, version, &text);
		link = link_of(&text, version, forge->bare_links);
	}
	json_decref(link);
}

void fixture_set_signer(json_t *root, enum tuf_role role, const struct tuf_key *key)
{
	json_t *entry = json_object_get(json_object_get(root, "roles"), tuf_role_name(role));

	(void)json_object_set_new(json_object_get(root, "keys"), tuf_key_id(key), tuf_key_json(key));
	(void)json_object_set_new(entry, "keyids", json_pack("[s]", tuf_key_id(key)));
}
