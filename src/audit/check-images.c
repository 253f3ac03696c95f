/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-images: sections 4 and 6 of the Docker Benchmark, and what local state tells of the trust in
 * images: policy.json, pinning by digest, age.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/container-state.h"
#include "audit/engine.h"
#include "audit/images.h"
#include "audit/inside.h"
#include "audit/tables.h"
#include "base/cleanup.h"

#define POLICY       "/etc/containers/policy.json"
#define POLICY_MAX   (1u << 20)
#define SIGSTORE     "/var/lib/containers/sigstore"
#define AGE_DAYS_MAX 90

/* Images of docker, or those of all stores. */
static bool no_images(struct audit *a, const struct audit_check *c)
{
	const struct images *images = &a->ctx.images;

	if (images->n)
		return false;
	audit_saw(a, audit_find(a, c, "host", AUDIT_INAPPLICABLE), a->ctx.docker.store,
		  images->docker_read ? "no images" : "no store of images that can be read");
	return true;
}

static void check_health(struct audit *a, const struct audit_check *c)
{
	if (no_images(a, c))
		return;
	for (size_t i = 0; i < a->ctx.images.n; i++) {
		const struct image *image = &a->ctx.images.v[i];
		char subject[AUDIT_SUBJECT_MAX];
		struct finding *f;

		if (image->store != IMAGE_STORE_DOCKER)
			continue;
		(void)snprintf(subject, sizeof(subject), "image %s", image->name);
		f = audit_find(a, c, subject, image->has_health ? AUDIT_PASS : AUDIT_WARN);
		audit_saw(a, f, image->file,
			  image->has_health ? "has a HEALTHCHECK" : "has no HEALTHCHECK");
	}
}

/* @bad: the step of an image that is not as it should be, or "". */
static void note_step(struct audit *a, const struct audit_check *c, const struct image *image,
		      const char *bad)
{
	enum audit_verdict v = bad[0] ? AUDIT_WARN : AUDIT_PASS;
	char subject[AUDIT_SUBJECT_MAX];

	(void)snprintf(subject, sizeof(subject), "image %s", image->name);
	if (!image->has_history)
		audit_saw(a, audit_find(a, c, subject, AUDIT_UNKNOWN), image->file, "no history");
	else
		audit_sawf(a, audit_find(a, c, subject, v), image->file, "history: %s",
			   bad[0] ? bad : "no such step");
}

static void check_updates(struct audit *a, const struct audit_check *c)
{
	if (no_images(a, c))
		return;
	for (size_t i = 0; i < a->ctx.images.n; i++)
		if (a->ctx.images.v[i].store == IMAGE_STORE_DOCKER)
			note_step(a, c, &a->ctx.images.v[i], a->ctx.images.v[i].updates);
}

static void check_adds(struct audit *a, const struct audit_check *c)
{
	if (no_images(a, c))
		return;
	for (size_t i = 0; i < a->ctx.images.n; i++)
		if (a->ctx.images.v[i].store == IMAGE_STORE_DOCKER)
			note_step(a, c, &a->ctx.images.v[i], a->ctx.images.v[i].adds);
}

static void check_age(struct audit *a, const struct audit_check *c)
{
	if (no_images(a, c))
		return;
	for (size_t i = 0; i < a->ctx.images.n; i++) {
		const struct image *image = &a->ctx.images.v[i];
		long days = image_age_days(image->created, a->ctx.now);
		enum audit_verdict v = AUDIT_PASS;
		char subject[AUDIT_SUBJECT_MAX];
		struct finding *f;

		if (!image->created[0])
			v = AUDIT_UNKNOWN;
		else if (days > AGE_DAYS_MAX)
			v = AUDIT_WARN;
		(void)snprintf(subject, sizeof(subject), "image %s", image->name);
		f = audit_find(a, c, subject, v);
		if (v == AUDIT_UNKNOWN)
			audit_saw(a, f, image->file, "does not say when it was made");
		else
			audit_sawf(a, f, image->file, "made on %s, %ld days ago", image->created,
				   days);
	}
}

/* Does one of the files that shells and services read set it? */
static bool has_content_trust(int root, const char **ret_file)
{
	static const char *const files[] = { "/etc/environment", "/etc/profile", "/etc/bash.bashrc",
					     "/etc/profile.d/docker.sh", "/etc/default/docker" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		_cleanup_(buf_free) struct buf text = { 0 };

		if (inside_read(root, files[i], POLICY_MAX, &text) == 0 &&
		    strstr(buf_str(&text), "DOCKER_CONTENT_TRUST=1")) {
			*ret_file = files[i];
			return true;
		}
	}
	return false;
}

