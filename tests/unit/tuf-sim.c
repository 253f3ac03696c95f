/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuf-sim.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/hash.h"
#include "trust/canonical.h"
#include "trust/safe-name.h"
#include "trust/url.h"

#define KEYS_MAX 36
#define EXPIRES  "2030-01-01T00:00:00Z"

static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
static const char *const top[] = { "root", "timestamp", "snapshot", "targets" };
#define N_TOP (sizeof(top) / sizeof(top[0]))

static bool is_targets(const char *name)
{
	for (size_t i = 0; i < N_TOP - 1; i++)
		if (strcmp(top[i], name) == 0)
			return false;
	return true;
}

struct tuf_key *sim_key(char letter)
{
	static struct tuf_key *pool[KEYS_MAX];
	const char *at = strchr(letters, letter);
	struct oak_error err;
	size_t i;

	EXPECT(letter && at);
	i = (size_t)(at - letters);
	if (!pool[i])
		EXPECT(tuf_key_generate(&pool[i], &err) == 0);
	return pool[i];
}

static const char *keyid(const struct sim *s, char letter, char ret[SHA256_HEX_MAX])
{
	if (s->opaque)
		(void)snprintf(ret, SHA256_HEX_MAX, "key-%c", letter);
	else
		(void)snprintf(ret, SHA256_HEX_MAX, "%s", tuf_key_id(sim_key(letter)));
	return ret;
}

json_t *sim_role(const struct sim *s, const char *name)
{
	json_t *j = json_object_get(s->roles, name);

	EXPECT(j);
	return j;
}

void sim_set(struct sim *s, const char *role, const char *member, json_t *value)
{
	EXPECT(json_object_set_new(sim_role(s, role), member, value) == 0);
}

json_int_t sim_version(const struct sim *s, const char *role)
{
	return json_integer_value(json_object_get(sim_role(s, role), "version"));
}

static void set_version(struct sim *s, const char *role, json_int_t version)
{
	sim_set(s, role, "version", json_integer(version));
}

static void new_role(struct sim *s, const char *name, const char *sigs)
{
	json_t *j = json_pack("{s:s, s:s, s:i, s:s}", "_type", is_targets(name) ? "targets" : name,
			      "spec_version", "1.0.31", "version", 1, "expires", EXPIRES);

	EXPECT(j && json_object_set_new(s->roles, name, j) == 0);
	sim_sigs(s, name, sigs);
	if (is_targets(name))
		sim_set(s, name, "targets", json_object());
}

void sim_sigs(struct sim *s, const char *role, const char *sigs)
{
	EXPECT(json_object_set_new(s->sigs, role, json_string(sigs)) == 0);
}

/* The keys go to @keys, their ids are the result. */
static json_t *list_keys(const struct sim *s, json_t *keys, const char *list)
{
	json_t *ids = json_array();

	for (const char *p = list; *p; p++) {
		char id[SHA256_HEX_MAX];

		EXPECT(json_object_set_new(keys, keyid(s, *p, id), tuf_key_json(sim_key(*p))) == 0);
		EXPECT(json_array_append_new(ids, json_string(id)) == 0);
	}
	return ids;
}

void sim_signers(struct sim *s, const char *role, const char *keys, int threshold)
{
	json_t *root = sim_role(s, "root");
	json_t *entry = json_pack("{s:o, s:i}", "keyids",
				  list_keys(s, json_object_get(root, "keys"), keys), "threshold",
				  threshold);

	EXPECT(entry && json_object_set_new(json_object_get(root, "roles"), role, entry) == 0);
}

