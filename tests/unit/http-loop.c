/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http-loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fleet/director/shelf.h"
#include "fleet/http/file-cache.h"
#include "fleet/http/stream.h"
#include "http-raw.h"

static int64_t clock_s(void)
{
	return 1000;
}

static void say_hello(_unused_ struct fleet *fleet, const struct http_request *req,
		      struct http_response *res)
{
	http_json(res, 200,
		  json_pack("{ss,ss}", "hello", http_query(req, "who") ?: "", "who", req->who));
}

static void say_length(_unused_ struct worker_seat *seat, const struct http_request *req,
		       struct http_response *res)
{
	http_json(res, 200, json_pack("{sI,ss}", "len", (json_int_t)req->len, "who", req->who));
}

static void say_session(_unused_ struct worker_seat *seat, const struct http_request *req,
			struct http_response *res)
{
	http_json(res, 200,
		  json_pack("{ss,ss,ss}", "session", req->session ? req->session->id : "", "who",
			    req->who, "person", req->person));
}

static void wait_a_while(struct worker_seat *seat, _unused_ const struct http_request *req,
			 struct http_response *res)
{
	struct loop_kept *kept = (struct loop_kept *)(void *)seat->fleet->events;

	(void)atomic_fetch_add(&kept->begun, 1);
	(void)nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	http_json(res, 200, json_pack("{ss}", "slept", "well"));
}

static void count_them(_unused_ struct worker_seat *seat, struct http_exchange *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		http_json(x[i].res, 200, json_pack("{sI}", "together", (json_int_t)n));
}

static void listen_to(struct worker_seat *seat, const struct http_request *req,
		      struct http_response *res, struct stream *s)
{
	struct loop_kept *kept = (struct loop_kept *)(void *)seat->fleet->events;

	if (http_query(req, "no")) {
		http_problem(req, res, 400, "malformed", "no");
		return;
	}
	(void)!stream_send(s, "id: 1\n\n", 7);
	(void)pthread_mutex_lock(&kept->lock);
	stream_release(kept->stream);
	kept->stream = stream_hold(s);
	(void)pthread_mutex_unlock(&kept->lock);
}

static const struct route routes[] = {
	{ "GET", "/hello", ROUTE_MEMORY, .memory = say_hello },
	{ "GET", "/secret", ROUTE_MEMORY, .scope = SCOPE_READ, .memory = say_hello },
	{ "GET", "/metrics", ROUTE_MEMORY, .scope = SCOPE_METRICS, .memory = say_hello },
	{ "POST", "/length", ROUTE_WORK, .work = say_length },
	{ "PUT", "/hosts", ROUTE_WORK, .scope = SCOPE_HOSTS, .body_max = 16, .work = say_length },
	{ "GET", "/slow", ROUTE_WORK, .work = wait_a_while },
	{ "GET", "/events", ROUTE_STREAM, .stream = listen_to },
	{ "POST", "/batch", ROUTE_BATCH, .batch = count_them },
	{ "GET", "/page", ROUTE_WORK, .scope = SCOPE_READ, .page = true, .work = say_session },
	{ "POST", "/page", ROUTE_WORK, .scope = SCOPE_READ, .page = true, .work = say_session },
	{ "GET", "/open", ROUTE_WORK, .page = true, .open = true, .work = say_session },
	{ "POST", "/open", ROUTE_WORK, .page = true, .open = true, .work = say_session },
	{ "POST", "/rights", ROUTE_WORK, .scope = SCOPE_ADMIN, .work = say_session },
	{ "POST", "/rights-page", ROUTE_WORK, .scope = SCOPE_ADMIN, .page = true,
	  .work = say_session },
	{ 0 },
};

static int check_token(_unused_ struct db *db, const char *secret, _unused_ int64_t now_s,
		       struct api_token *ret, struct oak_error *err)
{
	if (strcmp(secret, "oakum-api-good") != 0)
		return oak_fail(err, OAK_E_NOTFOUND, "no");
	*ret = (struct api_token){ .name = "ci", .scopes = SCOPE_READ };
	return 0;
}

static int check_session(_unused_ struct db *db, const char *secret, int64_t now_s,
			 struct session *ret, struct oak_error *err)
{
	static const struct {
		const char *secret;
		enum session_state state;
		enum person_role role;
		int64_t ago_s;
	} rows[] = {
		{ "full", SESSION_FULL, ROLE_ADMIN, SESSION_PROOF_S - 1 },
		{ "half", SESSION_CODE, ROLE_ADMIN, 0 },
		{ "stale", SESSION_FULL, ROLE_ADMIN, SESSION_PROOF_S },
		{ "viewer", SESSION_FULL, ROLE_VIEWER, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].secret, secret) != 0)
			continue;
		*ret = (struct session){
			.csrf = LOOP_CSRF,
			.state = rows[i].state,
			.user = { .id = "00000000000000aa", .name = "anna", .role = rows[i].role },
			.proved_s = now_s - rows[i].ago_s
		};
		(void)snprintf(ret->id, sizeof(ret->id), "%s", secret);
		return 0;
	}
	return oak_fail(err, OAK_E_NOTFOUND, "no");
}

/* As long as a small one is. */
static const char decision[] =
	"{\"signed\":{\"_type\":\"decision\",\"schema\":1,\"ring\":\"default\",\"version\":1,\"issued\":1,"
	"\"expires\":2,\"poll_s\":3600,\"report_s\":14400,\"stop\":null,\"unmanaged\":\"hold\","
	"\"rollouts\":[]},\"signatures\":[]}";

static const struct route *const tables[] = { routes_host, routes_static, routes, NULL };
static struct db *const no_dbs[2] = { 0 };

void loop_start(struct loop *s, const struct listener_limits *limits)
{
	loop_start_with(s, limits, &(struct server_settings){ .plain = true });
}

void loop_start_with(struct loop *s, const struct listener_limits *limits,
		     const struct server_settings *settings)
{
	struct listener_options opt = { .fleet = &s->fleet,
					.tables = tables,
					.dbs = no_dbs,
					.workers = 2,
					.check_token = check_token,
					.check_session = check_session };
	struct oak_error err = { 0 };

	*s = (struct loop){ .settings = *settings,
			    .fleet = { .settings = &s->settings, .now_s = clock_s } };
	s->settings.listen = (char *)(uintptr_t) "127.0.0.1:0";
	s->fleet.events = (struct event_hub *)(void *)&s->kept;
	(void)pthread_mutex_init(&s->kept.lock, NULL);
	s->fleet.shelf = shelf_new();
	s->fleet.files = file_cache_new();
	if (!s->fleet.shelf || !s->fleet.files)
		abort();
	shelf_put(s->fleet.shelf, "default", 1, strdup(decision));
	if (limits)
		opt.limits = *limits;
	if (listener_start(&opt, &s->l, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.msg);
		abort();
	}
	s->port = listener_port(s->l);
}

void loop_stop(struct loop *s)
{
	listener_stop(s->l);
	stream_release(take_ptr(s->kept.stream));
	(void)pthread_mutex_destroy(&s->kept.lock);
	shelf_free(s->fleet.shelf);
	file_cache_free(s->fleet.files);
}

void loop_wait_begun(struct loop *s, unsigned n)
{
	for (int i = 0; i < 1000 && atomic_load(&s->kept.begun) < n; i++)
		(void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

int loop_ask(int fd, const char *request, char *ret, size_t size)
{
	raw_send(fd, request);
	return raw_answer(fd, strncmp(request, "HEAD", 4) == 0, ret, size);
}
