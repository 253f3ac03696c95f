/* SPDX-License-Identifier: GPL-2.0-or-later */
/* make-sign: the level's signature, where one is asked for. */
#include "build/make-priv.h"

#include <fcntl.h>

#include "build/sign.h"

#define CONFIG_MAX_BYTES (4u << 20)

int make_open_signer(struct maker *m)
{
	const struct make_options *opt = m->opt;

	return opt->sign_key ? sign_key_open(opt->sign_key, opt->sign_cert, opt->sign_pin,
					     &m->signer, m->err)
			     : 0;
}

int make_sign(struct maker *m, struct buf *module)
{
	_cleanup_(buf_free) struct buf config = { 0 };
	char hash[SIGN_HASH_MAX];
	int r;

	if (!m->signer)
		return 0;
	r = file_read(AT_FDCWD, m->k->config, CONFIG_MAX_BYTES, &config, m->err);
	if (r < 0)
		return r;
	sign_hash(buf_str(&config), hash);
	progress_step(m->progress, "signing for %s with %s", sign_key_name(m->signer), hash);
	return sign_module(m->signer, hash, module, m->err);
}