void sim_delegate(struct sim *s, const char *parent, const char *role,
		  const struct sim_delegation *d)
{
	json_t *signed_part = sim_role(s, parent), *delegations, *entry;
	const char *keys = d->keys ? d->keys : "9";

	if (!json_object_get(signed_part, "delegations"))
		sim_set(s, parent, "delegations", json_pack("{s:{}, s:[]}", "keys", "roles"));
	delegations = json_object_get(signed_part, "delegations");
	entry = json_pack("{s:s, s:o, s:i, s:b}", "name", role, "keyids",
			  list_keys(s, json_object_get(delegations, "keys"), keys), "threshold",
			  d->threshold ? d->threshold : 1, "terminating", d->terminating);
	EXPECT(entry);
	if (d->prefixes)
		(void)json_object_set_new(entry, "path_hash_prefixes",
					  json_loads(d->prefixes, 0, NULL));
	else
		(void)json_object_set_new(entry, "paths",
					  json_loads(d->paths ? d->paths : "[\"*\"]", 0, NULL));
	EXPECT(json_array_append_new(json_object_get(delegations, "roles"), entry) == 0);
	if (!json_object_get(s->roles, role))
		new_role(s, role, keys);
}

static bool consistent(const struct sim *s)
{
	return json_is_true(json_object_get(sim_role(s, "root"), "consistent_snapshot"));
}

void sim_target(struct sim *s, const char *role, const char *path, const char *content)
{
	_cleanup_(buf_free) struct buf url = { 0 };
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char hex[SHA256_HEX_MAX], file[2048];
	size_t len = strlen(content);
	json_t *entry;

	sha256_hex(content, len, hex);
	entry = json_pack("{s:I, s:{s:s}}", "length", (json_int_t)len, "hashes", "sha256", hex);
	EXPECT(json_object_set_new(json_object_get(sim_role(s, role), "targets"), path, entry) == 0);
	(void)snprintf(file, sizeof(file), "%.*s%s%s%s", (int)(name - path), path,
		       consistent(s) ? hex : "", consistent(s) ? "." : "", name);
	EXPECT(buf_add_str(&url, "targets/") == 0 && url_quote(file, &url) == 0);
	sim_serve(s, buf_str(&url), content, len);
}

static json_t *sign(const struct sim *s, const char *role, const struct buf *canonical)
{
	json_t *list = json_array();
	const char *p = json_string_value(json_object_get(s->sigs, role));

	EXPECT(p);
	for (; *p; p++) {
		_cleanup_(freep) char *sig = NULL;
		bool spoil = *p == '!';
		char id[SHA256_HEX_MAX];
		struct oak_error err;

		p += spoil;
		EXPECT(tuf_key_sign(sim_key(*p), canonical->data, canonical->len, &sig, &err) == 0);
		if (spoil)
			sig[0] = sig[0] == '0' ? '1' : '0';
		EXPECT(json_array_append_new(list, json_pack("{s:s, s:s}", "keyid",
							     keyid(s, *p, id), "sig", sig)) == 0);
	}
	return list;
}

const char *sim_path(const struct sim *s, const char *role)
{
	static char path[1024];
	_cleanup_(buf_free) struct buf quoted = { 0 };
	bool versioned = strcmp(role, "root") == 0 ||
			 (consistent(s) && strcmp(role, "timestamp") != 0);

	EXPECT(safe_url_part(role, &quoted) == 0);
	if (versioned)
		(void)snprintf(path, sizeof(path), "%lld.%s.json", (long long)sim_version(s, role),
			       buf_str(&quoted));
	else
		(void)snprintf(path, sizeof(path), "%s.json", buf_str(&quoted));
	return path;
}

void sim_sign(struct sim *s, const char *role)
{
	_cleanup_(buf_free) struct buf canonical = { 0 };
	_cleanup_(json_decrefp) json_t *envelope = NULL;
	_cleanup_(freep) char *text = NULL;
	struct oak_error err;

	EXPECT(canonical_json(sim_role(s, role), &canonical, &err) == 0);
	envelope = json_pack("{s:o, s:O}", "signatures", sign(s, role, &canonical), "signed",
			     sim_role(s, role));
	/* Not canonical, as files of other authors are not. */
	text = json_dumps(envelope, JSON_INDENT(1));
	EXPECT(text);
	sim_serve(s, sim_path(s, role), text, strlen(text));
}

void sim_bump(struct sim *s, const char *role)
{
	set_version(s, role, sim_version(s, role) + 1);
	sim_sign(s, role);
}

