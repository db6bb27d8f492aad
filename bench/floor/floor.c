// The floor: the least that a user of the kernel can spend to make these settings. Sends requests that were
// built before, waits for the acknowledgement of the last one, and does nothing else.
//
//   floor FILE    FILE: for each send its length as u32, then its bytes (see record.c)
//
// For each line on standard input it does that once and prints how many nanoseconds it took.
#include <errno.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { kMostSends = 64 };

static void die(const char *what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) die(path);
  long end = ftell(file);
  char *data = malloc((size_t)end);
  rewind(file);
  if (data == NULL || fread(data, 1, (size_t)end, file) != (size_t)end) die(path);
  fclose(file);
  *size = (size_t)end;
  return data;
}

static int open_socket(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  int on = 1, size = 1 << 20;
  if (fd < 0) die("socket");
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  return fd;
}

int main(int argc, char **argv) {
  const char *sends[kMostSends];
  size_t sizes[kMostSends], count = 0, size = 0;
  if (argc != 2) {
    fprintf(stderr, "usage: floor FILE\n");
    return 64;
  }
  char *data = read_file(argv[1], &size);
  for (size_t at = 0; at < size && count < kMostSends; ++count) {
    uint32_t length;
    memcpy(&length, data + at, sizeof length);
    sends[count] = data + at + sizeof length;
    sizes[count] = length;
    at += sizeof length + length;
  }
  int fd = open_socket();
  static char reply[65536];
  char line[16];
  while (fgets(line, sizeof line, stdin) != NULL) {
    const uint64_t start = now_ns();
    for (size_t i = 0; i < count; ++i) {
      if (send(fd, sends[i], sizes[i], 0) != (ssize_t)sizes[i]) die("send");
    }
    const ssize_t got = recv(fd, reply, sizeof reply, 0);
    const uint64_t took = now_ns() - start;
    const struct nlmsghdr *head = (const struct nlmsghdr *)reply;
    if (got < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) || head->nlmsg_type != NLMSG_ERROR) die("no acknowledgement");
    errno = -((const struct nlmsgerr *)NLMSG_DATA(head))->error;
    if (errno != 0) die("refused");
    printf("%llu\n", (unsigned long long)took);
    fflush(stdout);
  }
  return 0;
}