/* The types of requirements of policy.json; "" where it is malformed. */
static const char *default_type(const json_t *policy)
{
	const json_t *first = json_array_get(json_object_get(policy, "default"), 0);
	const char *type = json_get_str(first, "type");

	return type ? type : "";
}

static bool wants_signature(const char *type)
{
	return type && (strcmp(type, "signedBy") == 0 || strcmp(type, "sigstoreSigned") == 0);
}

/* One of the requirements of a place does. */
static bool place_wants_signature(const json_t *wanted)
{
	const json_t *one;
	size_t i;

	json_array_foreach(wanted, i, one)
	{
		if (wants_signature(json_get_str(one, "type")))
			return true;
	}
	return false;
}

/* Registries and repositories of all transports. */
static size_t count_signed(const json_t *policy)
{
	json_t *transports = json_object_get(policy, "transports"), *scopes, *wanted;
	const char *transport, *scope;
	size_t n = 0;

	json_object_foreach(transports, transport, scopes)
	{
		json_object_foreach(scopes, scope, wanted) n += place_wants_signature(wanted);
	}
	return n;
}

static void check_docker_trust(struct audit *a, const struct audit_check *c)
{
	const char *file = "/etc/environment";
	struct finding *f;
	bool on;

	if (engine_no_docker(a, c))
		return;
	on = has_content_trust(a->ctx.root, &file);
	f = audit_find(a, c, ENGINE_DOCKER, on ? AUDIT_PASS : AUDIT_WARN);
	audit_saw(a, f, file, on ? "DOCKER_CONTENT_TRUST=1" : "no DOCKER_CONTENT_TRUST=1");
}

static void check_policy(struct audit *a, const struct audit_check *c)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	const char *type;
	struct finding *f;
	int r = inside_read_json(a->ctx.root, POLICY, POLICY_MAX, &j);

	if (r == -ENOENT || r == -ENOTDIR) {
		audit_saw(a, audit_find(a, c, "host", AUDIT_INAPPLICABLE), POLICY, "not here");
		return;
	}
	type = default_type(j);
	if (strcmp(type, "reject") == 0 || wants_signature(type))
		f = audit_find(a, c, "host", AUDIT_PASS);
	else if (strcmp(type, "insecureAcceptAnything") == 0)
		f = audit_find(a, c, "host", AUDIT_WARN);
	else
		f = audit_find(a, c, "host", AUDIT_UNKNOWN);
	audit_sawf(a, f, POLICY, "default: %s", type[0] ? type : "malformed");
	audit_sawf(a, f, POLICY, "places that need a signature: %zu", count_signed(j));
}

/* What cosign put beside an image, if somebody pulled that as well. */
static const struct image *find_attachment(const struct images *images, const char *digest)
{
	for (size_t i = 0; digest[0] && i < images->n; i++) {
		const char *of = image_signs(images->v[i].name);

		if (of && strncmp(of, digest, 64) == 0)
			return &images->v[i];
	}
	return NULL;
}

/* "docker.io/library/x:1" of "x@sha256=<digest>/signature-1" below the folder of signatures. */
static bool has_lookaside(int root, const struct image *image, char *ret, size_t size)
{
	const char *slash = strrchr(image->name, '/');
	size_t len = slash ? (size_t)(slash - image->name) : 0;
	struct stat st;

	len += strcspn(image->name + len, ":@");
	(void)snprintf(ret, size, SIGSTORE "/%.*s@sha256=%s/signature-1", (int)len, image->name,
		       image->digest);
	return image->digest[0] && !strstr(ret, "..") && inside_stat(root, ret, &st) == 0;
}

static void check_signed(struct audit *a, const struct audit_check *c)
{
	const struct images *images = &a->ctx.images;

	if (no_images(a, c))
		return;
	for (size_t i = 0; i < images->n; i++) {
		const struct image *image = &images->v[i], *attachment;
		char subject[AUDIT_SUBJECT_MAX], path[512];

		if (image_signs(image->name))
			continue;
		(void)snprintf(subject, sizeof(subject), "image %s", image->name);
		attachment = find_attachment(images, image->digest);
		if (attachment)
			audit_sawf(a, audit_find(a, c, subject, AUDIT_PASS), attachment->file, "%s",
				   attachment->name);
		else if (has_lookaside(a->ctx.root, image, path, sizeof(path)))
			audit_saw(a, audit_find(a, c, subject, AUDIT_PASS), path, "a signature");
		else
			audit_saw(a, audit_find(a, c, subject, AUDIT_INFO), image->file,
				  "no signature on this host");
	}
}

