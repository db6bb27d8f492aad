/*
 * The guest's process number 1: runs the host's commands and reaps what they leave.
 *
 * Owns the loop and the machine's end: it powers off when told, or after a time without a
 * session, so that a forgotten machine does not stay. Must never exit: that is a kernel panic,
 * which is how the host hears of a fault in here.
 */
#define _GNU_SOURCE
#include "command.h"
#include "port.h"
#include "protocol.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_HIGH = 256 * 1024 };

static time_t seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static _Noreturn void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	abort();
}

static void handle(const struct frame *frame)
{
	const uint8_t *bytes = frame->payload;
	switch (frame->type) {
	case FRAME_START: command_start(bytes, frame->length); break;
	case FRAME_STDIN: command_input(bytes, frame->length); break;
	case FRAME_SIGNAL:
		if (frame->length == 8) command_signal((int)read_u32(bytes), read_u32(bytes + 4));
		break;
	case FRAME_WINDOW:
		if (frame->length == 4) command_window(read_u16(bytes), read_u16(bytes + 2));
		break;
	case FRAME_POWEROFF: power_off();
	default: port_reset(); break;
	}
}

static void take_input(void)
{
	struct frame frame;
	for (enum port_event event; (event = port_next(&frame)) != PORT_NOTHING;) {
		if (event == PORT_FRAME) {
			handle(&frame);
		} else {
			command_abandon();
			port_send_hello();
		}
	}
}

static void reap(void)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) command_reaped(pid, status);
}

/* SIGIO tells of a host that connects or hangs up, which poll(2) shows only as POLLHUP's level. */
static int watch_signals(int port)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fcntl(port, F_SETOWN, getpid());
	fcntl(port, F_SETFL, O_NONBLOCK | O_ASYNC);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
	if (argc != 4 || strlen(argv[2]) != 2 * TOKEN_SIZE) return 64;
	uint8_t token[TOKEN_SIZE];
	for (int i = 0; i < TOKEN_SIZE; i++) sscanf(argv[2] + 2 * i, "%2hhx", &token[i]);
	time_t idle_limit = atol(argv[3]);
	struct rlimit files = {.rlim_cur = 1024, .rlim_max = 524288}; /* as systemd sets them */
	setrlimit(RLIMIT_NOFILE, &files);

	int port;
	while ((port = port_open(argv[1], token)) < 0) usleep(10000);
	int signals = watch_signals(port);
	bool connected = true;
	time_t last_used = seconds();

	for (;;) {
		struct pollfd fds[2 + COMMAND_POLL_MAX] = {{.fd = signals, .events = POLLIN}};
		/* Without a host POLLHUP is always on; so then only a signal or the clock wakes us. */
		fds[1].fd = connected ? port : -1;
		fds[1].events = (short)(POLLIN | (port_queued() ? POLLOUT : 0));
		int count = command_poll(fds + 2, port_queued() < OUTPUT_HIGH);
		poll(fds, (nfds_t)(2 + count), 1000);

		struct signalfd_siginfo info;
		while (read(signals, &info, sizeof info) > 0) continue;
		connected = port_fill();
		take_input();
		if (connected) {
			command_ready(fds + 2, count);
		} else {
			command_abandon();
			port_reset();
		}
		reap();
		if (connected) port_flush();

		if (connected) last_used = seconds();
		else if (seconds() - last_used > idle_limit) power_off();
	}
}
