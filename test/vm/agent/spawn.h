/*
 * From a start frame to a running process.
 *
 * Owns the fork, the pipes or the pseudo-terminal, and the child's environment. Every descriptor
 * that it hands back is non-blocking and closed on exec.
 */
#ifndef SRIOV_VM_SPAWN_H
#define SRIOV_VM_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct spawned {
	pid_t pid; /* also the id of its session and process group */
	int in, out, err; /* -1 where there is none; with a terminal in and out are the same */
};

/* False if the frame is malformed or the kernel refuses; the descriptors may be open even then. */
bool spawn_from_frame(struct spawned *child, const uint8_t *payload, uint32_t length);

#endif
