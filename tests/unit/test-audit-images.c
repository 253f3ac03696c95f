/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections 4 and 6 of the Docker Benchmark, and trust in images as local state tells it. */
#include "audit-fixture.h"
#include "audit/history.h"
#include "audit/images.h"
#include "fake-docker.h"
#include "fake-security.h"

#include <sys/inotify.h>

#define IMAGES "var/lib/docker/image/overlay2/"
#define IMAGE  IMAGES "imagedb/content/sha256/" ID_B
#define POLICY "etc/containers/policy.json"

static int new_host(const char *image)
{
	int root = docker_new("", "{}");

	tree_put(root, IMAGE, image);
	tree_put(root, IMAGES "imagedb/content/sha256/not-an-id", "{}");
	tree_put(root, IMAGES "repositories.json",
		 "{\"Repositories\": {\"nginx\": {\"nginx@sha256:1\": \"sha256:" ID_B
		 "\", \"nginx:1\": \"sha256:" ID_B "\", \"other:1\": \"sha256:" ID_A "\"}}}");
	return root;
}

TEST(images_have_a_health_check)
{
	_cleanup_(closep) int root =
		new_host("{\"config\": {\"Healthcheck\": {\"Test\": [\"CMD\", \"x\"]}}}");

	expect_verdict(root, "4.6", AUDIT_PASS);
	tree_put(root, IMAGE, "{\"config\": {}}");
	expect_subject(root, "4.6", 1, 0, AUDIT_WARN, "image nginx:1");
	tree_put(root, IMAGE, "{");
	expect_finding(root, "4.6", "not-applicable: /var/lib/docker: no images");
	tree_drop(root, "var/lib/docker/image");
	expect_verdict(root, "4.6", AUDIT_INAPPLICABLE);
	expect_verdict(root, "6.1", AUDIT_UNKNOWN);
}

/* docker-bench looks for the words "update" and "ADD" in any line. */
TEST(images_are_built_well)
{
	_cleanup_(closep) int root = new_host(
		"{\"history\": [{\"created_by\": \"/bin/sh -c #(nop) ADD file:0 in / \"}, "
		"{\"created_by\": \"/bin/sh -c apt-get update && apt-get install -y x\"}]}");

	expect_finding(root, "4.7", "pass: /" IMAGE ": history: no such step");
	expect_finding(root, "4.9", "pass: /" IMAGE ": history: no such step");
	tree_put(root, IMAGE,
		 "{\"history\": [7, {\"created_by\": \"RUN /bin/sh -c apt-get update # buildkit\"}, "
		 "{\"created_by\": \"ADD x.tar / # buildkit\"}]}");
	expect_finding(root, "4.7",
		       "warn: /" IMAGE ": history: RUN /bin/sh -c apt-get update # buildkit");
	expect_finding(root, "4.9", "warn: /" IMAGE ": history: ADD x.tar / # buildkit");
	tree_put(root, IMAGE, "{}");
	expect_verdict(root, "4.7", AUDIT_UNKNOWN);
	expect_verdict(root, "4.9", AUDIT_UNKNOWN);
}

