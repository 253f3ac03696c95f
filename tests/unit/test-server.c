/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server as a whole, in this process, over SQLite: it starts, answers, and ends. */
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "fleet/db/migrate.h"
#include "fleet/http/http.h"
#include "fleet/server.h"
#include "fleet/store/tokens.h"
#include "http-raw.h"
#include "trust/key-file.h"

struct setup {
	struct server_settings settings;
	char data[256], url[320], secret[TOKEN_TEXT_MAX];
};

static void set_up(struct setup *s, const char *name)
{
	const struct api_token_new token = { .name = "test", .scopes = SCOPE_READ };
	struct oak_error err = { 0 };
	struct tuf_key *key = NULL;
	struct db *db = NULL;
	json_t *row = NULL;
	char path[300];

	(void)snprintf(s->data, sizeof(s->data), "%s/%s", test_dir(), name);
	(void)snprintf(s->url, sizeof(s->url), "sqlite:%s/fleet.db", s->data);
	(void)snprintf(path, sizeof(path), "%s/" SERVER_KEY_FILE, s->data);
	EXPECT(mkdir(s->data, 0700) == 0);
	EXPECT(tuf_key_generate(&key, &err) == 0);
	EXPECT(key_file_write(key, AT_FDCWD, path, NULL, &err) == 0);
	tuf_key_free(key);
	EXPECT(db_open(s->url, &db, &err) == 0);
	EXPECT(migrate_to(db, migrate_newest(), &err) == 0);
	EXPECT(db_begin(db, &err) == 0);
	if (api_token_create(db, &token, 1, s->secret, &row, &err) < 0)
		fail_msg("%s", err.msg);
	EXPECT(db_commit(db, &err) == 0);
	json_decref(row);
	db_close(db);
	EXPECT(server_settings_init(&s->settings, &err) == 0);
	free(s->settings.listen);
	free(s->settings.data);
	free(s->settings.database);
	s->settings.listen = strdup("127.0.0.1:0");
	s->settings.data = strdup(s->data);
	s->settings.database = strdup(s->url);
	s->settings.plain = true;
	s->settings.log = 0;
}

static int ask(int fd, const char *path, const char *header, char *ret, size_t size)
{
	char request[1024];

	(void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path,
		       header);
	raw_send(fd, request);
	return raw_answer(fd, false, ret, size);
}

TEST(server_answers)
{
	struct oak_error err = { 0 };
	struct server *server = NULL;
	char got[16384], token[256];
	struct setup s = { 0 };
	int fd;

	set_up(&s, "answers");
	if (server_start(&s.settings, &server, &err) < 0)
		fail_msg("%s", err.msg);
	fd = raw_connect(server_port(server));
	EXPECT(ask(fd, "/healthz", "", got, sizeof(got)) == 200);
	EXPECT(ask(fd, "/readyz", "", got, sizeof(got)) == 200);
	EXPECT(ask(fd, "/v1/decisions/default.json", "", got, sizeof(got)) == 200);
	EXPECT_CONTAINS(got, "\"_type\":\"decision\"");
	EXPECT(ask(fd, "/api/v1/hosts", "", got, sizeof(got)) == 401);
	(void)snprintf(token, sizeof(token), "Authorization: Bearer %s\r\n", s.secret);
	EXPECT(ask(fd, "/api/v1/hosts", token, got, sizeof(got)) == 200);
	EXPECT_CONTAINS(got, "\"hosts\":[]");
	EXPECT(ask(fd, "/metrics", token, got, sizeof(got)) == 200);
	EXPECT_CONTAINS(got, "oakum_");
	EXPECT(ask(fd, "/repository/timestamp.json", "", got, sizeof(got)) == 404);
	(void)close(fd);
	server_stop(server);
	server_settings_free(&s.settings);
}

TEST(server_says_what_is_missing)
{
	struct oak_error err = { 0 };
	struct server *server = NULL;
	struct setup s = { 0 };
	char path[512];

	set_up(&s, "missing");
	(void)snprintf(path, sizeof(path), "%s/" SERVER_KEY_FILE, s.data);
	EXPECT(unlink(path) == 0);
	EXPECT(server_start(&s.settings, &server, &err) == -OAK_E_NOTFOUND);
	EXPECT(!server);
	server_settings_free(&s.settings);
}
