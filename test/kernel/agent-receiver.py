"""The service manager's end of NOTIFY_SOCKET, which Node has no sockets for: prints each message as a line of JSON.

    python3 agent-receiver.py PATH
"""
import json
import socket
import sys

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print(json.dumps("listening"), flush=True)
while True:
    print(json.dumps(receiver.recv(65536).decode()), flush=True)
