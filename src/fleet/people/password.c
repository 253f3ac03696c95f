/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/password.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

#define PASSES   3
#define MEMORY   (UINT64_C(64) << 20)
#define PERIOD   4 /* a word of so many characters, over and over, is no password */
#define WAIT_MAX 1

_Static_assert(PASSWORD_HASH == crypto_pwhash_STRBYTES, "libsodium's size");

/* Nobody's: of these figures, so that it takes as long as anybody's. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=3,p=1$bm9ib2R5J3Mgc2FsdCE$"
			     "bm9ib2R5J3MgaGFzaCwgd2hpY2ggaXMgbm8gaGFzaC4";

/* Of 12 characters and more among those that are tried first everywhere. */
static const char *const common[] = {
	"passwordpassword", "password1234",
	"password12345",    "password123456",
	"password2024",     "password2025",
	"password2026",     "passw0rd1234",
	"p@ssw0rd1234",     "mypassword123",
	"administrator",    "administrator1",
	"adminadmin123",    "adminpassword",
	"admin1234567",     "changemechangeme",
	"changeme1234",     "changemenow!",
	"letmeinletmein",   "letmein12345",
	"welcome12345",     "welcometooakum",
	"iloveyou1234",     "iloveyouforever",
	"qwertyuiop12",     "qwertyuiop123",
	"qwertyqwerty",     "qwerty123456",
	"1q2w3e4r5t6y",     "1qaz2wsx3edc",
	"zaq12wsxcde3",     "qazwsxedcrfv",
	"q1w2e3r4t5y6",     "asdfghjkl123",
	"zxcvbnm12345",     "abcdefghijkl",
	"abc123abc123",     "abcd12345678",
	"1234567890ab",     "123456789abc",
	"0123456789ab",     "1234567891011",
	"123456789123",     "987654321098",
	"111122223333",     "121212121212",
	"123123123123",     "112233445566",
	"football1234",     "baseball1234",
	"basketball12",     "liverpool123",
	"princess1234",     "sunshine1234",
	"superman1234",     "batman123456",
	"dragon123456",     "monkey123456",
	"starwars1234",     "whatever1234",
	"trustno1trustno1", "secretsecret",
	"supersecret1",     "supersecret123",
	"defaultpassword",  "rootrootroot",
	"toor12345678",     "oakumoakumoakum",
	"oakum-server",     "correcthorsebatterystaple",
};

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t left;
	unsigned inside, waiting;
};

/* State, but of the process alone: its memory. */
static struct gate *the_gate(void)
{
	static struct gate gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0 };

	return &gate;
}

static int enter(struct oak_error *err)
{
	struct gate *g = the_gate();
	bool full;

	(void)pthread_mutex_lock(&g->lock);
	full = g->inside >= PASSWORD_AT_ONCE && g->waiting >= WAIT_MAX;
	if (!full) {
		g->waiting++;
		while (g->inside >= PASSWORD_AT_ONCE)
			(void)pthread_cond_wait(&g->left, &g->lock);
		g->waiting--;
		g->inside++;
	}
	(void)pthread_mutex_unlock(&g->lock);
	if (!full)
		return 0;
	if (err)
		err->retry_s = 1;
	(void)oak_fail(err, OAK_E_AGAIN, "too many sign in at once: try again in a second");
	if (err)
		err->retry_s = 1;
	return -OAK_E_AGAIN;
}

static void leave(void)
{
	struct gate *g = the_gate();

	(void)pthread_mutex_lock(&g->lock);
	g->inside--;
	(void)pthread_cond_signal(&g->left);
	(void)pthread_mutex_unlock(&g->lock);
}

int password_hash(const char *password, char ret[PASSWORD_HASH], struct oak_error *err)
{
	int r = enter(err);

	if (r < 0)
		return r;
	r = crypto_pwhash_str_alg(ret, password, strlen(password), PASSES, MEMORY,
				  crypto_pwhash_ALG_ARGON2ID13);
	leave();
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}

int password_verify(const char *hash, const char *password, struct oak_error *err)
{
	bool known = hash && hash[0];
	char text[PASSWORD_HASH] = { 0 }; /* libsodium reads all of it */
	int r = enter(err);

	if (r < 0)
		return r;
	(void)snprintf(text, sizeof(text), "%s", known ? hash : nobody);
	r = crypto_pwhash_str_verify(text, password, strlen(password));
	leave();
	return r < 0 || !known ? oak_fail(err, OAK_E_REFUSED, "the password is not the right one")
			       : 0;
}

/* Characters of UTF-8, as far as they are any; -1: control characters, or none of UTF-8. */
static long count_characters(const char *text)
{
	long n = 0;
	int more = 0;

	for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
		if (*s < ' ' || *s == 0x7f || (more && (*s & 0xc0) != 0x80) || *s >= 0xf8)
			return -1;
		if (more) {
			more--;
			continue;
		}
		if ((*s & 0xc0) == 0x80)
			return -1;
		more = *s < 0x80 ? 0 : *s < 0xe0 ? 1 : *s < 0xf0 ? 2 : 3;
		n++;
	}
	return more ? -1 : n;
}

/* "aaaaaaaaaaaa", "abababababab" */
static bool repeats(const char *text)
{
	size_t len = strlen(text);

	for (size_t period = 1; period <= PERIOD && period < len; period++)
		if (memcmp(text, text + period, len - period) == 0)
			return true;
	return false;
}

/* "abcdefghijkl", "987654321098": each is the neighbour of the one before. */
static bool runs(const char *text)
{
	for (int step = -1; step <= 1; step += 2) {
		size_t i = 1;

		while (text[i] && (text[i] == text[i - 1] + step ||
				   (step == 1 && text[i - 1] == '9' && text[i] == '0') ||
				   (step == -1 && text[i - 1] == '0' && text[i] == '9')))
			i++;
		if (!text[i])
			return true;
	}
	return false;
}

/* The name, alone or over and over, with what little may stand around it. */
static bool is_name(const char *text, const char *name)
{
	size_t len = strlen(name), left = strlen(text);

	if (len < 3)
		return false;
	for (const char *s = text; *s;) {
		if (strncasecmp(s, name, len) == 0) {
			left -= len;
			s += len;
		} else {
			s++;
		}
	}
	return left <= PERIOD && left < strlen(text);
}

int password_check(const char *password, const char *name, struct oak_error *err)
{
	long n = count_characters(password);

	if (n < 0)
		return oak_fail(err, OAK_E_FORMAT,
				"password: must be UTF-8 without control characters");
	if (n < (long)PASSWORD_MIN)
		return oak_fail(err, OAK_E_FORMAT, "password: must have at least %u characters",
				PASSWORD_MIN);
	if (strlen(password) > PASSWORD_MAX)
		return oak_fail(err, OAK_E_FORMAT, "password: must have at most %u bytes",
				PASSWORD_MAX);
	if (is_name(password, name))
		return oak_fail(err, OAK_E_FORMAT, "password: is little more than the name");
	if (repeats(password) || runs(password))
		return oak_fail(err, OAK_E_FORMAT, "password: is too regular");
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (strcasecmp(password, common[i]) == 0)
			return oak_fail(err, OAK_E_FORMAT,
					"password: is one that everybody tries first");
	return 0;
}

void password_make(char ret[PASSWORD_MADE])
{
	static const char digits[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* no l, o, 0, 1 */
	size_t n = 0;

	for (unsigned i = 0; i < 25; i++) {
		if (i && i % 5 == 0)
			ret[n++] = '-';
		ret[n++] = digits[randombytes_uniform(32)];
	}
	ret[n] = '\0';
}
