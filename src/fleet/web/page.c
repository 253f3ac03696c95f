/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/web/page.h"

#include <string.h>

#include "base/cleanup.h"
#include "fleet/store/sessions.h"
#include "fleet/web/assets.h"
#include "fleet/web/flash.h"
#include "fleet/web/template.h"

static const struct {
	const char *name, *href, *word;
	uint32_t scope; /* whoever may see it */
} entries[] = {
	{ "overview", "/", "Overview", SCOPE_READ },
	{ "hosts", "/hosts", "Hosts", SCOPE_READ },
	{ "rollouts", "/rollouts", "Rollouts", SCOPE_READ },
	{ "cves", "/cves", "CVEs", SCOPE_READ },
	{ "patches", "/patches", "Patches", SCOPE_READ },
	{ "findings", "/findings", "Findings", SCOPE_READ },
	{ "enrolment", "/enrolment", "Enrolment", SCOPE_HOSTS },
	{ "users", "/users", "People", SCOPE_ADMIN },
	{ "tokens", "/tokens", "Tokens", SCOPE_ADMIN },
	{ "webhooks", "/webhooks", "Webhooks", SCOPE_ADMIN },
	{ "audit", "/audit", "Audit log", SCOPE_ADMIN },
	{ "settings", "/settings", "Settings", SCOPE_READ },
};

static const struct {
	const char *name;
	uint32_t scope;
} abilities[] = {
	{ "hosts", SCOPE_HOSTS },
	{ "rollouts", SCOPE_ROLLOUTS },
	{ "approve", SCOPE_APPROVE },
	{ "admin", SCOPE_ADMIN },
};

static const struct {
	const char *name, *value;
} safety[] = {
	{ "Content-Security-Policy", WEB_CSP },
	{ "X-Frame-Options", "DENY" },
	/* Not "no-referrer": a browser would send "Origin: null" with our own forms. */
	{ "Referrer-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
};

static bool wants_part(const struct http_request *req)
{
	const char *part = http_header(req, "oakum-part");

	return part && strcmp(part, "main") == 0;
}

static json_t *navigation(const struct http_request *req, const char *current)
{
	json_t *list = json_array();
	bool parted = false, apart;

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		bool here = current && strcmp(current, entries[i].name) == 0;

		if (!(entries[i].scope & req->scopes))
			continue;
		/* What is for those who run the server stands apart. */
		apart = entries[i].scope != SCOPE_READ && !parted;
		parted = parted || apart;
		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:b}", "name",
							    entries[i].name, "href", entries[i].href,
							    "word", entries[i].word, "here", here,
							    "apart", apart));
	}
	return list;
}

static json_t *may(const struct http_request *req)
{
	json_t *can = json_object();

	for (size_t i = 0; i < sizeof(abilities) / sizeof(abilities[0]); i++)
		(void)json_object_set_new(can, abilities[i].name,
					  json_boolean(abilities[i].scope & req->scopes));
	return can;
}

/* "user:anna" is Anna. */
static const char *name_of(const struct http_request *req)
{
	const char *who = req->who ? req->who : "";

	return strncmp(who, "user:", 5) == 0 ? who + 5 : who;
}

/* The emergency stop; NULL: not stopped, not known, or not for these eyes. */
static json_t *stop_of(const struct worker_seat *seat, const struct http_request *req)
{
	struct worker_seat ours;
	_cleanup_(json_decrefp) json_t *stop = NULL;
	char ago[WEB_TEXT];

	if (!seat || !(req->scopes & SCOPE_READ))
		return NULL;
	ours = *seat;
	if (web_call(&ours, req, "GET", "/api/v1/stop", NULL, &stop) != 200)
		return NULL;
	if (!json_is_true(json_object_get(stop, "stopped")))
		return NULL;
	web_ago(json_integer_value(json_object_get(stop, "since")), req->now_s, ago);
	(void)json_object_set_new(stop, "since_text", json_string(ago));
	return take_ptr(stop);
}

/* The choice that web/src/theme.js keeps; else what the browser prefers. */
static const char *theme_of(const struct http_request *req)
{
	size_t len = 0;
	const char *theme = web_cookie(req, "oakum-theme", &len);

	if (theme && len == 4 && strncmp(theme, "dark", 4) == 0)
		return "dark";
	return theme && len == 5 && strncmp(theme, "light", 5) == 0 ? "light" : "";
}