/* "name@sha256:..." stays what it is; a tag is whatever the registry says today. */
static void check_pinned(struct audit *a, const struct audit_check *c,
			 const struct audit_container *ct)
{
	const char *image = json_get_str(json_object_get(ct->config, "Config"), "Image");
	enum audit_verdict v = AUDIT_WARN;

	if (!image)
		image = ct->v->c.image;
	if (!image[0])
		v = AUDIT_UNKNOWN;
	else if (strstr(image, "@sha256:") || strncmp(image, "sha256:", 7) == 0)
		v = AUDIT_PASS;
	(void)container_note(a, c, ct, v, ct->config ? ct->config_path : "/proc", "image: %s",
			     image[0] ? image : "no file tells");
}

/* "Running": true of the state; docker has the key once, and the whole document is no use here. */
static bool says_running(const char *config)
{
	static const char key[] = "\"Running\"";
	const char *p = strstr(config, key);

	if (!p)
		return false;
	p += strlen(key);
	p += strspn(p, ": \t\n");
	return strncmp(p, "true", 4) == 0;
}

/* How many containers docker keeps, and images that none of them uses. */
static void check_container_sprawl(struct audit *a, const struct audit_check *c)
{
	_cleanup_(closedirp) DIR *d = NULL;
	size_t kept = 0, runs = 0;
	struct dirent *e;
	struct finding *f;
	char path[320];

	if (engine_no_docker(a, c))
		return;
	(void)snprintf(path, sizeof(path), "%s/containers", a->ctx.docker.store);
	d = inside_opendir(a->ctx.root, path);
	if (!d) {
		audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_UNKNOWN), path, "cannot be read");
		return;
	}
	while ((e = readdir(d))) {
		_cleanup_(buf_free) struct buf text = { 0 };
		char file[640];

		if (strlen(e->d_name) != 64)
			continue;
		kept++;
		(void)snprintf(file, sizeof(file), "%s/%s/config.v2.json", path, e->d_name);
		if (inside_read(a->ctx.root, file, DECLARED_MAX, &text) == 0)
			runs += says_running(buf_str(&text));
	}
	f = audit_find(a, c, ENGINE_DOCKER, kept - runs > 25 ? AUDIT_WARN : AUDIT_PASS);
	audit_sawf(a, f, path, "%zu containers, %zu of them run", kept, runs);
}

static void check_image_sprawl(struct audit *a, const struct audit_check *c)
{
	size_t n = 0;
	struct finding *f;

	if (engine_no_docker(a, c))
		return;
	for (size_t i = 0; i < a->ctx.images.n; i++)
		n += a->ctx.images.v[i].store == IMAGE_STORE_DOCKER;
	if (!a->ctx.images.docker_read) {
		audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_UNKNOWN), a->ctx.docker.store,
			  "no store of images that can be read");
		return;
	}
	f = audit_find(a, c, ENGINE_DOCKER, n > 100 ? AUDIT_WARN : AUDIT_PASS);
	audit_sawf(a, f, a->ctx.docker.store, "%zu images", n);
}

#define CONTENT                                                                                     \
	"what is in an image only a scanner of images can tell, and whether it is needed only its " \
	"author"

