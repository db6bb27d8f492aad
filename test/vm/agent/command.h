/*
 * The one command that runs on the host's behalf.
 *
 * Owns its process id, its pipes or pseudo-terminal, and the input it has not taken yet. Must
 * never run two at a time, and never wait for one: its end is told by command_reaped.
 */
#ifndef SRIOV_VM_COMMAND_H
#define SRIOV_VM_COMMAND_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { COMMAND_POLL_MAX = 3 };

/* Starts what a FRAME_START says. On a malformed one, or if fork fails, sends the exit itself. */
void command_start(const uint8_t *payload, uint32_t length);

bool command_running(void);

/* Fills in what to poll for. With `may_read` false only its input is. Returns how many. */
int command_poll(struct pollfd *fds, bool may_read);
void command_ready(const struct pollfd *fds, int count);

void command_input(const uint8_t *bytes, uint32_t length);
void command_signal(int number, uint32_t scope);
void command_window(uint16_t rows, uint16_t columns);

/* A child of ours has ended. If it is the command: sends its last output and its exit. */
void command_reaped(pid_t pid, int wait_status);

/* Kills it and all else that runs in the guest, and forgets it without a word. */
void command_abandon(void);

#endif
