/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "softhsm.h"

#include <dlfcn.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/process.h"

static void must_run(const char *const *argv)
{
	_cleanup_(process_result_free) struct process_result result = { 0 };
	const struct process_options opt = { 0 };
	struct oak_error err = { .code = OAK_OK };
	int r = process_run(argv, &opt, &result, &err);

	if (r < 0 || result.status != 0)
		print_error("%s: %s%s\n", argv[0], err.msg, buf_str(&result.err));
	EXPECT(r == 0 && result.status == 0);
}

void softhsm_new(void)
{
	_cleanup_(freep) char *dir = path_join(test_dir(), "tokens");
	_cleanup_(freep) char *conf = path_join(test_dir(), "softhsm2.conf");
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	/* Never unloaded, so that reports of leaks name it; see softhsm.supp. */
	EXPECT(dlopen(SOFTHSM_MODULE, RTLD_NOW | RTLD_NODELETE));
	EXPECT(dir_make(AT_FDCWD, dir, &err) == 0);
	EXPECT(buf_printf(&text, "directories.tokendir = %s\nlog.level = ERROR\n", dir) == 0);
	EXPECT(file_write(AT_FDCWD, conf, text.data, text.len, 0600, &err) == 0);
	EXPECT(setenv("SOFTHSM2_CONF", conf, 1) == 0);
}

void softhsm_add_token(const char *label)
{
	const char *const argv[] = { "softhsm2-util", "--init-token", "--free", "--label",   label,
				     "--so-pin",      "5678",         "--pin",  SOFTHSM_PIN, NULL };

	must_run(argv);
}

void softhsm_add_key(const char *token, const char *label, const char *type)
{
	const char *const argv[] = { "pkcs11-tool",  "--module",   SOFTHSM_MODULE, "--token-label",
				     token,          "--login",    "--pin",        SOFTHSM_PIN,
				     "--keypairgen", "--key-type", type,           "--label",
				     label,          NULL };

	must_run(argv);
}