void sim_link(struct sim *s, const char *role, const char *file, const char *target)
{
	const struct buf *served = sim_served(s, sim_path(s, target));
	json_t *link = json_pack("{s:I}", "version", sim_version(s, target));

	EXPECT(link && served);
	if (!s->bare) {
		char hex[SHA256_HEX_MAX];

		sha256_hex(served->data, served->len, hex);
		(void)json_object_set_new(link, "length", json_integer((json_int_t)served->len));
		(void)json_object_set_new(link, "hashes", json_pack("{s:s}", "sha256", hex));
	}
	EXPECT(json_object_set_new(json_object_get(sim_role(s, role), "meta"), file, link) == 0);
}

static void link_all(struct sim *s)
{
	const char *name;
	json_t *role;

	sim_set(s, "snapshot", "meta", json_object());
	json_object_foreach(s->roles, name, role)
	{
		char file[512];

		if (!is_targets(name))
			continue;
		(void)snprintf(file, sizeof(file), "%s.json", name);
		sim_link(s, "snapshot", file, name);
	}
}

void sim_publish_links(struct sim *s)
{
	link_all(s);
	sim_bump(s, "snapshot");
	sim_link(s, "timestamp", "snapshot.json", "snapshot");
	sim_bump(s, "timestamp");
}

void sim_publish(struct sim *s)
{
	const char *name;
	json_t *role;

	json_object_foreach(s->roles, name, role)
	{
		if (!is_targets(name))
			continue;
		if (sim_served(s, sim_path(s, name)))
			sim_bump(s, name);
		else
			sim_sign(s, name);
	}
	sim_publish_links(s);
}

static struct sim_file *find_file(const struct sim *s, const char *path)
{
	for (size_t i = 0; i < s->n_files; i++)
		if (strcmp(s->files[i].path, path) == 0)
			return &s->files[i];
	return NULL;
}

void sim_serve(struct sim *s, const char *path, const void *data, size_t len)
{
	struct sim_file *f = find_file(s, path);

	if (!f) {
		s->files = reallocarray(s->files, s->n_files + 1, sizeof(*f));
		EXPECT(s->files);
		f = &s->files[s->n_files++];
		*f = (struct sim_file){ .path = strdup(path) };
		EXPECT(f->path);
	}
	f->bytes.len = 0;
	EXPECT(buf_add(&f->bytes, data, len) == 0);
}

void sim_lose(struct sim *s, const char *path)
{
	struct sim_file *f = find_file(s, path);

	EXPECT(f);
	f->path[0] = '\0';
}

const struct buf *sim_served(const struct sim *s, const char *path)
{
	const struct sim_file *f = find_file(s, path);

	return f ? &f->bytes : NULL;
}

int sim_fetch(void *ctx, const char *path, size_t max, struct buf *ret, struct oak_error *err)
{
	struct sim *s = ctx;
	const struct buf *bytes = sim_served(s, path);

	EXPECT(buf_printf(&s->log, "%s%s", s->log.len ? " " : "", path) == 0);
	if (!bytes)
		return oak_fail(err, OAK_E_NOTFOUND, "%s: no such file", path);
	if (bytes->len > max)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: larger than %zu bytes", path, max);
	EXPECT(buf_add(ret, bytes->data, bytes->len) == 0);
	return 0;
}

void sim_new(struct sim *s)
{
	static unsigned n;
	const struct buf *root;
	struct oak_error err;
	bool opaque = s->opaque, bare = s->bare;

	*s = (struct sim){ .opaque = opaque, .bare = bare, .now_s = SIM_NOW };
	s->roles = json_object();
	s->sigs = json_object();
	for (size_t i = 0; i < N_TOP; i++)
		new_role(s, top[i], (char[]){ letters[i], '\0' });
	sim_set(s, "root", "consistent_snapshot", json_true());
	sim_set(s, "root", "keys", json_object());
	sim_set(s, "root", "roles", json_object());
	for (size_t i = 0; i < N_TOP; i++)
		sim_signers(s, top[i], (char[]){ letters[i], '\0' }, 1);
	sim_sign(s, "root");
	sim_sign(s, "targets");
	set_version(s, "snapshot", 0);
	set_version(s, "timestamp", 0);
	sim_set(s, "timestamp", "meta", json_object());
	sim_publish_links(s);
	s->fetcher = (struct fetcher){ .fetch = sim_fetch, .ctx = s };
	(void)snprintf(s->state, sizeof(s->state), "%s/sim-%u", test_dir(), n++);
	root = sim_served(s, "1.root.json");
	EXPECT(root);
	EXPECT(tuf_client_init_as(s->state, &(struct tuf_options){ .opaque_keyids = opaque },
				  root->data, root->len, &err) == 0);
}

