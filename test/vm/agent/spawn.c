#define _GNU_SOURCE
#include "spawn.h"

#include "port.h"
#include "protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { START_FIXED = 16 };

struct start {
	bool tty;
	struct winsize size;
	char *cwd, **argv, **envp;
	char *strings, **pointers; /* owned */
};

static void start_free(struct start *start)
{
	free(start->strings);
	free(start->pointers);
}

static bool start_parse(struct start *start, const uint8_t *payload, uint32_t length)
{
	memset(start, 0, sizeof *start);
	if (length < START_FIXED) return false;
	start->tty = read_u32(payload) & START_TTY;
	start->size.ws_row = read_u16(payload + 4);
	start->size.ws_col = read_u16(payload + 6);
	uint32_t argc = read_u32(payload + 8), envc = read_u32(payload + 12);
	size_t size = length - START_FIXED;
	if (argc == 0 || argc > size || envc > size) return false;
	start->strings = malloc(size + 1);
	start->pointers = calloc((size_t)argc + envc + 2, sizeof *start->pointers);
	if (!start->strings || !start->pointers) return false;
	memcpy(start->strings, payload + START_FIXED, size);
	start->strings[size] = 0;

	char *at = start->strings, *end = start->strings + size;
	start->cwd = at;
	at += strlen(at) + 1;
	start->argv = start->pointers;
	start->envp = start->pointers + argc + 1;
	for (uint32_t i = 0; i < argc + envc; i++) {
		if (at >= end) return false;
		(i < argc ? start->argv : start->envp - argc)[i] = at;
		at += strlen(at) + 1;
	}
	return true;
}

static void run(const struct start *start)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	environ = start->envp;
	if (chdir(start->cwd)) {
		dprintf(2, "vm: cannot change to %s: %s\n", start->cwd, strerror(errno));
		_exit(126);
	}
	execvp(start->argv[0], start->argv);
	int error = errno;
	dprintf(2, "vm: cannot run %s: %s\n", start->argv[0], strerror(error));
	_exit(error == ENOENT ? 127 : 126);
}

static bool spawn_on_terminal(struct spawned *child, const struct start *start)
{
	int master;
	child->pid = forkpty(&master, NULL, NULL, &start->size);
	if (child->pid < 0) return false;
	if (child->pid == 0) run(start);
	fcntl(master, F_SETFD, FD_CLOEXEC);
	fcntl(master, F_SETFL, O_NONBLOCK);
	child->in = child->out = master;
	return true;
}

static bool spawn_on_pipes(struct spawned *child, const struct start *start)
{
	int pipes[3][2];
	for (int i = 0; i < 3; i++) {
		if (pipe2(pipes[i], O_CLOEXEC)) {
			while (i-- > 0) close(pipes[i][0]), close(pipes[i][1]);
			return false;
		}
	}
	child->pid = fork();
	if (child->pid == 0) {
		setsid();
		dup2(pipes[0][0], 0);
		dup2(pipes[1][1], 1);
		dup2(pipes[2][1], 2);
		run(start);
	}
	close(pipes[0][0]);
	close(pipes[1][1]);
	close(pipes[2][1]);
	child->in = pipes[0][1];
	child->out = pipes[1][0];
	child->err = pipes[2][0];
	/* Only our ends: the flag belongs to the open file, and each end of a pipe is its own. */
	fcntl(child->in, F_SETFL, O_NONBLOCK);
	fcntl(child->out, F_SETFL, O_NONBLOCK);
	fcntl(child->err, F_SETFL, O_NONBLOCK);
	return child->pid > 0;
}

bool spawn_from_frame(struct spawned *child, const uint8_t *payload, uint32_t length)
{
	struct start start;
	child->pid = child->in = child->out = child->err = -1;
	bool ok = start_parse(&start, payload, length) &&
	          (start.tty ? spawn_on_terminal(child, &start) : spawn_on_pipes(child, &start));
	start_free(&start);
	return ok;
}
