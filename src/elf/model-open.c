/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/model-open.h"

#include <pthread.h>

struct job {
	const char *path;
	const struct special_sizes *sizes;
	struct opened *ret;
	struct oak_error *err;
	int r;
};

static void *open_one(void *arg)
{
	struct job *j = arg;

	j->r = object_open(j->path, &j->ret->obj, j->err);
	if (j->r < 0)
		return NULL;
	j->r = model_build_sized(j->ret->obj, j->sizes, &j->ret->model, j->err);
	if (j->r < 0)
		j->r = oak_context(j->err, "%s", j->path);
	return NULL;
}

int model_open_pair(const char *const paths[2], const struct special_sizes *sizes,
		    struct opened ret[2], struct oak_error *err)
{
	struct oak_error second = { 0 };
	struct job jobs[2] = {
		{ .path = paths[0], .sizes = sizes, .ret = &ret[0], .err = err },
		{ .path = paths[1], .sizes = sizes, .ret = &ret[1], .err = &second },
	};
	pthread_t thread;
	bool alone = pthread_create(&thread, NULL, open_one, &jobs[1]) != 0;

	(void)open_one(&jobs[0]);
	if (alone)
		(void)open_one(&jobs[1]);
	else
		(void)pthread_join(thread, NULL);
	if (jobs[0].r == 0 && jobs[1].r < 0)
		*err = second;
	return jobs[0].r < 0 ? jobs[0].r : jobs[1].r;
}
