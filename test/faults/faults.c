/*
 * Makes system calls of one process fail, or kills the process at one of them. Loaded with LD_PRELOAD.
 *
 * Counts calls, from 1, in the order in which the process makes them (all threads, one counter):
 *   store     write, writev, pwrite, pwritev, fsync, fdatasync, ftruncate on files below FAULTS_PATH, and msync of
 *             their mappings
 *   netlink   send, sendto, sendmsg, sendmmsg on NETLINK_ROUTE sockets
 *
 * Environment:
 *   FAULTS_PATH     directory whose files count, as the kernel writes it (no symbolic links); absent: no files
 *   FAULTS_NETLINK  1: netlink counts; absent or 0: it does not
 *   FAULTS_AT       the call at which something happens; absent or 0: nothing ever does, calls are only counted
 *   FAULTS_DO       "kill-before" or "kill-after" that call (SIGKILL), or the number of an errno that it fails with,
 *                   without being made
 *   FAULTS_TIMES    how many calls from FAULTS_AT on fail; default 1; 0: all of them. Kills need no more than one.
 *   FAULTS_REPORT   file that gets, when the process exits by itself, one line for each kind of call,
 *                   "store pwrite 12", and "total 57"
 *
 * Only calls that go through libc's symbols are seen; io_uring and raw system calls are not. A call that is made to
 * fail has no effect: short writes are not played. Children are not affected: LD_PRELOAD is taken out of the
 * environment at start. Copies made by zygote.c are: they read FAULTS_* anew and count from 1.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FAIL, KILL_BEFORE, KILL_AFTER };

static const char *const NAMES[] = {
  "store write", "store writev", "store pwrite", "store pwritev", "store fsync", "store fdatasync", "store ftruncate",
  "store msync", "netlink send", "netlink sendto", "netlink sendmsg", "netlink sendmmsg",
};
enum { WRITE, WRITEV, PWRITE, PWRITEV, FSYNC, FDATASYNC, FTRUNCATE, MSYNC, SEND, SENDTO, SENDMSG, SENDMMSG, KINDS };

static char path[PATH_MAX];
static size_t path_length;
static int netlink, action = FAIL, error_number;
static long at, times = 1;
static char report[PATH_MAX];
static atomic_long total, of_kind[KINDS];

static long number(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text != NULL && *text != '\0' ? strtol(text, NULL, 10) : otherwise;
}

/* Also called by zygote.c in each copy. */
__attribute__((constructor)) void faults_begin(void) {
  atomic_store(&total, 0);
  for (int kind = 0; kind < KINDS; kind++) atomic_store(&of_kind[kind], 0);
  path_length = 0;
  error_number = 0;
  action = FAIL;
  const char *text = getenv("FAULTS_PATH");
  if (text != NULL) path_length = (size_t)snprintf(path, sizeof path, "%s", text);
  text = getenv("FAULTS_REPORT");
  if (text != NULL) snprintf(report, sizeof report, "%s", text);
  netlink = number("FAULTS_NETLINK", 0) == 1;
  at = number("FAULTS_AT", 0);
  times = number("FAULTS_TIMES", 1);
  text = getenv("FAULTS_DO");
  if (text != NULL && strcmp(text, "kill-before") == 0) action = KILL_BEFORE;
  else if (text != NULL && strcmp(text, "kill-after") == 0) action = KILL_AFTER;
  else error_number = (int)number("FAULTS_DO", 0);
  if (at > 0 && action == FAIL && error_number <= 0) {
    fprintf(stderr, "faults: FAULTS_DO must be kill-before, kill-after or an errno\n");
    abort();
  }
  unsetenv("LD_PRELOAD");
}

/* Also called by zygote.c before a copy ends. */
__attribute__((destructor)) void faults_end(void) {
  if (report[0] == '\0') return;
  FILE *file = fopen(report, "w");
  if (file == NULL) return;
  for (int kind = 0; kind < KINDS; kind++) {
    long count = atomic_load(&of_kind[kind]);
    if (count > 0) fprintf(file, "%s %ld\n", NAMES[kind], count);
  }
  fprintf(file, "total %ld\n", atomic_load(&total));
  fclose(file);
}

