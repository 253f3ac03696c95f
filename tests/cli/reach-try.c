/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reach-try: tries to get to parts of the kernel, each in a process of its own, as whoever runs it.
 * Prints "what yes" or "what no ERRNO". Run in real containers by reach-engines.sh, to hold what
 * oakum says against what happens. Static: a container has no libraries of ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <mqueue.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* 0, or -errno. */
static int answer(long r)
{
	return r < 0 ? -errno : 0;
}

static int family(int f, int type)
{
	return answer(socket(f, type, 0));
}

static int try_unix(void)
{
	return family(AF_UNIX, SOCK_STREAM);
}

static int try_inet(void)
{
	return family(AF_INET, SOCK_DGRAM);
}

static int try_netlink(void)
{
	return family(AF_NETLINK, SOCK_RAW);
}

static int try_alg(void)
{
	return family(38, SOCK_SEQPACKET);
}

static int try_vsock(void)
{
	return family(40, SOCK_STREAM);
}

static int try_can(void)
{
	return family(29, SOCK_RAW);
}

/* What needs a capability over a network namespace may make one first. */
static int try_packet(void)
{
	int r = family(AF_PACKET, SOCK_RAW);

	if (r == -EPERM && unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
		r = family(AF_PACKET, SOCK_RAW);
	return r;
}

/* To set the flags of a link, to what they are, asks for CAP_NET_ADMIN over its namespace. */
static int set_flags(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &r) < 0)
		return -errno;
	return answer(ioctl(fd, SIOCSIFFLAGS, &r));
}

static int try_net_admin(void)
{
	int r = set_flags();

	if (r == -EPERM && unshare(CLONE_NEWNET) == 0)
		r = set_flags();
	if (r == -EPERM && unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
		r = set_flags();
	return r;
}

static int try_netns(void)
{
	if (unshare(CLONE_NEWNET) == 0)
		return 0;
	return answer(unshare(CLONE_NEWUSER | CLONE_NEWNET));
}

static int mount_tmpfs(void)
{
	return answer(mount("t", "/tmp", "tmpfs", 0, NULL));
}

static int try_mount(void)
{
	int r;

	if (unshare(CLONE_NEWNS) == 0)
		return mount_tmpfs();
	r = answer(unshare(CLONE_NEWUSER | CLONE_NEWNS));
	return r < 0 ? r : mount_tmpfs();
}

static int try_bpf(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY };

	attr.key_size = 4;
	attr.value_size = 4;
	attr.max_entries = 1;
	return answer(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static int try_perf(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr) };

	attr.config = PERF_COUNT_SW_TASK_CLOCK;
	attr.exclude_kernel = 1;
	attr.exclude_hv = 1;
	return answer(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

static int try_keys(void)
{
	int r = answer(syscall(SYS_add_key, "user", "oakum-try", "x", 1, -2 /* of the process */));

	return r < 0 ? answer(syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -2, 1)) : r;
}

static int try_uring(void)
{
	struct io_uring_params p = { .flags = 0 };

	return answer(syscall(SYS_io_uring_setup, 1, &p));
}

static int try_userfaultfd(void)
{
	return answer(syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */));
}

static int try_fanotify(void)
{
	return answer(fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY));
}

static int try_shm(void)
{
	return answer(shmget(IPC_PRIVATE, 4096, 0600 | IPC_CREAT));
}

static int try_mqueue(void)
{
	char name[32];
	int r;

	(void)snprintf(name, sizeof(name), "/oakum-try-%d", (int)getpid());
	r = answer(mq_open(name, O_RDWR | O_CREAT, 0600, NULL));
	(void)mq_unlink(name);
	return r;
}

static int try_ptrace(void)
{
	return answer(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int try_mempolicy(void)
{
	return answer(syscall(SYS_mbind, NULL, 0, 0, NULL, 0, 0));
}

/* A node that is not there may be made. */
static int open_node(const char *path, unsigned minor)
{
	char made[64];
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	(void)snprintf(made, sizeof(made), "/oakum-try-%u", minor);
	if (mknod(made, S_IFCHR | 0600, makedev(10, minor)) < 0 && errno != EEXIST)
		return -1;
	return open(made, O_RDWR | O_CLOEXEC);
}

static int mount_fuse(int fd)
{
	char options[96];

	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	return answer(mount("f", "/tmp", "fuse", MS_NOSUID | MS_NODEV, options));
}

static int try_fuse(void)
{
	int fd = open_node("/dev/fuse", 229);

	if (fd < 0)
		return -errno;
	if (unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	return mount_fuse(fd);
}

static int try_tun(void)
{
	struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd;

	if (open("/dev/net/tun", O_RDWR | O_CLOEXEC) < 0 && open_node("/dev/net/tun", 200) < 0)
		return -errno;
	/* In a network namespace over which it has the capability. */
	if (set_flags() < 0 && unshare(CLONE_NEWNET) < 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return -errno;
	fd = open_node("/dev/net/tun", 200);
	return fd < 0 ? -errno : answer(ioctl(fd, TUNSETIFF, &r));
}

static int try_loop(void)
{
	int fd = open_node("/dev/loop-control", 237);

	return fd < 0 ? -errno : 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} tries[] = {
	{ "unix", try_unix },
	{ "inet", try_inet },
	{ "netlink", try_netlink },
	{ "alg", try_alg },
	{ "vsock", try_vsock },
	{ "can", try_can },
	{ "packet", try_packet },
	{ "net_admin", try_net_admin },
	{ "netns", try_netns },
	{ "mount", try_mount },
	{ "bpf", try_bpf },
	{ "perf", try_perf },
	{ "keys", try_keys },
	{ "uring", try_uring },
	{ "userfaultfd", try_userfaultfd },
	{ "fanotify", try_fanotify },
	{ "shm", try_shm },
	{ "mqueue", try_mqueue },
	{ "ptrace", try_ptrace },
	{ "mempolicy", try_mempolicy },
	{ "fuse", try_fuse },
	{ "tun", try_tun },
	{ "loop", try_loop },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		int status;
		pid_t pid;

		(void)fflush(stdout);
		pid = fork();
		if (pid == 0) {
			int r = tries[i].run();

			_exit(r == 0 ? 0 : -r < 255 ? -r : 254);
		}
		if (pid < 0 || waitpid(pid, &status, 0) < 0)
			return 1;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			printf("%s yes\n", tries[i].name);
		else
			printf("%s no %d\n", tries[i].name,
			       WIFEXITED(status) ? WEXITSTATUS(status) : 255);
	}
	return 0;
}
