/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "trust/key-file.h"

#define FILE_BYTES_MAX 65536 /* only the first line matters */

/* What control keys send to a terminal that passes them on. */
#define KEY_INTERRUPT 0x03
#define KEY_END       0x04
#define KEY_BACKSPACE 0x08
#define KEY_ERASE     0x15
#define KEY_DELETE    0x7f

static int add_bytes(struct buf *ret, const void *data, size_t len, struct oak_error *err)
{
	/* All at once: a buffer that grows leaves copies behind. */
	if (buf_reserve(ret, PASSPHRASE_BYTES_MAX) < 0 || buf_add(ret, data, len) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int read_first_line(const char *path, const char *what, struct buf *ret,
			   struct oak_error *err)
{
	_cleanup_(secret_free) struct buf text = { 0 };
	const uint8_t *newline;
	size_t len;
	int r = secret_read(AT_FDCWD, path, what, FILE_BYTES_MAX, &text, err);

	if (r < 0)
		return r;
	newline = memchr(text.data, '\n', text.len);
	len = newline ? (size_t)(newline - text.data) : text.len;
	if (len == 0)
		return oak_fail(err, OAK_E_REFUSED,
				"%s: its first line is empty; it must be the passphrase", path);
	if (len > PASSPHRASE_BYTES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: its first line is longer than %d bytes",
				path, PASSPHRASE_BYTES_MAX);
	return add_bytes(ret, text.data, len, err);
}

/* The credential that systemd passes, on the heap; NULL: there is none. */
static char *credential(void)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	_cleanup_(freep) char *path = dir ? path_join(dir, "passphrase") : NULL;

	return path && file_exists(AT_FDCWD, path) ? take_ptr(path) : NULL;
}

/*
 * Reads the line that every question gets, where there is a file; p->line stays empty where
 * someone must be asked. Who may read a credential is systemd's affair: it sets an access list.
 */
static int load_line(struct cli_passphrase *p, struct oak_error *err)
{
	_cleanup_(freep) char *path = NULL;

	if (p->line.len)
		return 0;
	if (p->file)
		return read_first_line(strcmp(p->file, "-") == 0 ? "/dev/stdin" : p->file,
				       "passphrase", &p->line, err);
	path = credential();
	return path ? read_first_line(path, NULL, &p->line, err) : 0;
}

/* One typed character. False: the line has ended, *r says how. */
static bool take_char(uint8_t c, struct buf *ret, int *r, struct oak_error *err)
{
	switch (c) {
	case '\n':
	case '\r':
		return false;
	case KEY_INTERRUPT:
	case KEY_END:
		*r = oak_fail(err, OAK_E_FAILED, "cancelled");
		return false;
	case KEY_BACKSPACE:
	case KEY_DELETE:
		ret->len -= ret->len > 0;
		return true;
	case KEY_ERASE:
		ret->len = 0;
		return true;
	default:
		if (ret->len < PASSPHRASE_BYTES_MAX)
			*r = add_bytes(ret, &c, 1, err);
		return *r == 0;
	}
}

static int type_line(int tty, struct buf *ret, struct oak_error *err)
{
	int r = 0;
	uint8_t c;

	for (;;) {
		ssize_t n = read(tty, &c, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return oak_fail(err, OAK_E_FAILED, "cancelled");
		if (!take_char(c, ret, &r, err))
			break;
	}
	explicit_bzero(&c, sizeof(c));
	return r;
}

/* The terminal gets no signals meanwhile, or Ctrl-C would leave it without echo. */
static int prompt(const char *text, const char *what, struct buf *ret, struct oak_error *err)
{
	_cleanup_(closep) int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios old, quiet;
	int r;

	if (tty < 0 || tcgetattr(tty, &old) < 0)
		return oak_fail(err, OAK_E_REFUSED,
				"%s: its passphrase is needed; give --passphrase-file FILE, or run "
				"this on a terminal",
				what);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	/* What was typed before the question is dropped: it was meant for something else. */
	(void)tcsetattr(tty, TCSAFLUSH, &quiet);
	(void)dprintf(tty, "%s of %s: ", text, what);
	r = type_line(tty, ret, err);
	(void)tcsetattr(tty, TCSAFLUSH, &old);
	(void)dprintf(tty, "\n");
	return r;
}

static int ask(void *ctx, const char *what, bool again, struct buf *ret, struct oak_error *err)
{
	struct cli_passphrase *p = ctx;
	int r = load_line(p, err);

	if (r < 0)
		return r;
	if (p->line.len == 0)
		return prompt(again ? "Wrong. Passphrase" : "Passphrase or PIN", what, ret, err);
	if (again)
		return oak_fail(err, OAK_E_REFUSED, "%s: the passphrase in %s is wrong", what,
				p->file ? p->file : "the credential of systemd");
	return add_bytes(ret, p->line.data, p->line.len, err);
}

struct passphrase_source cli_passphrase_source(struct cli_passphrase *p)
{
	return (struct passphrase_source){ .ask = ask, .ctx = p };
}

int cli_passphrase_new(struct cli_passphrase *p, const char *what, struct buf *ret,
		       struct oak_error *err)
{
	_cleanup_(secret_free) struct buf repeated = { 0 };
	int r = load_line(p, err);

	if (r < 0)
		return r;
	if (p->line.len)
		return add_bytes(ret, p->line.data, p->line.len, err);
	r = prompt("New passphrase", what, ret, err);
	if (r == 0 && ret->len == 0)
		return oak_fail(err, OAK_E_REFUSED,
				"%s: the passphrase is empty; a key without one needs "
				"--no-passphrase",
				what);
	if (r == 0)
		r = prompt("The same again", what, &repeated, err);
	if (r == 0 && (ret->len != repeated.len || memcmp(ret->data, repeated.data, ret->len) != 0))
		r = oak_fail(err, OAK_E_REFUSED, "%s: the two passphrases differ; nothing was made",
			     what);
	return r;
}

void cli_passphrase_wipe(struct cli_passphrase *p)
{
	secret_free(&p->line);
}