/* V8 keeps its heap out of copies of a process (fork), which zygote.c needs whole. */
int madvise(void *address, size_t size, int advice) {
  static int (*real)(void *, size_t, int);
  if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "madvise");
  return advice == MADV_DONTFORK ? 0 : real(address, size, advice);
}

static int is_below(const char *name) {
  return path_length > 0 && strncmp(name, path, path_length) == 0 && name[path_length] == '/';
}

static int is_store(int fd) {
  if (path_length == 0) return 0;
  char link[64], name[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (length < 0) return 0;
  name[length] = '\0';
  return is_below(name);
}

static int is_netlink(int fd) {
  int domain = 0, protocol = -1;
  socklen_t size = sizeof domain;
  if (!netlink || getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_NETLINK) return 0;
  size = sizeof protocol;
  return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == NETLINK_ROUTE;
}

static int is_store_mapping(const void *address) {
  if (path_length == 0) return 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  if (maps == NULL) return 0;
  char line[PATH_MAX + 128];
  int found = 0;
  while (!found && fgets(line, sizeof line, maps) != NULL) {
    uintptr_t first, last;
    char name[PATH_MAX] = "";
    if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %4095[^\n]", &first, &last, name) < 2) continue;
    found = (uintptr_t)address >= first && (uintptr_t)address < last && is_below(name);
  }
  fclose(maps);
  return found;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* Counts a call. Nonzero: it must fail, errno is set. `*last`: die after it. */
static int count(int kind, int *last) {
  long now = atomic_fetch_add(&total, 1) + 1;
  atomic_fetch_add(&of_kind[kind], 1);
  *last = 0;
  if (at <= 0 || now < at) return 0;
  if (action == KILL_BEFORE) die();
  if (action == KILL_AFTER) {
    *last = 1;
    return 0;
  }
  if (times != 0 && now >= at + times) return 0;
  errno = error_number;
  return 1;
}

/* One definition for all: the real function, found once, between counting and dying. */
#define CALL(kind, counts, type, name, parameters, arguments)         \
  type name parameters {                                              \
    static type(*real) parameters;                                    \
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, #name);      \
    int last = 0;                                                     \
    if ((counts) && count(kind, &last)) return -1;                    \
    type result = real arguments;                                     \
    if (last) die();                                                  \
    return result;                                                    \
  }

CALL(WRITE, is_store(fd), ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
CALL(WRITEV, is_store(fd), ssize_t, writev, (int fd, const struct iovec *parts, int n), (fd, parts, n))
CALL(PWRITE, is_store(fd), ssize_t, pwrite, (int fd, const void *data, size_t size, off_t offset),
     (fd, data, size, offset))
CALL(PWRITE, is_store(fd), ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t offset),
     (fd, data, size, offset))
CALL(PWRITEV, is_store(fd), ssize_t, pwritev, (int fd, const struct iovec *parts, int n, off_t offset),
     (fd, parts, n, offset))
CALL(PWRITEV, is_store(fd), ssize_t, pwritev64, (int fd, const struct iovec *parts, int n, off64_t offset),
     (fd, parts, n, offset))
CALL(FSYNC, is_store(fd), int, fsync, (int fd), (fd))
CALL(FDATASYNC, is_store(fd), int, fdatasync, (int fd), (fd))
CALL(FTRUNCATE, is_store(fd), int, ftruncate, (int fd, off_t size), (fd, size))
CALL(FTRUNCATE, is_store(fd), int, ftruncate64, (int fd, off64_t size), (fd, size))
CALL(MSYNC, is_store_mapping(address), int, msync, (void *address, size_t size, int flags), (address, size, flags))
CALL(SEND, is_netlink(fd), ssize_t, send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags))
CALL(SENDTO, is_netlink(fd), ssize_t, sendto,
     (int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length),
     (fd, data, size, flags, to, length))
CALL(SENDMSG, is_netlink(fd), ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
CALL(SENDMMSG, is_netlink(fd), int, sendmmsg, (int fd, struct mmsghdr *messages, unsigned int n, int flags),
     (fd, messages, n, flags))
