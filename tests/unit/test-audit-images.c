/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections 4 and 6 of the Docker Benchmark, and trust in images as local state tells it. */
#include "audit-fixture.h"
#include "audit/images.h"
#include "fake-docker.h"
#include "fake-security.h"

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
	static const char *const ids[] = { "4.5",          "4.6",          "6.1",      "6.2",
					   "image.policy", "image.pinned", "image.age" };
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