void sim_free(struct sim *s)
{
	for (size_t i = 0; i < s->n_files; i++) {
		free(s->files[i].path);
		buf_free(&s->files[i].bytes);
	}
	free(s->files);
	buf_free(&s->log);
	json_decref(s->roles);
	json_decref(s->sigs);
	*s = (struct sim){ 0 };
}

struct tuf_client *sim_open(const struct sim *s)
{
	struct tuf_client *c = NULL;
	struct oak_error err;
	int r = tuf_client_open(s->state, &(struct tuf_options){ .opaque_keyids = s->opaque }, &c,
				&err);

	if (r < 0)
		print_error("%s\n", err.msg);
	EXPECT(r == 0);
	return c;
}

static int refresh(struct sim *s, struct tuf_client *c, struct oak_error *err)
{
	const struct tuf_refresh how = { .now_s = s->now_s };

	s->log.len = 0;
	*err = (struct oak_error){ .code = OAK_OK };
	return tuf_client_refresh(c, &s->fetcher, &how, err);
}

int sim_refresh(struct sim *s, struct oak_error *err)
{
	_cleanup_(tuf_client_closep) struct tuf_client *c = sim_open(s);

	return refresh(s, c, err);
}

int sim_get(struct sim *s, const char *path, const char *content, struct oak_error *err)
{
	const struct tuf_lookup how = { .fetcher = &s->fetcher, .now_s = s->now_s };
	_cleanup_(tuf_client_closep) struct tuf_client *c = sim_open(s);
	_cleanup_(buf_free) struct buf bytes = { 0 };
	struct tuf_target target;
	int r = refresh(s, c, err);

	if (r >= 0)
		r = tuf_client_find(c, path, &how, &target, err);
	if (r < 0 || !content)
		return r;
	EXPECT_STR(target.path, path);
	r = tuf_client_download(c, &target, &s->fetcher, &bytes, err);
	if (r == 0)
		EXPECT_STR(buf_str(&bytes), content);
	return r;
}

uint64_t sim_stored(const struct sim *s, const char *file)
{
	_cleanup_(freep) char *path = path_join(s->state, file);
	_cleanup_(buf_free) struct buf bytes = { 0 };
	_cleanup_(json_decrefp) json_t *j = NULL;

	if (file_read(AT_FDCWD, path, 1u << 24, &bytes, NULL) < 0)
		return 0;
	j = json_loadb((const char *)bytes.data, bytes.len, 0, NULL);
	EXPECT(j);
	return (uint64_t)json_integer_value(
		json_object_get(json_object_get(j, "signed"), "version"));
}

const char *sim_log_delegated(const struct sim *s)
{
	static char text[4096];
	_cleanup_(freep) char *copy = strdup(buf_str(&s->log));
	char *save = NULL;

	EXPECT(copy);
	text[0] = '\0';
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		const char *name = word + strspn(word, "0123456789");
		size_t used = strlen(text);
		bool own = false;

		name += *name == '.';
		for (size_t i = 0; i < N_TOP; i++)
			own = own || (strncmp(name, top[i], strlen(top[i])) == 0 &&
				      strcmp(name + strlen(top[i]), ".json") == 0);
		if (!own && strncmp(word, "targets/", 8) != 0)
			(void)snprintf(text + used, sizeof(text) - used, "%s%s", used ? " " : "",
				       word);
	}
	return text;
}