TEST(steps_of_a_history_are_read)
{
	static const struct {
		const char *step;
		bool updates, adds, fetches;
	} cases[] = {
		{ "/bin/sh -c apt-get update", true, false, false },
		{ "/bin/sh -c apt-get -qq update", true, false, false },
		{ "/bin/sh -c apt-get update; rm -rf /x", true, false, false },
		{ "RUN /bin/sh -c apt-get update && apt-get install -y x # buildkit", false, false,
		  false },
		{ "/bin/sh -c apk update", true, false, false },
		{ "/bin/sh -c apk --no-cache add x", false, false, false },
		{ "/bin/sh -c yum -y update", false, false, false },
		{ "/bin/sh -c dnf makecache", true, false, false },
		{ "/bin/sh -c zypper ref && zypper -n in x", false, false, false },
		{ "/bin/sh -c update-ca-certificates", false, false, false },
		{ "/bin/sh -c #(nop)  CMD [\"update\"]", false, false, false },
		{ "/bin/sh -c #(nop) ADD file:01 in / ", false, true, false },
		{ "ADD --chown=1:1 https://x.example/y /z # buildkit", false, true, true },
		{ "ADD x /y # https://x.example", false, true, false },
		{ "COPY ADD /x", false, false, false },
		{ "ADDITION", false, false, false },
		{ "", false, false, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool fetches = false;

		test_case = cases[i].step;
		EXPECT(history_only_updates(cases[i].step) == cases[i].updates);
		EXPECT(history_adds(cases[i].step, &fetches) == cases[i].adds);
		EXPECT(fetches == cases[i].fetches);
	}
	test_case = NULL;
}

/* docker-bench asks the engine for all images once for each container. */
TEST(images_are_read_once)
{
	_cleanup_(closep) int root = new_host("{}"),
			      watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	static const char *const only[] = { "images", NULL };
	const struct audit_options opt = { .only = only, .now = AUDIT_NOW };
	union {
		struct inotify_event event;
		char bytes[8192];
	} seen;
	struct audit a = { .n = 0 };
	struct oak_error err;
	char path[4300];
	size_t opened = 0;

	for (int i = 0; i < 20; i++) {
		(void)snprintf(path, sizeof(path), "var/lib/docker/containers/%064d/config.v2.json",
			       i);
		tree_put(root, path, "{}");
	}
	(void)snprintf(path, sizeof(path), "%s/root/" IMAGE, test_dir());
	EXPECT(inotify_add_watch(watch, path, IN_OPEN) >= 0);
	EXPECT(audit_run(root, &opt, &a, &err) == 0);
	audit_clear(&a);
	for (ssize_t n; (n = read(watch, seen.bytes, sizeof(seen.bytes))) > 0;)
		opened += (size_t)n / sizeof(seen.event);
	EXPECT(opened == 1);
}

TEST(images_have_an_age)
{
	_cleanup_(closep) int root = new_host("{\"created\": \"2026-11-01T10:00:00.5Z\"}");

	expect_finding(root, "image.age", "pass: /" IMAGE ": made on 2026-11-01, 17 days ago");
	tree_put(root, IMAGE, "{\"created\": \"2026-01-01T10:00:00Z\"}");
	expect_finding(root, "image.age", "warn: /" IMAGE ": made on 2026-01-01, 321 days ago");
	/* Builds that are to be repeatable. */
	tree_put(root, IMAGE, "{\"created\": \"0001-01-01T00:00:00Z\"}");
	expect_verdict(root, "image.age", AUDIT_UNKNOWN);
	tree_put(root, IMAGE, "{\"created\": 7}");
	expect_verdict(root, "image.age", AUDIT_UNKNOWN);
	/* podman's. */
	tree_drop(root, "var/lib/docker/image");
	tree_put(root, "var/lib/containers/storage/overlay-images/images.json",
		 "[{\"id\": \"" ID_A "\", \"names\": [\"docker.io/library/x:1\"], "
		 "\"created\": \"2026-11-17T00:00:00Z\"}, {\"id\": 3}, 4]");
	expect_subject(root, "image.age", 3, 2, AUDIT_PASS, "image docker.io/library/x:1");
}

TEST(image_ages_are_counted)
{
	EXPECT(image_age_days("2026-11-17", AUDIT_NOW) == 1);
	EXPECT(image_age_days("2027-11-17", AUDIT_NOW) < 0);
	EXPECT(image_age_days("2026-13-17", AUDIT_NOW) == -1);
	EXPECT(image_age_days("2026-1-17T00", AUDIT_NOW) == -1);
	EXPECT(image_age_days("", AUDIT_NOW) == -1);
	EXPECT(image_age_days("2026-11-1", AUDIT_NOW) == -1);
}

TEST(images_are_trusted_by_policy)
{
	static const struct {
		const char *text;
		enum audit_verdict want;
	} cases[] = {
		{ "{\"default\": [{\"type\": \"reject\"}]}", AUDIT_PASS },
		{ "{\"default\": [{\"type\": \"signedBy\"}]}", AUDIT_PASS },
		{ "{\"default\": [{\"type\": \"sigstoreSigned\"}]}", AUDIT_PASS },
		{ "{\"default\": [{\"type\": \"insecureAcceptAnything\"}]}", AUDIT_WARN },
		{ "{\"default\": []}", AUDIT_UNKNOWN },
		{ "{", AUDIT_UNKNOWN },
	};
	_cleanup_(closep) int root = tree_new_host();

	expect_verdict(root, "image.policy", AUDIT_INAPPLICABLE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].text;
		tree_put(root, POLICY, cases[i].text);
		expect_verdict(root, "image.policy", cases[i].want);
	}
	test_case = NULL;
	tree_put(root, POLICY,
		 "{\"default\": [{\"type\": \"insecureAcceptAnything\"}], \"transports\": {\"docker\": {"
		 "\"quay.io/x\": [{\"type\": \"sigstoreSigned\"}], \"y\": [{\"type\": \"reject\"}], "
		 "\"z\": 7}, \"atomic\": 3}}");
	expect_finding(root, "image.policy",
		       "warn: /" POLICY ": default: insecureAcceptAnything; /" POLICY
		       ": places that need a signature: 1");
}

