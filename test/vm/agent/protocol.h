/*
 * What the host and the guest's agent say to each other over one virtio-serial port.
 *
 * Owns the numbers; client.mjs and frames.mjs hold the same ones on the host's side. All integers
 * are little-endian.
 *
 *   hello  := token[16] nonce[8]           either way, outside any frame
 *   frame  := type:u8 zero[3] length:u32 payload[length]
 *
 * The token is drawn at random for each boot, so that it never occurs in data: wherever it is
 * seen, whatever was before it is void and a new session begins. That is how both sides recover
 * from a client that was killed in the middle of a frame.
 */
#ifndef SRIOV_VM_PROTOCOL_H
#define SRIOV_VM_PROTOCOL_H

enum {
	TOKEN_SIZE = 16,
	NONCE_SIZE = 8,
	HELLO_SIZE = TOKEN_SIZE + NONCE_SIZE,
	HEADER_SIZE = 8,
	PAYLOAD_MAX = 1 << 21,   /* as much as execve takes for arguments and environment */
	DATA_MAX = 32 * 1024,    /* what one virtio-serial write carries */
	STDIN_WINDOW = 256 * 1024 /* bytes of input the host may have sent that the command has not taken */
};

enum frame_type {
	/* host to guest */
	FRAME_START = 'S',    /* flags:u32 rows:u16 columns:u16 argc:u32 envc:u32 cwd\0 argv\0... env\0... */
	FRAME_STDIN = 'I',    /* bytes; none means end of file */
	FRAME_SIGNAL = 'K',   /* number:u32 scope:u32 */
	FRAME_WINDOW = 'W',   /* rows:u16 columns:u16 */
	FRAME_POWEROFF = 'Q', /* empty */
	/* guest to host */
	FRAME_STDOUT = 'O',
	FRAME_STDERR = 'E',
	FRAME_TAKEN = 'A', /* bytes:u32 of input that the command took */
	FRAME_EXIT = 'X'   /* status:u32, as a shell says it: 128 + signal for a killed command */
};

enum { START_TTY = 1 };
enum { SCOPE_GROUP = 0, SCOPE_EVERYTHING = 1 };

#endif