static json_t *frame_of(const struct worker_seat *seat, const struct http_request *req,
			const struct page *p)
{
	const char *csrf = req->session ? req->session->csrf : "";
	json_t *frame = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o*}", "title", p->title,
				  "who", name_of(req), "style", web_style, "script", web_script,
				  "theme", theme_of(req), "in", req->scopes != 0, "nav",
				  navigation(req, p->nav), "stop", stop_of(seat, req));

	return json_pack("{s:s, s:o, s:o, s:O}", "csrf", csrf, "can", may(req), "frame", frame,
			 "view", p->view);
}

/* All templates, and the page's own under the name "main", which frame.html and part.html have as a part. */
static struct template_text *with_main(const char *name)
{
	struct template_text *all;
	size_t n = 0;

	while (web_templates[n].name)
		n++;
	all = calloc(n + 2, sizeof(*all));
	if (!all)
		return NULL;
	memcpy(all + 1, web_templates, (n + 1) * sizeof(*all));
	for (size_t i = 0; i < n; i++)
		if (strcmp(web_templates[i].name, name) == 0)
			all[0] = (struct template_text){ "main", web_templates[i].text };
	if (!all[0].name)
		all[0] = (struct template_text){ "main", "{{>no-such-page}}" };
	return all;
}

static int render(const struct http_request *req, struct http_response *res, const char *template,
		  const json_t *document, struct oak_error *err)
{
	_cleanup_(freep) struct template_text *texts = with_main(template);

	if (!texts)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	buf_free(&res->body);
	return template_render(texts, wants_part(req) ? "part" : "frame", document, &res->body, err);
}

static void fail_plainly(struct http_response *res, const char *why)
{
	buf_free(&res->body);
	res->status = 500;
	res->type = "text/plain; charset=utf-8";
	(void)!buf_printf(&res->body, "The page could not be made: %s\n", why);
}

void page_send(const struct worker_seat *seat, const struct http_request *req,
	       struct http_response *res, unsigned status, struct page p)
{
	_cleanup_(json_decrefp) json_t *view = p.view, *document = NULL;
	struct oak_error err = { 0 };
	int r = 0;

	if (!view || !(document = frame_of(seat, req, &p))) {
		fail_plainly(res, "out of memory");
		return;
	}
	for (size_t i = 0; i < sizeof(safety) / sizeof(safety[0]) && r == 0; i++)
		r = http_set_header(res, safety[i].name, safety[i].value);
	if (r == 0 && !wants_part(req))
		r = flash_take(req, res, json_object_get(document, "frame"));
	if (r == 0)
		r = render(req, res, p.template, document, &err);
	res->status = status;
	res->type = "text/html; charset=utf-8";
	if (r < 0)
		fail_plainly(res, err.msg[0] ? err.msg : "out of memory");
}

/* What to do next, where the message does not say. */
static const struct {
	unsigned status;
	const char *title, *next;
} problems[] = {
	{ 400, "That was not understood", "Go back, correct it, and try again." },
	{ 401, "You are not signed in", "Sign in, and try again." },
	{ 403, "You may not do that",
	  "Your role does not allow it. Ask somebody who administers this server." },
	{ 404, "There is no such page", "It may have been renamed or deleted. The menu leads on." },
	{ 409, "That cannot be done now", "Look at its present state, and decide again." },
	{ 413, "That was too large", "Send less at once." },
	{ 429, "That was too much at once", "Wait a little, and try again." },
	{ 503, "The server is busy", "Wait a little, and try again." },
	{ 0, "Something went wrong",
	  "Try again. The server's log has more under the number of this request." },
};

void page_problem(const struct http_request *req, struct http_response *res, unsigned status,
		  const char *detail)
{
	size_t i = 0;

	while (problems[i].status && problems[i].status != status)
		i++;
	page_send(NULL, req, res, status,
		  (struct page){ .template = "problem",
				 .title = problems[i].title,
				 .view = json_pack("{s:i, s:s, s:s, s:s, s:s}", "status",
						   (int)status, "what", problems[i].title, "detail",
						   detail, "next", problems[i].next, "request",
						   req->id) });
}

void page_go(const struct http_request *req, struct http_response *res, const char *to, bool good,
	     const char *flash)
{
	bool ours = to[0] == '/' && to[1] != '/' && to[1] != '\\';

	res->status = 303;
	if (http_set_header(res, "Location", ours ? to : "/") < 0 ||
	    flash_leave(res, good, flash) < 0)
		http_problem(req, res, 500, "internal", "out of memory");
}
