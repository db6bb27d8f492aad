/*
 * The virtio-serial port as a stream of frames.
 *
 * Owns the port's descriptor, its two buffers and the search for the session token. Must never
 * block: the kernel's port is read and written only when poll(2) says so.
 */
#ifndef SRIOV_VM_PORT_H
#define SRIOV_VM_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame {
	uint8_t type;
	uint32_t length;
	const uint8_t *payload; /* valid until the next port_* call */
};

enum port_event { PORT_NOTHING, PORT_HELLO, PORT_FRAME };

/* Opens the port of that name. Returns its descriptor, or -1 while there is none. */
int port_open(const char *name, const uint8_t *token);

/* Reads what there is. False when the host has hung up. */
bool port_fill(void);

/* Takes the next thing that was read. Bytes that make no sense are dropped up to the next token. */
enum port_event port_next(struct frame *frame);

/* Forgets all that was read and not taken, and all that was queued and not written. */
void port_reset(void);

/* Queues a frame. */
void port_send(uint8_t type, const void *payload, uint32_t length);
void port_send_hello(void);

/* Bytes queued and not written. */
size_t port_queued(void);

/* Writes what the kernel takes without blocking. False when the host has hung up. */
bool port_flush(void);

uint32_t read_u32(const uint8_t *bytes);
uint16_t read_u16(const uint8_t *bytes);
void write_u32(uint8_t *bytes, uint32_t value);

#endif
