"""A SOCKS5 UDP client, and a forwarder that takes any UDP program through it."""
import contextlib
import socket
import struct
import threading

from farm import FIRST_PORT, Socks5


def packed(host, port):
    """ATYP, address, port as RFC 1928 has them."""
    for kind, family in ((1, socket.AF_INET), (4, socket.AF_INET6)):
        with contextlib.suppress(OSError):
            return bytes([kind]) + socket.inet_pton(family, host) + struct.pack(">H", port)
    return bytes([3, len(host)]) + host.encode() + struct.pack(">H", port)


def unpacked(data):
    """(host, port) and what follows."""
    size = {1: 4, 4: 16}[data[0]]
    family = {1: socket.AF_INET, 4: socket.AF_INET6}[data[0]]
    host = socket.inet_ntop(family, data[1:1 + size])
    return (host, struct.unpack(">H", data[1 + size:3 + size])[0]), data[3 + size:]


class UdpAssociation:
    """`reply` is the code of the answer; without a 0 there is no `socket`."""

    def __init__(self, port=FIRST_PORT, limit=10):
        self.control = Socks5(port)
        assert self.control.log_in() == 0
        self.control.socket.sendall(b"\x05\x03\x00" + packed("0.0.0.0", 0))
        answer = self.control.read(10)
        self.reply = answer[1]
        if self.reply == 0:
            self.relay, _ = unpacked(answer[3:])
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("127.0.0.1", 0))
            self.socket.settimeout(limit)

    def send(self, payload, host, port, fragment=0):
        self.socket.sendto(bytes([0, 0, fragment]) + packed(host, port) + payload, self.relay)

    def receive(self):
        """(payload, (host, port)); TimeoutError when nothing comes."""
        data, sender = self.socket.recvfrom(65535)
        assert sender == self.relay and data[:3] == bytes(3), (sender, data[:3])
        source, payload = unpacked(data[3:])
        return payload, source

    def ended(self):
        """Waits for the end of the connection."""
        try:
            return self.control.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.control.close()
        if self.reply == 0:
            self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Forwarder:
    """A UDP port on loopback that leads to one target through an association."""

    def __init__(self, association, host, port):
        self.association = association
        self.target = (host, port)
        self.local = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.local.bind(("127.0.0.1", 0))
        self.port = self.local.getsockname()[1]
        self.client = None
        self.threads = [threading.Thread(target=one, daemon=True)
                        for one in (self.there, self.back)]
        for thread in self.threads:
            thread.start()

    def there(self):
        with contextlib.suppress(OSError):
            while True:
                data, self.client = self.local.recvfrom(65535)
                self.association.send(data, *self.target)

    def back(self):
        with contextlib.suppress(OSError):
            while True:
                payload, _ = self.association.receive()
                self.local.sendto(payload, self.client)

    def close(self):
        self.local.close()