/* docker-bench reads the variable of the shell that it runs in. */
TEST(images_have_content_trust)
{
	_cleanup_(closep) int root = new_host("{}");

	EXPECT(setenv("DOCKER_CONTENT_TRUST", "1", 1) == 0);
	expect_verdict(root, "4.5", AUDIT_WARN);
	EXPECT(unsetenv("DOCKER_CONTENT_TRUST") == 0);
	tree_put(root, "etc/environment", "PATH=/bin\nDOCKER_CONTENT_TRUST=1\n");
	expect_finding(root, "4.5", "pass: /etc/environment: DOCKER_CONTENT_TRUST=1");
}

#define CONTAINERS_IMAGES "var/lib/containers/storage/overlay-images/images.json"

TEST(images_are_signed_as_far_as_this_host_tells)
{
	static const char image[] = "{\"id\": \"" ID_A "\", \"digest\": \"sha256:" ID_C
				    "\", \"names\": [\"quay.io/x/y:1\"]}";
	static const char attachment[] = "{\"id\": \"" ID_B
					 "\", \"names\": [\"quay.io/x/y:sha256-" ID_C ".sig\"]}";
	_cleanup_(closep) int root = tree_new_host();
	char text[2048];

	(void)snprintf(text, sizeof(text), "[%s]", image);
	tree_put(root, CONTAINERS_IMAGES, text);
	expect_finding(root, "image.signed",
		       "info: /" CONTAINERS_IMAGES ": no signature on this host");
	tree_put(root, "var/lib/containers/sigstore/quay.io/x/y@sha256=" ID_C "/signature-1", "x");
	expect_verdict(root, "image.signed", AUDIT_PASS);
	tree_drop(root, "var/lib/containers/sigstore");
	(void)snprintf(text, sizeof(text), "[%s, %s]", image, attachment);
	tree_put(root, CONTAINERS_IMAGES, text);
	expect_finding(root, "image.signed",
		       "pass: /" CONTAINERS_IMAGES ": quay.io/x/y:sha256-" ID_C ".sig");
	/* Of another image. */
	EXPECT(!image_signs("quay.io/x/y:sha256-" ID_C ".att"));
	EXPECT(!image_signs("quay.io/x/y:sha256-00.sig"));
	EXPECT(image_signs("y:sha256-" ID_C ".sig"));
	/* docker's names have digests. */
	tree_drop(root, "var/lib/containers");
	tree_put(root, IMAGE, "{}");
	tree_put(root, IMAGES "repositories.json",
		 "{\"Repositories\": {\"y\": {\"y:1\": \"sha256:" ID_B "\", \"y@sha256:" ID_C
		 "\": \"sha256:" ID_B "\"}}}");
	tree_put(root, "var/lib/containers/sigstore/y@sha256=" ID_C "/signature-1", "x");
	expect_verdict(root, "image.signed", AUDIT_PASS);
}

TEST(images_are_pinned)
{
	static const char path[] = "var/lib/docker/containers/" ID_A "/config.v2.json";
	_cleanup_(closep) int root = fake_security();

	expect_verdict(root, "image.pinned", AUDIT_UNKNOWN);
	tree_put(root, path, "{\"Config\": {\"Image\": \"nginx:latest\"}}");
	expect_verdict(root, "image.pinned", AUDIT_WARN);
	tree_put(root, path, "{\"Config\": {\"Image\": \"nginx@sha256:" ID_B "\"}}");
	expect_verdict(root, "image.pinned", AUDIT_PASS);
}

TEST(images_and_containers_do_not_pile_up)
{
	static const char *const ids[] = { "4.5",          "4.6",          "4.7",
					   "4.9",          "6.1",          "6.2",
					   "image.policy", "image.signed", "image.pinned",
					   "image.age" };
	_cleanup_(closep) int root = new_host("{}");
	char path[200];

	expect_finding(root, "6.1", "pass: /var/lib/docker: 1 images");
	expect_verdict(root, "6.2", AUDIT_UNKNOWN);
	for (int i = 0; i < 27; i++) {
		(void)snprintf(path, sizeof(path), "var/lib/docker/containers/%064d/config.v2.json",
			       i);
		tree_put(root, path, i ? "{}" : "{\"State\": {\"Running\": true}}");
	}
	expect_finding(root, "6.2",
		       "warn: /var/lib/docker/containers: 27 containers, 1 of them run");
	tree_drop(root, path);
	(void)snprintf(path, sizeof(path), "var/lib/docker/containers/%064d", 26);
	tree_drop(root, path);
	expect_verdict(root, "6.2", AUDIT_PASS);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(path, sizeof(path), IMAGES "imagedb/content/sha256/%064d", i);
		tree_put(root, path, "{}");
	}
	expect_verdict(root, "6.1", AUDIT_WARN);
	expect_all_of("images", ids, sizeof(ids) / sizeof(ids[0]));
}
