/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/target.h"

#include <stdio.h>
#include <string.h>

#include "trust/canonical.h"

bool target_path_is_safe(const char *path)
{
	const char *p = path;

	if (!*path || strlen(path) >= TARGET_PATH_MAX)
		return false;
	for (; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	for (p = path;; p += strcspn(p, "/") + 1) {
		size_t n = strcspn(p, "/");

		if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && memcmp(p, "..", 2) == 0))
			return false;
		if (p[n] == '\0')
			return true;
	}
}

int target_parse(const char *path, const json_t *object, struct tuf_target *ret,
		 struct oak_error *err)
{
	const json_t *length = json_object_get(object, "length");
	const json_t *custom = json_object_get(object, "custom");
	struct tuf_target t = { .path = path, .custom = custom };
	int r;

	if (!target_path_is_safe(path))
		return oak_fail(err, OAK_E_FORMAT, "target '%.100s': not a safe relative path",
				path);
	if (!json_is_integer(length) || json_integer_value(length) < 0 ||
	    json_integer_value(length) > CANONICAL_INTEGER_MAX)
		return oak_fail(err, OAK_E_FORMAT, "target '%s': length: not a size", path);
	if (custom && !json_is_object(custom))
		return oak_fail(err, OAK_E_FORMAT, "target '%s': custom: not an object", path);
	t.length = (uint64_t)json_integer_value(length);
	r = hashes_parse(json_object_get(object, "hashes"), &t.hashes, err);
	if (r < 0)
		return oak_context(err, "target '%s'", path);
	*ret = t;
	return 0;
}

bool target_find(const json_t *targets, const char *path, struct tuf_target *ret)
{
	void *at = json_object_iter_at((json_t *)(uintptr_t)targets, path);

	return at &&
	       target_parse(json_object_iter_key(at), json_object_iter_value(at), ret, NULL) == 0;
}

bool target_next(const json_t *targets, struct tuf_target_iter *it, struct tuf_target *ret)
{
	/* jansson's iterators want a pointer to non-const and change nothing. */
	json_t *o = (json_t *)(uintptr_t)targets;

	it->at = it->started ? json_object_iter_next(o, it->at) : json_object_iter(o);
	it->started = true;
	/* Every target was parsed once with its metadata, so this cannot fail. */
	return it->at && target_parse(json_object_iter_key(it->at), json_object_iter_value(it->at),
				      ret, NULL) == 0;
}

int tuf_target_check(const struct tuf_target *target, const void *data, size_t len,
		     struct oak_error *err)
{
	const char *from = target->from ? target->from : "targets.json";

	if (len != target->length)
		return oak_fail(err, OAK_E_TRUST, "%s: %zu bytes, but %s says %llu", target->path,
				len, from, (unsigned long long)target->length);
	return hashes_check(&target->hashes, target->path, from, data, len, err);
}

char *target_file(const struct tuf_target *target, bool consistent)
{
	const char *slash = strrchr(target->path, '/');
	const char *name = slash ? slash + 1 : target->path;
	const char *hash = target->hashes.sha256 ? target->hashes.sha256 : target->hashes.sha512;
	char *file;

	if (!consistent)
		return strdup(target->path);
	if (asprintf(&file, "%.*s%s.%s", (int)(name - target->path), target->path, hash, name) < 0)
		return NULL;
	return file;
}
