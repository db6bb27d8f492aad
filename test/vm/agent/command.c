#define _GNU_SOURCE
#include "command.h"

#include "port.h"
#include "protocol.h"
#include "spawn.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct spawned child = {.pid = -1, .in = -1, .out = -1, .err = -1};
static uint8_t pending[STDIN_WINDOW];
static size_t pending_length;
static bool pending_eof;

static void close_fd(int *fd)
{
	if (*fd >= 0) close(*fd);
	*fd = -1;
}

static void forget(void)
{
	if (child.in == child.out) child.in = -1; /* a terminal is one descriptor under two names */
	close_fd(&child.in);
	close_fd(&child.out);
	close_fd(&child.err);
	child.pid = -1;
	pending_length = 0;
	pending_eof = false;
}

static void send_exit(uint32_t status)
{
	uint8_t bytes[4];
	write_u32(bytes, status);
	port_send(FRAME_EXIT, bytes, sizeof bytes);
}

bool command_running(void) { return child.pid > 0; }

void command_start(const uint8_t *payload, uint32_t length)
{
	if (command_running()) return;
	if (!spawn_from_frame(&child, payload, length)) {
		forget();
		send_exit(126);
	}
}

/* Passes on what one pipe holds. False at its end. */
static bool pump(int *fd, uint8_t type)
{
	uint8_t bytes[DATA_MAX - HEADER_SIZE];
	ssize_t got = read(*fd, bytes, sizeof bytes);
	if (got > 0) {
		port_send(type, bytes, (uint32_t)got);
		return true;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
	/* End of file, or EIO from a terminal whose other side is closed. */
	if (fd == &child.out && child.in == child.out) child.in = -1;
	close_fd(fd);
	return false;
}

static void feed(void)
{
	while (pending_length > 0 && child.in >= 0) {
		ssize_t put = write(child.in, pending, pending_length);
		if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
		/* A command that closed its input: the rest counts as taken, or the host would wait. */
		size_t taken = put < 0 ? pending_length : (size_t)put;
		memmove(pending, pending + taken, pending_length - taken);
		pending_length -= taken;
		uint8_t count[4];
		write_u32(count, (uint32_t)taken);
		port_send(FRAME_TAKEN, count, sizeof count);
	}
	if (pending_eof && pending_length == 0 && child.in != child.out) close_fd(&child.in);
}

int command_poll(struct pollfd *fds, bool may_read)
{
	int count = 0;
	if (may_read && child.out >= 0) fds[count++] = (struct pollfd){.fd = child.out, .events = POLLIN};
	if (may_read && child.err >= 0) fds[count++] = (struct pollfd){.fd = child.err, .events = POLLIN};
	if (pending_length > 0 && child.in >= 0) fds[count++] = (struct pollfd){.fd = child.in, .events = POLLOUT};
	return count;
}

void command_ready(const struct pollfd *fds, int count)
{
	for (int i = 0; i < count; i++) {
		if (!fds[i].revents || fds[i].fd < 0) continue;
		if (fds[i].events == POLLOUT) feed();
		else if (fds[i].fd == child.out) pump(&child.out, FRAME_STDOUT);
		else if (fds[i].fd == child.err) pump(&child.err, FRAME_STDERR);
	}
}

void command_input(const uint8_t *bytes, uint32_t length)
{
	if (!command_running() || length > sizeof pending - pending_length) return;
	if (length == 0) pending_eof = true;
	else memcpy(pending + pending_length, bytes, length);
	pending_length += length;
	if (child.in < 0 && pending_length > 0) {
		uint8_t count[4];
		write_u32(count, (uint32_t)pending_length);
		port_send(FRAME_TAKEN, count, sizeof count);
		pending_length = 0;
	}
	feed();
}

void command_signal(int number, uint32_t scope)
{
	/* kill(2): -1 from PID 1 is every process but itself. */
	if (scope == SCOPE_EVERYTHING) kill(-1, number);
	else if (command_running()) kill(-child.pid, number);
}

void command_window(uint16_t rows, uint16_t columns)
{
	struct winsize size = {.ws_row = rows, .ws_col = columns};
	if (child.out >= 0 && child.in == child.out) ioctl(child.out, TIOCSWINSZ, &size);
}

void command_reaped(pid_t pid, int wait_status)
{
	if (pid != child.pid) return;
	/*
	 * What it wrote before it ended is in the pipes; what a process it left behind writes later
	 * is not waited for.
	 */
	while (child.out >= 0 && pump(&child.out, FRAME_STDOUT)) continue;
	while (child.err >= 0 && pump(&child.err, FRAME_STDERR)) continue;
	forget();
	send_exit(WIFSIGNALED(wait_status) ? 128u + (uint32_t)WTERMSIG(wait_status)
	                                   : (uint32_t)WEXITSTATUS(wait_status));
}

void command_abandon(void)
{
	if (!command_running()) return;
	kill(-1, SIGKILL);
	forget();
}
