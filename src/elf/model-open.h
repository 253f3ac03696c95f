/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model-open: two files and their models, read side by side.
 *
 * Reading takes longer than comparing, and the sides know nothing of each other.
 */
#ifndef OAK_ELF_MODEL_OPEN_H
#define OAK_ELF_MODEL_OPEN_H

#include "elf/model.h"

struct opened {
	struct obj *obj;
	struct model *model; /* of @obj, which has to outlive it */
};

/**
 * model_open_pair() - read two objects and build their models, on two processors where there are
 * @sizes: as for model_build_sized()
 * @ret: zeroed by the caller, who frees what is in it, also after a failure
 *
 * Errors: those of object_open() and model_build(), with the path before; of two the first file's.
 */
int model_open_pair(const char *const paths[2], const struct special_sizes *sizes,
		    struct opened ret[2], struct oak_error *err) _must_check_;

#endif
