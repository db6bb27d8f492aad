#define _GNU_SOURCE
#include "port.h"

#include "protocol.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct buffer {
	uint8_t *bytes;
	size_t start, end, capacity;
};

static int port_fd = -1;
static uint8_t hello[HELLO_SIZE];
static bool in_step; /* whether the input is known to be at a frame's start */
static struct buffer input, output;

uint32_t read_u32(const uint8_t *b) { return b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24; }
uint16_t read_u16(const uint8_t *b) { return (uint16_t)(b[0] | b[1] << 8); }
void write_u32(uint8_t *b, uint32_t v)
{
	for (int i = 0; i < 4; i++) b[i] = (uint8_t)(v >> (8 * i));
}

static void buffer_reserve(struct buffer *buffer, size_t more)
{
	if (buffer->start > 0) {
		memmove(buffer->bytes, buffer->bytes + buffer->start, buffer->end - buffer->start);
		buffer->end -= buffer->start;
		buffer->start = 0;
	}
	if (buffer->capacity - buffer->end >= more) return;
	buffer->capacity = buffer->end + more;
	buffer->bytes = realloc(buffer->bytes, buffer->capacity);
	if (!buffer->bytes) abort(); /* ends PID 1, so the kernel panics and the host hears of it */
}

static void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
	if (length == 0) return;
	buffer_reserve(buffer, length);
	memcpy(buffer->bytes + buffer->end, bytes, length);
	buffer->end += length;
}

/* udev is not there to make /dev/virtio-ports, so the name is looked up in sysfs. */
int port_open(const char *name, const uint8_t *token)
{
	const char *folder = "/sys/class/virtio-ports";
	DIR *dir = opendir(folder);
	if (!dir) return -1;
	struct dirent *entry;
	while (port_fd < 0 && (entry = readdir(dir))) {
		char path[512], found[64] = "";
		snprintf(path, sizeof path, "%s/%s/name", folder, entry->d_name);
		FILE *file = fopen(path, "re");
		if (!file) continue;
		if (fscanf(file, "%63s", found) == 1 && strcmp(found, name) == 0) {
			snprintf(path, sizeof path, "/dev/%s", entry->d_name);
			port_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		}
		fclose(file);
	}
	closedir(dir);
	memcpy(hello, token, TOKEN_SIZE);
	return port_fd;
}

bool port_fill(void)
{
	for (;;) {
		buffer_reserve(&input, DATA_MAX);
		ssize_t got = read(port_fd, input.bytes + input.end, DATA_MAX);
		if (got < 0) return errno == EAGAIN || errno == EINTR;
		if (got == 0) return false; /* virtio_console.c, port_fops_read: no data and no host */
		input.end += (size_t)got;
		if (input.end - input.start > PAYLOAD_MAX) return true;
	}
}

enum port_event port_next(struct frame *frame)
{
	uint8_t *from = input.bytes + input.start;
	size_t length = input.end - input.start;
	uint8_t *token = length ? memmem(from, length, hello, TOKEN_SIZE) : NULL;
	if (token) {
		size_t after = (size_t)(from + length - token);
		if (after < HELLO_SIZE) return PORT_NOTHING;
		memcpy(hello, token, HELLO_SIZE);
		input.start += (size_t)(token - from) + HELLO_SIZE;
		in_step = true;
		return PORT_HELLO;
	}
	if (!in_step) {
		if (length >= TOKEN_SIZE) input.start = input.end - (TOKEN_SIZE - 1);
		return PORT_NOTHING;
	}
	if (length < HEADER_SIZE) return PORT_NOTHING;
	frame->type = from[0];
	frame->length = read_u32(from + 4);
	frame->payload = from + HEADER_SIZE;
	if (from[1] || from[2] || from[3] || frame->length > PAYLOAD_MAX) {
		in_step = false;
		return PORT_NOTHING;
	}
	if (length < HEADER_SIZE + (size_t)frame->length) return PORT_NOTHING;
	input.start += HEADER_SIZE + frame->length;
	return PORT_FRAME;
}

void port_reset(void)
{
	in_step = false;
	input.start = input.end = output.start = output.end = 0;
}

void port_send(uint8_t type, const void *payload, uint32_t length)
{
	uint8_t header[HEADER_SIZE] = {type};
	write_u32(header + 4, length);
	buffer_add(&output, header, sizeof header);
	buffer_add(&output, payload, length);
}

void port_send_hello(void)
{
	output.start = output.end = 0; /* what the last session did not fetch is nobody's */
	buffer_add(&output, hello, sizeof hello);
}

size_t port_queued(void) { return output.end - output.start; }

bool port_flush(void)
{
	while (port_queued() > 0) {
		ssize_t put = write(port_fd, output.bytes + output.start, port_queued());
		if (put < 0) return errno == EAGAIN || errno == EINTR;
		output.start += (size_t)put;
	}
	return true;
}