static const struct audit_check rows[] = {
	{ .id = "4.2",
	  .title = "base images are trusted",
	  .why = "what is in the base is in every image",
	  .severity = AUDIT_MEDIUM,
	  .manual =
		  "trust is a decision; image.policy and image.pinned look at how it is enforced" },
	{ .id = "4.3",
	  .title = "images have no packages that they do not need",
	  .why = "each is more to attack with",
	  .severity = AUDIT_LOW,
	  .manual = CONTENT },
	{ .id = "4.4",
	  .title = "images are scanned and built anew",
	  .why = "an image keeps the flaws of the day when it was made",
	  .severity = AUDIT_MEDIUM,
	  .manual = CONTENT "; image.age looks at how old they are" },
	{ .id = "4.5",
	  .title = "content trust is on for docker",
	  .why = "without it an image is whatever the registry sends; Notary of version 1, on which "
		 "it stands, is being retired: image.policy is the way of today",
	  .fix = "DOCKER_CONTENT_TRUST=1 in /etc/environment; better: signed images and an engine "
		 "that verifies them (policy.json), or admission by a cluster",
	  .severity = AUDIT_LOW,
	  .run = check_docker_trust },
	{ .id = "4.6",
	  .title = "images say how their health is checked",
	  .why = "one that hangs is otherwise not noticed",
	  .fix = "HEALTHCHECK in the Dockerfile",
	  .severity = AUDIT_LOW,
	  .run = check_health },
	{ .id = "4.7",
	  .title = "updates are not a step of their own",
	  .why = "the step is cached, and packages grow old; in a base image as well",
	  .fix = "update and install in one RUN",
	  .severity = AUDIT_LOW,
	  .run = check_updates },
	{ .id = "4.8",
	  .title = "images have no setuid programs that they do not need",
	  .why = "each makes root of a user",
	  .severity = AUDIT_LOW,
	  .manual = CONTENT "; 5.26 takes their effect away" },
	{ .id = "4.9",
	  .title = "COPY is used, not ADD",
	  .why = "ADD fetches and unpacks; the first step, which brings the root file system, is no "
		 "matter of choice",
	  .fix = "COPY; what comes from elsewhere with curl and a checksum, in the RUN that needs it",
	  .severity = AUDIT_LOW,
	  .run = check_adds },
	{ .id = "4.10",
	  .title = "no secrets are in Dockerfiles",
	  .why = "everyone who has the image has them",
	  .severity = AUDIT_HIGH,
	  .manual = "the Dockerfile is not on this host, and what is a secret its author knows" },
	{ .id = "4.11",
	  .title = "only verified packages are installed",
	  .why = "what was fetched without a check may be anybody's",
	  .severity = AUDIT_MEDIUM,
	  .manual = CONTENT },
	{ .id = "4.12",
	  .title = "signed artifacts are verified",
	  .why = "a signature that nobody looks at is none",
	  .severity = AUDIT_MEDIUM,
	  .manual = "image.policy answers for engines that have a policy; docker has none" },
	{ .id = "6.1",
	  .title = "images do not pile up",
	  .why = "old ones are started by mistake, with their flaws",
	  .fix = "docker image prune",
	  .severity = AUDIT_LOW,
	  .run = check_image_sprawl },
	{ .id = "6.2",
	  .title = "containers do not pile up",
	  .why = "old ones are started by mistake, with their flaws",
	  .fix = "docker container prune",
	  .severity = AUDIT_LOW,
	  .run = check_container_sprawl },
	{ .id = "image.policy",
	  .title = "images are accepted by signature",
	  .why = "podman, CRI-O and buildah ask " POLICY " before they take an image; by default it "
		 "accepts anything",
	  .fix = "\"default\": [{\"type\": \"reject\"}], and signedBy or sigstoreSigned for the "
		 "registries that are used",
	  .source = "containers-policy.json(5)",
	  .severity = AUDIT_MEDIUM,
	  .run = check_policy },
	{ .id = "image.signed",
	  .title = "images have signatures",
	  .why = "a signature says who made it; one that lies on this host is that of cosign beside "
		 "the image, or in " SIGSTORE
		 ". It is not verified here, and that none is here says "
		 "little: a registry may have one, which image.policy makes engines ask for",
	  .fix = "cosign sign, and an engine or a cluster that verifies: image.policy",
	  .source = "cosign, containers-registries.d(5)",
	  .severity = AUDIT_LOW,
	  .run = check_signed },
	{ .id = "image.pinned",
	  .title = "containers are started from a digest",
	  .why = "a tag is whatever the registry says today; a digest is one image for ever",
	  .fix = "NAME@sha256:..., which docker inspect shows as RepoDigests",
	  .source = "Oakum",
	  .severity = AUDIT_LOW,
	  .run_container = check_pinned },
	{ .id = "image.age",
	  .title = "images are younger than ninety days",
	  .why = "an image keeps the flaws of the day when it was made",
	  .fix = "build it anew, or pull a younger one, and start its containers again",
	  .source = "Oakum",
	  .severity = AUDIT_LOW,
	  .run = check_age },
};

const struct audit_table audit_images = {
	.group = "images",
	.title = "Images (sections 4 and 6)",
	.source = AUDIT_BENCHMARK,
	AUDIT_ROWS(rows),
};
